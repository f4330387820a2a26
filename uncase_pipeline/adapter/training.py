"""Trains one adapter, from the exported rows to a folder. Knows the whole run, and nothing of Dagster.

A run that was killed goes on from its last checkpoint; the steps that the kill threw away stay counted, so the
number of noisy steps over all attempts never passes the plan.
"""

import math
import time
from typing import Any

from uncase_pipeline.adapter.accountant import cost_of
from uncase_pipeline.adapter.attacks.control import control_findings
from uncase_pipeline.adapter.attacks.suite import People, attack, subject_of
from uncase_pipeline.adapter.attacks.verdict import judge
from uncase_pipeline.adapter.base import Base, open_base
from uncase_pipeline.adapter.contract import AdapterSettings, Audit, Learning, TrainingJob, TrainingResult
from uncase_pipeline.adapter.crew import Crew, helpers, join
from uncase_pipeline.adapter.dataset import people_of
from uncase_pipeline.adapter.ledger import Ledger
from uncase_pipeline.adapter.lora import adapter_of, versions, write_adapter
from uncase_pipeline.adapter.material import Material, read_material, real_examples
from uncase_pipeline.adapter.measure import peak_memory_mb
from uncase_pipeline.adapter.plan import Plan, make_plan
from uncase_pipeline.adapter.progress import Progress, Report, StepCounter
from uncase_pipeline.adapter.statement import state_privacy
from uncase_pipeline.adapter.trainers import Assignment, last_checkpoint, step_of, take_steps
from uncase_pipeline.adapter.twin import loss_of_twin
from uncase_pipeline.adapter.utility import Utility

ADAPTER_FOLDER = "adapter"


def train(job: TrainingJob, report: Report) -> TrainingResult:
    """Train, measure, attack and write the adapter of one job."""
    with helpers(job):
        return lead(job, join(job.settings.training.processes), report)


def lead(job: TrainingJob, crew: Crew, report: Report) -> TrainingResult:
    """Do all that one process alone does, and its share of the steps."""
    settings, started = job.settings, time.monotonic()
    base = _opened(job)
    material = read_material(job, base.tokenizer)
    plan = _plan(job, base, material)
    counter, ledger = StepCounter(job.work / "released"), Ledger(job.ledger)
    booking = book(ledger, job, plan, material, counter)
    crew.wait()
    model = adapter_of(base, job)
    real = real_examples(job, base.tokenizer)
    utility = Utility(model, material, real, base.tokenizer.pad_token_id, settings.training.dpo_beta)
    resumed = last_checkpoint(job)
    task = Assignment(job, model, base.tokenizer, material, plan, counter, crew)
    seconds = run_steps(task, utility, report)
    ledger.settle(booking, counter.released if plan.sigma else plan.steps)
    learning = utility.learning()
    write_adapter(model, base, job.work / ADAPTER_FOLDER)
    within = ledger.within(booking, job.start.job) if job.start else []
    privacy = state_privacy(
        job, plan, material.trained_units, counter, ledger.earlier(booking), within=within
    )
    trainable = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    peak = peak_memory_mb()
    audited = audit(job, model, base, material, privacy.epsilon) if settings.attacks.enabled else None
    return TrainingResult(
        job_id=job.id,
        domain=job.domain,
        dataset_version=job.dataset_version,
        settings=settings,
        learning=_with_twin(learning, task, base, utility),
        privacy=privacy,
        audit=audited,
        rows_in=len(material.rows) + len(material.refused),
        rows_left_out=material.left_out,
        rows_shortened=material.shortened,
        digests={**base.digests, "dataset": job.dataset_digest},
        versions=versions(),
        base=base.name,
        base_note=base.note,
        started_from=job.start.version if job.start else None,
        revision=base.revision,
        trainable_parameters=trainable,
        peak_memory_mb=peak,
        tokens_per_second=tokens_seen(material, plan, settings) / max(seconds, 1e-9),
        seconds=time.monotonic() - started,
        mlflow_run=None,
        resumed_from=step_of(resumed),
    )


