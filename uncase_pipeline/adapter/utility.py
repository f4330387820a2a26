"""Whether the adapter is of use: loss before and after on held-out rows, beside an example in the context.

Every figure is over the same tokens: what the assistant said. Knows models, not training.
"""

from collections.abc import Sequence
from typing import Any

from uncase_pipeline.adapter.contract import Learning
from uncase_pipeline.adapter.encode import IGNORED, Example, Pair
from uncase_pipeline.adapter.material import Material
from uncase_pipeline.adapter.measure import adapter_norm, margins, mean_loss, preference_loss


class Utility:
    """Measures once before training, and again after it.

    Args:
        model: The base with its fresh adapter.
        material: With the held-out rows, conversations or pairs.
        real: Anonymized conversations of held-out people.
        pad: Padding token.
        beta: Of DPO, for pairs.
    """

    def __init__(
        self, model: Any, material: Material, real: Sequence[Example], pad: int, beta: float = 0.1
    ) -> None:
        self._model, self._pad, self._real, self._beta = model, pad, list(real), beta
        self._held_out: list[Example] = [row for row in material.held_out if isinstance(row, Example)]
        self._pairs: list[Pair] = [row for row in material.held_out if isinstance(row, Pair)]
        self._before = self.held_out_loss()
        self._real_before = self._loss(self._real)
        self._in_context = self._loss(in_context(self._held_out))

    def held_out_loss(self, model: Any = None) -> float:
        """Return the loss on rows of people that nothing was learned from; of pairs, DPO's."""
        model = model or self._model
        if self._pairs:
            return preference_loss(margins(model, self._pairs, self._pad), self._beta)
        return mean_loss(model, self._held_out, self._pad)

    def learning(self) -> Learning:
        """Return what changed since this was made."""
        found = margins(self._model, self._pairs, self._pad)
        return Learning(
            held_out_rows=len(self._held_out) + len(self._pairs),
            loss_before=self._before,
            loss_after=preference_loss(found, self._beta) if found else self.held_out_loss(),
            loss_in_context=self._in_context,
            real_rows=len(self._real),
            real_loss_before=self._real_before,
            real_loss_after=self._loss(self._real),
            weights_moved=adapter_norm(self._model),
            held_out_preferred=sum(margin > 0 for margin in found) / len(found) if found else None,
        )

    def _loss(self, examples: Sequence[Example]) -> float | None:
        return mean_loss(self._model, examples, self._pad) if examples else None


def in_context(examples: Sequence[Example]) -> list[Example]:
    """Put another held-out row before each row: what a prompt with one example would give without training."""
    if len(examples) < 2:
        return []
    others = [*examples[1:], examples[0]]
    return [
        Example(other.ids + example.ids, [IGNORED] * len(other.ids) + example.labels, example.row)
        for example, other in zip(examples, others, strict=True)
    ]
