"""Logical batches for private training: the units drawn for a step, cut into micro-batches. Knows no model."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from uncase_pipeline.adapter.crew import Crew
from uncase_pipeline.adapter.encode import Example, collate
from uncase_pipeline.adapter.mechanism import poisson_batches

MicroBatch = dict[str, Any]


class UnitRows(Dataset[list[Example]]):
    """The rows of each unit: item ``i`` is everything that unit ``i`` brings."""

    def __init__(self, examples: Sequence[Any], units: Sequence[int]) -> None:
        grouped: dict[int, list[Any]] = defaultdict(list)
        for example, unit in zip(examples, units, strict=True):
            grouped[unit].append(example)
        self._units = list(grouped.values())

    def __len__(self) -> int:
        return len(self._units)

    def __getitem__(self, index: int) -> list[Any]:
        return self._units[index]


class PoissonSampler(Sampler[list[int]]):
    """Draws the units of each step, or hears what the leader of the crew drew; a step may well be empty."""

    def __init__(self, units: int, rate: float, steps: int, crew: Crew) -> None:
        self._units, self._rate, self._steps, self._crew = units, rate, steps, crew

    def __len__(self) -> int:
        return self._steps

    def __iter__(self) -> Iterator[list[int]]:
        for drawn in poisson_batches(self._units, self._rate, self._steps):
            yield self._crew.share(drawn, self._units)


def logical_batches(
    rows: UnitRows,
    rate: float,
    steps: int,
    *,
    micro_batch: int,
    pad: int,
    rows_per_unit: int | None = None,
    crew: Crew | None = None,
) -> DataLoader[Any]:
    """Return a loader with one item per step: its micro-batches, or this process's share of them."""
    dice = random.SystemRandom()

    def some(unit: list[Any]) -> list[Any]:
        fits = rows_per_unit is None or len(unit) <= rows_per_unit
        return unit if fits else dice.sample(unit, int(rows_per_unit or 0))

    return DataLoader(
        rows,
        batch_sampler=PoissonSampler(len(rows), rate, steps, crew or Crew()),
        collate_fn=lambda drawn: {
            "micro_batches": list(cut([some(unit) for unit in drawn], micro_batch, pad))
        },
    )


def cut(drawn: Sequence[Sequence[Any]], size: int, pad: int) -> Iterator[MicroBatch]:
    """Cut the rows of the drawn units into padded micro-batches; rows of a unit stay side by side.

    Each row weighs one over the rows of its unit, so that a unit's gradient is the mean of its rows'.
    """
    flat = [(example, unit, 1 / len(examples)) for unit, examples in enumerate(drawn) for example in examples]
    for start in range(0, len(flat), size):
        examples, units, weights = zip(*flat[start : start + size], strict=True)
        yield {"inputs": _inputs(examples, pad), "units": list(units), "weights": torch.tensor(weights)}


def _inputs(examples: Sequence[Any], pad: int) -> dict[str, Any]:
    """Collate rows; of preference pairs, all chosen ones come first and all rejected ones after."""
    if isinstance(examples[0], Example):
        return collate(examples, pad)
    return collate([pair.chosen for pair in examples] + [pair.rejected for pair in examples], pad)
