"""What a metric returns and what it may ask for beside the conversation and its seed. Knows no metric."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from uncase_pipeline.certified.fingerprints import Fingerprints
from uncase_pipeline.records.finding import Scanner


@dataclass(frozen=True, slots=True)
class Measured:
    """A value, None where it can't be computed, and one sentence on it without content.

    Attributes:
        value: The figure.
        why: What it was made of.
        counts: Whether it may decide: a metric that does not apply to this row says so.
        reasons: Codes for the report, where the metric's own name does not say enough.
    """

    value: float | None
    why: str
    counts: bool = True
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What rows are held against.

    Attributes:
        scanner: The full detector chain, None where privacy can't be measured.
        source: Fingerprints of the source corpus, None where there is none to compare with.
        tools: JSON Schema of the arguments per tool name.
        knowledge: Texts of the knowledge base.
    """

    scanner: Scanner | None = None
    source: Fingerprints | None = None
    tools: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    knowledge: tuple[str, ...] = ()