def assist(job: TrainingJob) -> None:
    """Take a share of the steps of a run that another process leads."""
    crew = join(job.settings.training.processes)
    base = _opened(job)
    crew.wait()
    material = read_material(job, base.tokenizer)
    plan = _plan(job, base, material)
    model = adapter_of(base, job)
    task = Assignment(job, model, base.tokenizer, material, plan, StepCounter(job.work / "released"), crew)
    take_steps(task, [])


def _opened(job: TrainingJob) -> Base:
    settings = job.settings
    return open_base(
        settings.base_model,
        cache=job.cache,
        revision=settings.revision,
        quantization=settings.quantization,
        dtype=settings.training.dtype,
    )


def _plan(job: TrainingJob, base: Base, material: Material) -> Plan:
    units, rows = len(set(material.trained_units)), len(material.trained)
    size = sum(weight.numel() for weight in base.model.parameters())
    return make_plan(job.settings, units=units, rows=rows, base_size=size, secrets=len(material.secrets))


def run_steps(task: Assignment, utility: Utility, report: Report) -> float:
    """Take the steps that are left, and return the seconds that they took."""
    plan = task.plan

    def measure(_step: int) -> dict[str, float]:
        figures = {"held_out_loss": utility.held_out_loss(), "peak_memory_mb": peak_memory_mb()}
        if plan.sigma:
            spent = (plan.sigma, plan.rate, task.counter.released)
            figures["epsilon"] = cost_of([spent], plan.delta).epsilon
        return figures

    callbacks = [Progress(task.job.settings.training.evaluate_every, measure, report)]
    started = time.monotonic()
    take_steps(task, callbacks)
    return time.monotonic() - started


def audit(job: TrainingJob, model: Any, base: Base, material: Material, epsilon: float | None) -> Audit:
    """Attack the adapter, and one that is made to overfit."""
    settings = job.settings
    length, seed = settings.training.max_length, settings.training.seed
    pairs = settings.training.objective == "dpo"
    everybody = People(material.examples, material.units, material.held_out, material.held_out_units)
    people = everybody.some(settings.attacks.rows, seed)
    subject = subject_of(model, base.tokenizer, people, material.canaries, length, pairs=pairs)
    findings = attack(subject, settings.attacks, seed)
    control = None
    if settings.attacks.positive_control:
        control = control_findings(
            model.unload(), base.tokenizer, settings.attacks, seed,
            digests=base.digests, work=job.work, cache=job.cache, pairs=pairs,
        )  # fmt: skip
    return judge(findings, control, settings.attacks, epsilon)


def _with_twin(learning: Learning, task: Assignment, base: Base, utility: Utility) -> Learning:
    """Add the held-out loss of the twin, where one was asked for."""
    privacy = task.job.settings.privacy
    if not (privacy.enabled and privacy.twin):
        return learning
    base.model = task.model.unload()
    fresh = adapter_of(base, task.job)
    return learning.model_copy(update={"loss_twin": loss_of_twin(task, fresh, utility)})


def book(ledger: Ledger, job: TrainingJob, plan: Plan, material: Material, counter: StepCounter) -> int:
    """Book the run before its first step; a run that goes on after a kill was booked when it began.

    Raises:
        UncaseError: ``privacy-budget-spent``.
    """
    begun = ledger.last_booking(job.id) if counter.begun else None
    if begun is not None:
        return begun
    booking = ledger.book(
        population=job.domain,
        job=job.id,
        objective=job.settings.training.objective,
        planned=(plan.sigma, plan.rate, plan.steps),
        delta=plan.delta or 1e-5,
        members=[*people_of(material.rows), *job.pairs.booked],
        units=plan.units,
        cap=job.settings.privacy.epsilon_cap if plan.sigma else math.inf,
    )
    counter.begin()
    return booking


def tokens_seen(material: Material, plan: Plan, settings: AdapterSettings) -> float:
    """Return how many tokens went through the model in training, as expected from the plan."""
    tokens = sum(example.length for example in material.trained)
    if plan.sigma:
        share = min(1.0, (settings.training.rows_per_unit or math.inf) * plan.units / len(material.trained))
        return float(tokens * plan.rate * plan.steps * share)
    return float(tokens * plan.steps * settings.training.batch / len(material.trained))
