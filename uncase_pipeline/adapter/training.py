"""Trains one adapter, from the exported rows to a folder. Knows the whole run, and nothing of Dagster.

A run that was killed goes on from its last checkpoint; the steps that the kill threw away stay counted, so the
number of noisy steps over all attempts never passes the plan.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import peft
from transformers.trainer_utils import get_last_checkpoint
from trl.trainer.sft_trainer import SFTConfig, SFTTrainer

from uncase_pipeline.adapter.accountant import cost_of
from uncase_pipeline.adapter.base import Base, open_base
from uncase_pipeline.adapter.batches import UnitRows
from uncase_pipeline.adapter.contract import AdapterSettings, Learning, TrainingJob, TrainingResult
from uncase_pipeline.adapter.dataset import Row, people_of, read_rows, units_of
from uncase_pipeline.adapter.encode import Example, encode_rows
from uncase_pipeline.adapter.ledger import Ledger
from uncase_pipeline.adapter.measure import adapter_norm, mean_loss, peak_memory_mb
from uncase_pipeline.adapter.plan import Plan, make_plan
from uncase_pipeline.adapter.progress import Progress, Report, StepCounter
from uncase_pipeline.adapter.statement import state_privacy
from uncase_pipeline.adapter.trainer import PrivateSFTTrainer
from uncase_pipeline.errors import UncaseError

ADAPTER_FOLDER = "adapter"


@dataclass(slots=True)
class Material:
    """What a run trains and is measured on."""

    rows: list[Row]
    examples: list[Example]
    units: list[int]
    held_out: list[Example]

    @property
    def tokens(self) -> int:
        """Tokens of one pass over the training rows."""
        return sum(len(example.ids) for example in self.examples)


def train(job: TrainingJob, report: Report) -> TrainingResult:
    """Train, measure and write the adapter of one job."""
    settings, started = job.settings, time.monotonic()
    base = open_base(
        settings.base_model,
        cache=job.cache,
        revision=settings.revision,
        quantization=settings.quantization,
        dtype=settings.training.dtype,
    )
    material = read_material(job.dataset, base.tokenizer, settings)
    size = sum(weight.numel() for weight in base.model.parameters())
    plan = make_plan(settings, units=len(set(material.units)), rows=len(material.examples), base_size=size)
    counter, ledger = StepCounter(job.work / "released"), Ledger(job.ledger)
    booking = book(ledger, job, plan, material, counter)
    model = with_adapter(base, settings)
    before = mean_loss(model, material.held_out, base.tokenizer.pad_token_id)
    trainer, resumed = make_trainer(job, model, base, material, plan, counter, report)
    training_started = time.monotonic()
    trainer.train(resume_from_checkpoint=resumed)
    ledger.settle(booking, steps_taken(plan, counter))
    seconds = time.monotonic() - training_started
    after = mean_loss(model, material.held_out, base.tokenizer.pad_token_id)
    write_adapter(model, base, job.work / ADAPTER_FOLDER)
    return TrainingResult(
        job_id=job.id,
        learning=Learning(
            held_out_rows=len(material.held_out),
            loss_before=before,
            loss_after=after,
            weights_moved=adapter_norm(model),
        ),
        privacy=state_privacy(job, plan, material.units, counter.released, ledger.earlier(booking)),
        rows_in=len(material.rows),
        rows_left_out=left_out(material),
        digests=base.digests,
        versions=versions(),
        base=base.name,
        base_note=base.note,
        revision=base.revision,
        trainable_parameters=sum(p.numel() for p in model.parameters() if p.requires_grad),
        peak_memory_mb=peak_memory_mb(),
        tokens_per_second=trained_tokens(material, plan, settings) / seconds,
        seconds=time.monotonic() - started,
        mlflow_run=None,
        resumed_from=step_of(resumed),
    )


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


def steps_taken(plan: Plan, counter: StepCounter) -> int:
    """Return the steps that are charged: those counted under privacy, all of them without."""
    return counter.released if plan.sigma else plan.steps


def read_material(folder: Path, tokenizer: Any, settings: AdapterSettings) -> Material:
    """Read and encode the training and held-out rows.

    Raises:
        UncaseError: ``no-training-rows``, ``no-held-out-rows``.
    """
    rows = read_rows(folder, "train")
    options = {
        "max_length": settings.training.max_length,
        "assistant_only": settings.training.assistant_only_loss,
    }
    examples = encode_rows(rows, tokenizer, **options)
    held_out = encode_rows(read_rows(folder, "validation") or read_rows(folder, "test"), tokenizer, **options)
    for found, name in ((examples, "training"), (held_out, "held-out")):
        if not found:
            raise UncaseError(
                f"no-{name}-rows",
                f"The exported dataset has no {name} row that teaches anything.",
                "Bring more conversations with an assistant turn, then materialize exported_datasets again.",
            )
    units = units_of(rows)
    return Material(rows, examples, [units[example.row] for example in examples], held_out)


def with_adapter(base: Base, settings: AdapterSettings) -> Any:
    """Give the base a fresh LoRA adapter."""
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
        base.model = peft.prepare_model_for_kbit_training(
            base.model, use_gradient_checkpointing=settings.training.gradient_checkpointing != "off"
        )
    return peft.get_peft_model(base.model, config)


def make_trainer(
    job: TrainingJob,
    model: Any,
    base: Base,
    material: Material,
    plan: Plan,
    counter: StepCounter,
    report: Report,
) -> tuple[Any, str | None]:
    """Build the trainer of a job, and name the checkpoint that it goes on from."""
    checkpoints = job.work / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    resumed = get_last_checkpoint(str(checkpoints))
    steps = plan.steps - max(0, counter.released - step_of(resumed)) if plan.sigma else plan.steps
    arguments = trainer_arguments(job.settings, checkpoints, plan, steps)
    pad = base.tokenizer.pad_token_id

    def measure(step: int) -> dict[str, float]:
        figures = {
            "held_out_loss": mean_loss(model, material.held_out, pad),
            "peak_memory_mb": peak_memory_mb(),
        }
        if plan.sigma:
            spent = [(plan.sigma, plan.rate, counter.released)]
            figures["epsilon"] = cost_of(spent, plan.delta).epsilon
        return figures

    common = {
        "model": model,
        "args": arguments,
        "train_dataset": as_dataset(material.examples),
        "processing_class": base.tokenizer,
        "callbacks": [Progress(job.settings.training.evaluate_every, measure, report)],
    }
    if not plan.sigma:
        return SFTTrainer(**common), resumed
    trainer = PrivateSFTTrainer(**common)
    rows = UnitRows(material.examples, material.units)
    trainer.prepare(rows, plan, job.settings.training.micro_batch, counter.count)
    return trainer, resumed


def trainer_arguments(settings: AdapterSettings, folder: Path, plan: Plan, steps: int) -> SFTConfig:
    """Return TRL's arguments: nothing is packed, accumulated, clipped or reported behind our back."""
    import torch

    training, private, gpu = settings.training, bool(plan.sigma), torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=training.micro_batch if private else training.batch,
        gradient_accumulation_steps=1,
        learning_rate=plan.learning_rate,
        lr_scheduler_type="constant" if private else "linear",
        adam_beta2=0.99,
        weight_decay=0.0,
        max_grad_norm=0.0 if private else 1.0,
        bf16=gpu and training.dtype != "float32",
        use_cpu=not gpu,
        gradient_checkpointing=training.gradient_checkpointing != "off",
        gradient_checkpointing_kwargs={"use_reentrant": training.gradient_checkpointing == "reentrant"},
        max_length=None,
        packing=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        save_steps=training.checkpoint_every,
        save_total_limit=1,
        ignore_data_skip=private,
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
        seed=training.seed,
    )


