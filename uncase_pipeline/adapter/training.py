"""Trains one adapter, from the exported rows to a folder. Knows the whole run, and nothing of Dagster.

A run that was killed goes on from its last checkpoint; the steps that the kill threw away stay counted, so the
number of noisy steps over all attempts never passes the plan.
"""

import math
import time
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter.accountant import cost_of
from uncase_pipeline.adapter.attacks.control import overfit_subject
from uncase_pipeline.adapter.attacks.suite import People, attack, subject_of
from uncase_pipeline.adapter.attacks.verdict import judge
from uncase_pipeline.adapter.base import Base, open_base
from uncase_pipeline.adapter.contract import AdapterSettings, Audit, TrainingJob, TrainingResult
from uncase_pipeline.adapter.dataset import people_of
from uncase_pipeline.adapter.ledger import Ledger
from uncase_pipeline.adapter.material import Material, read_material, real_examples
from uncase_pipeline.adapter.measure import peak_memory_mb
from uncase_pipeline.adapter.plan import Plan, make_plan
from uncase_pipeline.adapter.progress import Progress, Report, StepCounter
from uncase_pipeline.adapter.statement import state_privacy
from uncase_pipeline.adapter.trainer import refuse_many_processes
from uncase_pipeline.adapter.trainers import Assignment, last_checkpoint, make_trainer, step_of
from uncase_pipeline.adapter.utility import Utility

ADAPTER_FOLDER = "adapter"


def train(job: TrainingJob, report: Report) -> TrainingResult:
    """Train, measure, attack and write the adapter of one job."""
    settings, started = job.settings, time.monotonic()
    if settings.privacy.enabled:
        refuse_many_processes()
    base = open_base(
        settings.base_model,
        cache=job.cache,
        revision=settings.revision,
        quantization=settings.quantization,
        dtype=settings.training.dtype,
    )
    material = read_material(job, base.tokenizer)
    size = sum(weight.numel() for weight in base.model.parameters())
    plan = make_plan(
        settings, units=len(set(material.trained_units)), rows=len(material.trained), base_size=size
    )
    counter, ledger = StepCounter(job.work / "released"), Ledger(job.ledger)
    booking = book(ledger, job, plan, material, counter)
    model = with_adapter(base, settings)
    utility = Utility(model, material, real_examples(job, base.tokenizer), base.tokenizer.pad_token_id)
    resumed = last_checkpoint(job)
    task = Assignment(job, model, base.tokenizer, material, plan, counter)
    seconds = run_steps(task, utility, report)
    ledger.settle(booking, counter.released if plan.sigma else plan.steps)
    learning = utility.learning()
    write_adapter(model, base, job.work / ADAPTER_FOLDER)
    privacy = state_privacy(job, plan, material.trained_units, counter, ledger.earlier(booking))
    trainable = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    return TrainingResult(
        job_id=job.id,
        domain=job.domain,
        dataset_version=job.dataset_version,
        settings=settings,
        learning=learning,
        privacy=privacy,
        audit=audit(job, model, base, material, privacy.epsilon) if settings.attacks.enabled else None,
        rows_in=len(material.rows),
        rows_left_out=material.left_out,
        digests={**base.digests, "dataset": job.dataset_digest},
        versions=versions(),
        base=base.name,
        base_note=base.note,
        revision=base.revision,
        trainable_parameters=trainable,
        peak_memory_mb=peak_memory_mb(),
        tokens_per_second=tokens_seen(material, plan, settings) / max(seconds, 1e-9),
        seconds=time.monotonic() - started,
        mlflow_run=None,
        resumed_from=step_of(resumed),
    )


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
    trainer = make_trainer(task, callbacks)
    started = time.monotonic()
    trainer.train(resume_from_checkpoint=last_checkpoint(task.job))
    return time.monotonic() - started


def audit(
    job: TrainingJob, model: Any, base: Base, material: Material, epsilon: float | None
) -> Audit | None:
    """Attack the adapter, and one that is made to overfit."""
    settings = job.settings
    if settings.training.objective == "dpo":
        return None
    length, seed = settings.training.max_length, settings.training.seed
    people = People(material.examples, material.units, material.held_out).some(settings.attacks.rows, seed)
    subject = subject_of(model, base.tokenizer, people, material.canaries, length)
    findings = attack(subject, settings.attacks, seed)
    control = None
    if settings.attacks.positive_control:
        planted = overfit_subject(model.unload(), base.tokenizer, job.work, seed)
        control = attack(planted, settings.attacks, seed)
    return judge(findings, control, settings.attacks, epsilon)


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
        members=people_of(material.rows),
        units=plan.units,
        cap=job.settings.privacy.epsilon_cap if plan.sigma else math.inf,
    )
    counter.begin()
    return booking


def with_adapter(base: Base, settings: AdapterSettings) -> Any:
    """Give the base a fresh LoRA adapter."""
    import peft
    import torch

    torch.manual_seed(settings.training.seed)
    config = peft.LoraConfig(
        r=settings.lora.r,
        lora_alpha=settings.lora.alpha,
        lora_dropout=settings.lora.dropout,
        target_modules=settings.lora.targets,
        task_type="CAUSAL_LM",
    )
    if settings.quantization != "none":
        base.model = peft.prepare_model_for_kbit_training(  # type: ignore[no-untyped-call]
            base.model, use_gradient_checkpointing=settings.training.gradient_checkpointing != "off"
        )
    return peft.get_peft_model(base.model, config)


def write_adapter(model: Any, base: Base, folder: Path) -> None:
    """Write adapter and tokenizer; the configuration names the base as the user did, not as a path."""
    model.peft_config["default"].base_model_name_or_path = base.name
    model.peft_config["default"].revision = base.revision
    model.save_pretrained(folder, save_embedding_layers=False)
    base.tokenizer.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)


def tokens_seen(material: Material, plan: Plan, settings: AdapterSettings) -> float:
    """Return how many tokens went through the model in training, as expected from the plan."""
    tokens = sum(example.length for example in material.trained)
    if plan.sigma:
        share = min(1.0, (settings.training.rows_per_unit or math.inf) * plan.units / len(material.trained))
        return float(tokens * plan.rate * plan.steps * share)
    return float(tokens * plan.steps * settings.training.batch / len(material.trained))


def versions() -> dict[str, str]:
    """Return the versions of what the adapter was trained with."""
    from importlib.metadata import version

    names = (
        "torch",
        "transformers",
        "trl",
        "peft",
        "opacus",
        "bitsandbytes",
        "accelerate",
        "uncase-pipeline",
    )
    return {name: version(name) for name in names}
