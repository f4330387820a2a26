"""DP-SGD inside TRL: one training step is one Poisson-sampled logical batch. Knows TRL, not where rows come from.

The loss is the mean per conversation. TRL's own divides by the tokens of the whole batch, and one person's length
would then move everybody's gradient, past the bound that the noise is made for.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from uncase_pipeline.adapter.batches import UnitRows, logical_batches
from uncase_pipeline.adapter.crew import Crew
from uncase_pipeline.adapter.encode import IGNORED
from uncase_pipeline.adapter.leaf import LeafLora
from uncase_pipeline.adapter.mechanism import SecretNoise, UnitSum, carries_noise
from uncase_pipeline.adapter.plan import Plan
from uncase_pipeline.errors import UncaseError

SILENT = ("loss", "grad_norm", "train_loss")


class PrivateSteps:
    """Replaces a trainer's step by a private one. Mixed into a TRL trainer, before it.

    Attributes:
        leaf: Hands out per-sample copies of the LoRA matrices.
        copies: Sequences of a row that go through the model: 2 for a pair.
    """

    copies = 1

    def prepare(
        self,
        rows: UnitRows,
        plan: Plan,
        micro_batch: int,
        before_release: Callable[[], None],
        *,
        rows_per_unit: int | None = None,
        after_check: Callable[[], None] = lambda: None,
        crew: Crew | None = None,
    ) -> None:
        """Check that nothing can spoil the guarantee, and take what the steps need.

        Args:
            rows: By unit.
            plan: In figures.
            micro_batch: Rows that go through the model at once.
            before_release: Called before a step's gradient leaves the step.
            rows_per_unit: Most rows that a drawn unit brings.
            after_check: Called when a step's gradient was found to carry its noise.
            crew: The processes that share each step.
        """
        self._crew = crew or Crew()
        refuse_unsafe(self.args, self._crew.size)  # type: ignore[attr-defined]
        self.leaf = LeafLora(self.model)  # type: ignore[attr-defined]
        for weight in self.leaf.parameters:
            weight.data = weight.data.float()
        self._rows, self._plan, self._micro_batch = rows, plan, micro_batch
        self._noise, self._before_release = SecretNoise(), before_release
        self._rows_per_unit, self._after_check = rows_per_unit, after_check

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Draw the units of each step; never through accelerate, which would shard or repeat them."""
        pad = self.processing_class.pad_token_id  # type: ignore[attr-defined]
        plan = self._plan
        return logical_batches(
            self._rows,
            plan.rate,
            plan.steps,
            micro_batch=self._micro_batch,
            pad=pad,
            rows_per_unit=self._rows_per_unit,
            crew=self._crew,
        )

    def training_step(self, model: nn.Module, inputs: dict[str, Any], *_: Any, **__: Any) -> Tensor:
        """Clip, add up and noise the gradients of one logical batch; an empty one is noise alone."""
        model.train()
        expected = self._plan.rate * self._plan.units
        for weight, noised in zip(self.leaf.parameters, self._release(inputs["micro_batches"]), strict=True):
            weight.grad = (noised / expected).to(weight.dtype)
        return torch.zeros((), device=self.leaf.parameters[0].device)

    def _release(self, micro_batches: list[dict[str, Any]]) -> list[Tensor]:
        """Return the noised sum over all processes. There is one noise, the leader's; the others follow."""
        totals = self._crew.add_up(self.clipped_sum(micro_batches))
        return self._crew.follow(self._noised(totals) if self._crew.leads else totals)

    def _noised(self, totals: list[Tensor]) -> list[Tensor]:
        """Return the sum with its noise, if it has it: what carries no noise reaches no weight."""
        std = self._plan.sigma * self._plan.clip
        noised = [self.add_noise(total, std) for total in totals]
        self.require_noise(totals, noised, std)
        self._before_release()
        return noised

    def add_noise(self, total: Tensor, std: float) -> Tensor:
        """Return a sum with its noise."""
        return total + self._noise.normal(total, std)

    def require_noise(self, totals: list[Tensor], noised: list[Tensor], std: float) -> None:
        """Measure the noise that a step really carries. Only that it does is kept: its size is a secret of the step.

        Raises:
            UncaseError: ``noise-missing``, before any weight has seen the step.
        """
        if not carries_noise(totals, noised, std):
            raise UncaseError(
                "noise-missing",
                "A training step does not carry the noise that its privacy statement promises; the run was stopped.",
                "Reinstall the package as it was released; nothing of this run may be published.",
            )
        self._after_check()

    def clipped_sum(self, micro_batches: list[dict[str, Any]]) -> list[Tensor]:
        """Return the sum of the clipped gradients of the units, without noise: never leaves the step."""
        unit_sum = UnitSum(self.leaf.parameters, self._plan.clip)
        for micro in micro_batches:
            device = self.leaf.parameters[0].device
            inputs = {name: tensor.to(device) for name, tensor in micro["inputs"].items()}
            count = len(micro["units"])
            with self.leaf.samples(count * self.copies):
                with self.compute_loss_context_manager():  # type: ignore[attr-defined]
                    losses = self.row_losses(inputs)
                (losses * micro["weights"].to(device)).sum().backward()
                unit_sum.add([_per_row(grads, count) for grads in self.leaf.gradients()], micro["units"])
        return unit_sum.finish()

    def row_losses(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return the loss of each row, which may depend on no other row."""
        raise NotImplementedError

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log nothing that was computed on private rows without noise."""
        kept = {name: value for name, value in logs.items() if name not in SILENT}
        super().log(kept, start_time)  # type: ignore[misc]


class PrivateSFTTrainer(PrivateSteps, SFTTrainer):
    """TRL's supervised trainer with private steps."""

    def row_losses(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return each conversation's mean loss over what the assistant said."""
        return conversation_losses(self.accelerator.unwrap_model(self.model), inputs)


def conversation_losses(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Return each row's mean negative log-likelihood, by the fused head that TRL gave the model."""
    outputs = model(**inputs, use_cache=False, fused_lm_head=True)
    learned = (inputs["labels"][:, 1:] != IGNORED).sum(1).clamp(min=1)
    losses: Tensor = -outputs.log_probs.sum(1) / learned
    return losses


def refuse_unsafe(args: SFTConfig, processes: int = 1) -> None:
    """Refuse trainer settings that would break the guarantee.

    Raises:
        UncaseError: ``unsafe-trainer-setting``, naming it.
    """
    unsafe = {
        "packing": getattr(args, "packing", False),
        "padding_free": getattr(args, "padding_free", False),
        "gradient_accumulation_steps": args.gradient_accumulation_steps != 1,
        "max_grad_norm": args.max_grad_norm != 0,
        "n_gpu": args.n_gpu > 1,
        "world_size": args.world_size != processes,
    }
    for name, wrong in unsafe.items():
        if wrong:
            raise UncaseError(
                "unsafe-trainer-setting",
                f"{name} would let one person weigh more than the noise is made for.",
                f"Leave {name} at what the private trainer sets.",
            )


def _per_row(gradients: Tensor, rows: int) -> Tensor:
    """Fold the sequences of a row (a pair has two) into one gradient per row."""
    return gradients if len(gradients) == rows else gradients.view(-1, rows, *gradients.shape[1:]).sum(0)