def as_dataset(examples: Sequence[Example]) -> Any:
    """Return encoded examples as TRL takes them; in memory, so that nothing is cached on disk."""
    from datasets import Dataset

    return Dataset.from_dict(
        {
            "input_ids": [example.ids for example in examples],
            "labels": [example.labels for example in examples],
        }
    )


def write_adapter(model: Any, base: Base, folder: Path) -> None:
    """Write adapter and tokenizer; the configuration names the base as the user did, not as a path."""
    model.peft_config["default"].base_model_name_or_path = base.name
    model.peft_config["default"].revision = base.revision
    model.save_pretrained(folder)
    base.tokenizer.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)


def left_out(material: Material) -> dict[str, str]:
    """Return the rows that no token was learned from."""
    used = {example.row for example in material.examples}
    return {
        row.conversation_id: "nothing-to-learn"
        for number, row in enumerate(material.rows)
        if number not in used
    }


def trained_tokens(material: Material, plan: Plan, settings: AdapterSettings) -> float:
    """Return how many tokens went through the model in training, as expected from the plan."""
    passes = (
        plan.rate * plan.steps
        if plan.sigma
        else plan.steps * settings.training.batch / len(material.examples)
    )
    return material.tokens * passes


def step_of(checkpoint: str | None) -> int:
    """Return the step of a checkpoint folder, 0 where there is none."""
    return int(checkpoint.rpartition("-")[2]) if checkpoint else 0


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
