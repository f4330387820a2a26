"""Prefix extraction: whether the adapter, given the start of an answer, goes on with the training row word for word.

Prefixes are aligned to what the assistant said. Under assistant-only loss nothing else was ever learned, and a
prefix that starts elsewhere finds nothing even in an adapter that leaks everything. No text is generated: greedy
decoding returns a suffix exactly if each of its tokens is the most likely one after those before it.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from uncase_pipeline.adapter.encode import IGNORED, Example
from uncase_pipeline.errors import UncaseError


@dataclass(frozen=True, slots=True)
class Target:
    """A suffix to extract: positions of an example's tokens, all of them learned."""

    example: int
    suffix: range


def find_targets(
    examples: Sequence[Example], units: Sequence[int], *, prefix: int, suffix: int, limit: int, seed: int
) -> list[Target]:
    """Return suffixes that belong to one unit alone and can't be copied from their own context.

    An answer is cut into suffixes from end to end, and every one may be tried: the targets are a sample of all that
    was learned, not of how answers begin. Formulas that several units share say nothing about anybody, and an answer
    that repeats the question is no memory.
    """
    found = [
        Target(number, range(at, at + suffix))
        for number, example in enumerate(examples)
        for start, end in assistant_spans(example)
        for at in range(start + prefix, end - suffix + 1, suffix)
    ]
    random.Random(seed).shuffle(found)  # noqa: S311 - which rows are tried is no secret
    owners = _owners(examples, units, (gram(examples[target.example], target) for target in found), suffix)
    alone = [target for target in found if len(owners[gram(examples[target.example], target)]) == 1]
    return [target for target in alone if not _in_context(examples[target.example], target)][:limit]


def aligned(example: Example, target: Target) -> Target:
    """Return the target if the assistant said all of it.

    Raises:
        UncaseError: ``misaligned-prefix``.
    """
    if any(example.labels[at] == IGNORED for at in target.suffix):
        raise UncaseError(
            "misaligned-prefix",
            "An extraction target holds tokens that were never learned: the attack would be blind to a leak.",
            "Align targets to assistant spans (find_targets does).",
        )
    return target


def assistant_spans(example: Example) -> list[tuple[int, int]]:
    """Return the runs of learned tokens, as (start, end)."""
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for at, label in enumerate([*example.labels, IGNORED]):
        if label != IGNORED and start is None:
            start = at
        elif label == IGNORED and start is not None:
            spans.append((start, at))
            start = None
    return spans


def gram(example: Example, target: Target) -> tuple[int, ...]:
    """Return the tokens of a target."""
    return tuple(example.ids[target.suffix.start : target.suffix.stop])


def _owners(
    examples: Sequence[Example], units: Sequence[int], wanted: Iterable[tuple[int, ...]], length: int
) -> dict[tuple[int, ...], set[int]]:
    owners: dict[tuple[int, ...], set[int]] = {key: set() for key in wanted}
    for example, unit in zip(examples, units, strict=True):
        for at in range(len(example.ids) - length + 1):
            key = tuple(example.ids[at : at + length])
            if key in owners:
                owners[key].add(unit)
    return owners


def _in_context(example: Example, target: Target) -> bool:
    wanted = list(gram(example, target))
    length = len(wanted)
    return any(example.ids[at : at + length] == wanted for at in range(target.suffix.start - length + 1))
