"""One forward pass over rows: the loss of each learned token, and whether it was the most likely. Knows models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from uncase_pipeline.adapter.encode import IGNORED, Example, collate
from uncase_pipeline.adapter.measure import evaluating

_ROWS_AT_ONCE = 16
_LOWEST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Scored:
    """What a model makes of one example, by position; None where nothing is learned or nothing stands before."""

    losses: list[float | None]
    expected: list[bool]

    @property
    def loss(self) -> float:
        """Mean loss over what the assistant said."""
        learned = self.learned()
        return sum(learned) / len(learned)

    @property
    def min_k(self) -> float:
        """Mean loss of the fifth of tokens that are least likely (Min-K %, Shi et al. 2024)."""
        worst = sorted(self.learned(), reverse=True)
        worst = worst[: max(1, round(len(worst) * _LOWEST_SHARE))]
        return sum(worst) / len(worst)

    def learned(self) -> list[float]:
        """Return the losses of learned tokens."""
        return [loss for loss in self.losses if loss is not None]

    def loss_of(self, positions: range) -> float:
        """Return the summed loss at some positions."""
        return sum(self.losses[at] or 0.0 for at in positions)

    def reproduces(self, positions: range) -> bool:
        """Whether greedy decoding writes these tokens, given those before them."""
        return all(self.expected[at] for at in positions)


@torch.no_grad()
def score(model: Any, examples: Sequence[Example], pad: int) -> list[Scored]:
    """Score examples under a model."""
    found: list[Scored] = []
    with evaluating(model):
        for start in range(0, len(examples), _ROWS_AT_ONCE):
            batch = examples[start : start + _ROWS_AT_ONCE]
            losses, best = _forward(model, batch, pad)
            found += [
                _scored(example, *row)
                for example, *row in zip(batch, losses.tolist(), best.tolist(), strict=True)
            ]
    return found


def score_base(model: Any, examples: Sequence[Example], pad: int) -> list[Scored]:
    """Score examples under the base alone, with the adapter switched off."""
    with model.disable_adapter():
        return score(model, examples, pad)


def _forward(model: Any, batch: Sequence[Example], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    device = next(model.parameters()).device
    inputs = {name: tensor.to(device) for name, tensor in collate(batch, pad).items()}
    labels = inputs.pop("labels")[:, 1:]
    logits = model(**inputs, use_cache=False).logits[:, :-1].float()
    losses = torch.nn.functional.cross_entropy(
        logits.transpose(1, 2), labels, reduction="none", ignore_index=IGNORED
    )
    return losses.cpu(), (logits.argmax(-1) == inputs["input_ids"][:, 1:]).cpu()


def _scored(example: Example, losses: list[float], best: list[bool]) -> Scored:
    learned = [label != IGNORED for label in example.labels]
    padded = [None, *losses[: len(example.ids) - 1]]
    return Scored(
        [
            loss if known and at else None
            for at, (loss, known) in enumerate(zip(padded, learned, strict=True))
        ],
        [False, *best[: len(example.ids) - 1]],
    )
