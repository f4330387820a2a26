"""Limits on figures in a constraint: "at most 10 %", "no less than two years". Knows figures and units only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from uncase_pipeline.certified.metrics.lexicon import phrases_of
from uncase_pipeline.dialogue.facts import Fact, extract_facts

_AT_MOST = re.compile(rf"\b(?:{phrases_of('constraints', 'at_most')})")
_AT_LEAST = re.compile(rf"\b(?:{phrases_of('constraints', 'at_least')})")
_NO_MORE = re.compile(r"no (?:\w+ )?(?:more|mas)")
_BEFORE = 30
_DAYS = {
    "second": 1 / 86_400, "minute": 1 / 1_440, "hour": 1 / 24,
    "day": 1.0, "week": 7.0, "month": 365 / 12, "year": 365.0,
}  # fmt: skip
_CALENDAR_SLACK = 0.05
"""Months differ in length by this much: 30 days are a month."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure that must not be passed.

    Attributes:
        unit: Canonical unit, None for a bare number.
        value: The figure.
        above: Whether figures above it are wrong; else those below.
    """

    unit: str | None
    value: float
    above: bool


def limits_of(text: str, folded: str, language: str) -> Iterator[Limit]:
    """Yield the limits that a constraint sets; ``folded`` is the text as it is searched for phrases.

    The words between a figure and the one before it say which limit it is; without any, those before both do.
    """
    last = 0
    for fact in extract_facts(text, language):
        if isinstance(fact.value, float):
            near, far = (folded[max(start, fact.start - _BEFORE) : fact.start + 1] for start in (last, 0))
            is_above = _is_above(near)
            is_above = _is_above(far) if is_above is None else is_above
            last = fact.end
            if is_above is not None:
                yield Limit(fact.unit, fact.value, is_above)


def _is_above(before: str) -> bool | None:
    """Return whether figures above the limit are wrong that these words announce; None where they announce none."""
    if _AT_LEAST.search(before) and not _NO_MORE.search(before):
        return False
    return True if _AT_MOST.search(before) else None


def passes(limit: Limit, fact: Fact) -> bool:
    """Return whether a stated figure is beyond a limit; a term may be stated in another unit of time."""
    if not isinstance(fact.value, float):
        return False
    if limit.unit == fact.unit:
        return fact.value > limit.value if limit.above else fact.value < limit.value
    if limit.unit not in _DAYS or fact.unit not in _DAYS:
        return False
    bound, stated = limit.value * _DAYS[limit.unit], fact.value * _DAYS[fact.unit]
    return stated > bound * (1 + _CALENDAR_SLACK) if limit.above else stated < bound * (1 - _CALENDAR_SLACK)
