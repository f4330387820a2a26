"""A score, and the report of all scores of one conversation. Knows no metric."""

from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["at_least", "below", "equals"]


@dataclass(slots=True, frozen=True)
class Score:
    """What one metric says of one conversation.

    Attributes:
        name: Name of the metric (``rouge_l``, ``privacy``).
        value: The figure, or None where it was not computed: None never passes a gate.
        threshold: The bound in force for this row.
        direction: How the value must stand to the threshold.
        explanation: One sentence for the reader of the report, without content.
        gates: Whether the row fails when this score does.
    """

    name: str
    value: float | None
    threshold: float
    direction: Direction
    explanation: str = ""
    gates: bool = True

    @property
    def passed(self) -> bool:
        """Whether the value is there and stands as it must."""
        if self.value is None:
            return False
        match self.direction:
            case "at_least":
                return self.value >= self.threshold
            case "below":
                return self.value < self.threshold
            case "equals":
                return self.value == self.threshold


@dataclass(slots=True)
class QualityReport:
    """All scores of one conversation, joined to it and to its seed by key.

    Attributes:
        conversation_id: The row.
        seed_id: Its seed.
        scores: By metric name.
        q: min of the quality scores if both gates hold, else 0.
        decided_by: The metric that set Q.
        passed: Whether the row goes on.
        reasons: Codes of what failed, empty if it passed.
        versions: Metric and detector versions.
    """

    conversation_id: str
    seed_id: str | None
    scores: dict[str, Score]
    q: float
    decided_by: str
    passed: bool
    reasons: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
