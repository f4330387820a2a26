"""Builds the TRL trainer of a job: supervised or by preference, private or not. Knows TRL's options."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transformers.trainer_utils import get_last_checkpoint
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from uncase_pipeline.adapter.batches import UnitRows
from uncase_pipeline.adapter.contract import TrainingJob
from uncase_pipeline.adapter.crew import Crew
from uncase_pipeline.adapter.encode import Example
from uncase_pipeline.adapter.lora import load_weights
from uncase_pipeline.adapter.material import Material
from uncase_pipeline.adapter.plan import Plan
from uncase_pipeline.adapter.progress import StepCounter
from uncase_pipeline.adapter.trainer import PrivateSFTTrainer
from uncase_pipeline.errors import UncaseError

Trainer = Any


def last_checkpoint(job: TrainingJob) -> str | None:
    """Return the checkpoint that a killed run left, None for a fresh one."""
    folder = job.work / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    found: str | None = get_last_checkpoint(str(folder))  # type: ignore[no-untyped-call]
    return found


def step_of(checkpoint: str | None) -> int:
    """Return the step of a checkpoint folder, 0 where there is none."""
    return int(checkpoint.rpartition("-")[2]) if checkpoint else 0


def steps_to_reach(plan: Plan, checkpoint: str | None, counter: StepCounter) -> int:
    """Return the step at which to stop, so that all attempts together take no more noisy steps than planned.

    Steps after the checkpoint were lost with the process that took them, but their results were seen: they count.
    """
    if not plan.sigma:
        return plan.steps
    return step_of(checkpoint) + max(0, plan.steps - counter.released)


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a trainer is built for.

    Attributes:
        job: Settings and working folder.
        model: The base with its fresh adapter.
        tokenizer: Of the base.
        material: What it trains on.
        plan: In figures.
        counter: Of its noisy steps.
        crew: The processes that train.
        checkpoints: Whether weights are written while it trains.
    """

    job: TrainingJob
    model: Any
    tokenizer: Any
    material: Material
    plan: Plan
    counter: StepCounter
    crew: Crew = field(default_factory=Crew)
    checkpoints: bool = True

    def arguments(self) -> dict[str, Any]:
        """Return TRL's arguments that both objectives share."""
        steps = steps_to_reach(self.plan, last_checkpoint(self.job), self.counter)
        arguments = common_arguments(self.job, self.plan, steps)
        return arguments if self.checkpoints else {**arguments, "save_strategy": "no"}

    def private(self, trainer: Trainer) -> Trainer:
        """Hand a private trainer its units, its plan and the counter of its steps."""
        rows = UnitRows(self.material.trained, self.material.trained_units)
        training = self.job.settings.training
        trainer.prepare(
            rows,
            self.plan,
            training.micro_batch,
            lambda: self.counter.count(self.plan.steps),
            rows_per_unit=training.rows_per_unit,
            after_check=self.counter.count_checked,
            crew=self.crew,
        )
        return trainer


def take_steps(task: Assignment, callbacks: Sequence[Any]) -> None:
    """Take the steps that are left; where none is, the last checkpoint is the adapter.

    Raises:
        UncaseError: ``no-checkpoint`` where all steps were taken and none of their results is left.
    """
    checkpoint = last_checkpoint(task.job)
    if checkpoint is not None:
        load_weights(task.model, Path(checkpoint))
    if step_of(checkpoint) < steps_to_reach(task.plan, checkpoint, task.counter):
        make_trainer(task, callbacks).train(resume_from_checkpoint=checkpoint)
    elif checkpoint is None:
        raise UncaseError(
            "no-checkpoint",
            f"All {task.plan.steps} noisy steps of this job were taken, and no checkpoint of them is left.",
            "Train it anew with `retrain: true`, which spends again.",
        )


def make_trainer(task: Assignment, callbacks: Sequence[Any]) -> Trainer:
    """Build the trainer of a job."""
    if task.job.settings.training.objective == "dpo":
        from uncase_pipeline.adapter.preference import preference_trainer

        return preference_trainer(task, callbacks)
    arguments = SFTConfig(
        **task.arguments(),
        max_length=None,
        packing=False,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
    build = PrivateSFTTrainer if task.plan.sigma else SFTTrainer
    trainer = build(
        model=task.model,
        args=arguments,
        train_dataset=as_dataset(task.material.trained),
        processing_class=task.tokenizer,
        callbacks=list(callbacks),
    )
    return task.private(trainer) if task.plan.sigma else trainer


def common_arguments(job: TrainingJob, plan: Plan, steps: int) -> dict[str, Any]:
    """Return TRL's arguments: nothing is accumulated, clipped or reported behind our back."""
    import torch

    training, private, gpu = job.settings.training, bool(plan.sigma), torch.cuda.is_available()
    return {
        "output_dir": str(job.work / "checkpoints"),
        "max_steps": steps,
        "per_device_train_batch_size": training.micro_batch
        if private
        else math.ceil(training.batch / training.processes),
        "gradient_accumulation_steps": 1,
        "learning_rate": plan.learning_rate,
        "lr_scheduler_type": "constant" if private else "linear",
        "adam_beta2": 0.99,
        "weight_decay": 0.0,
        "max_grad_norm": 0.0 if private else 1.0,
        "bf16": gpu and training.dtype != "float32",
        "use_cpu": not gpu,
        "gradient_checkpointing": training.gradient_checkpointing != "off",
        "gradient_checkpointing_kwargs": {"use_reentrant": training.gradient_checkpointing == "reentrant"},
        "save_steps": training.checkpoint_every,
        "save_total_limit": 1,
        "ignore_data_skip": private,
        "logging_strategy": "no",
        "report_to": [],
        "disable_tqdm": True,
        "seed": training.seed,
    }


def as_dataset(examples: Sequence[Example]) -> Any:
    """Return encoded examples as TRL takes them; in memory, so that nothing is cached on disk."""
    from datasets import Dataset

    return Dataset.from_dict(
        {
            "input_ids": [example.ids for example in examples],
            "labels": [example.labels for example in examples],
        }
    )
