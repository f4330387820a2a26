"""Learning from preference pairs (DPO), private or not. Knows TRL's trainer and pairs, not where they come from.

The reference is what the adapter started from: the base without it, or a frozen copy of a published adapter.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DPOTrainer

from uncase_pipeline.adapter.encode import IGNORED, Example, Pair
from uncase_pipeline.adapter.lora import START, as_reference
from uncase_pipeline.adapter.trainer import PrivateSteps
from uncase_pipeline.adapter.trainers import Assignment


class EncodedDPOTrainer(DPOTrainer):
    """TRL's trainer on pairs that were encoded already; its copy of a fresh adapter is dropped."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        model: Any = self.model
        if "ref" in model.peft_config and START not in model.peft_config:
            model.delete_adapter("ref")

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset


class PrivateDPOTrainer(PrivateSteps, EncodedDPOTrainer):
    """The same with private steps: a pair is a row, and its gradient is that of both its answers."""

    copies = 2

    def row_losses(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return the loss of each pair (Rafailov et al. 2023, equation 7)."""
        model: Any = self.accelerator.unwrap_model(self.model)
        options: Any = self.args
        policy = sequence_log_probs(model, inputs)
        with torch.no_grad(), as_reference(model):
            reference = sequence_log_probs(model, inputs)
        won, lost = (policy - reference).chunk(2)
        losses: Tensor = -torch.nn.functional.logsigmoid(options.beta * (won - lost))
        return losses


def sequence_log_probs(model: Any, inputs: dict[str, Tensor]) -> Tensor:
    """Return the log-probability of each sequence's answer."""
    outputs = model(**inputs, use_cache=False, fused_lm_head=True)
    total: Tensor = outputs.log_probs.sum(1)
    return total


def preference_trainer(task: Assignment, callbacks: Sequence[Any]) -> Any:
    """Build the trainer of a job that learns from pairs."""
    training = task.job.settings.training
    arguments = DPOConfig(**task.arguments(), beta=training.dpo_beta, max_length=training.max_length)
    build = PrivateDPOTrainer if task.plan.sigma else EncodedDPOTrainer
    trainer = build(
        model=task.model,
        args=arguments,
        train_dataset=pair_dataset(task.material.trained),
        processing_class=task.tokenizer,
        callbacks=list(callbacks),
    )
    return task.private(trainer) if task.plan.sigma else trainer


def pair_dataset(pairs: Sequence[Pair]) -> Any:
    """Return encoded pairs as TRL takes them."""
    from datasets import Dataset

    rows = [_columns(pair) for pair in pairs]
    return Dataset.from_dict({name: [row[name] for row in rows] for name in rows[0]})


def _columns(pair: Pair) -> dict[str, list[int]]:
    start = answer_start(pair.chosen)
    return {
        "prompt_ids": pair.chosen.ids[:start],
        "chosen_ids": pair.chosen.ids[start:],
        "rejected_ids": pair.rejected.ids[start:],
    }


def answer_start(example: Example) -> int:
    """Return where the answer begins."""
    return next(at for at, label in enumerate(example.labels) if label != IGNORED)
