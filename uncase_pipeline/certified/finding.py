"""What a statistical test of a whole set says. Knows no test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["PASS", "FAIL", "INCONCLUSIVE"]
PASS: Verdict = "PASS"  # noqa: S105 - a verdict
FAIL: Verdict = "FAIL"
INCONCLUSIVE: Verdict = "INCONCLUSIVE"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one test.

    Attributes:
        name: Stable name, as compliance profiles ask for it.
        title: For people.
        verdict: INCONCLUSIVE where too little data or no positive control lets the test speak.
        why: One sentence.
        figures: p-values, counts, bounds.
    """

    name: str
    title: str
    verdict: Verdict
    why: str
    figures: Mapping[str, float] = field(default_factory=dict)
