"""Why a row did not go on, and the books of a layer. Knows nothing of what the rows are."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Fate = Literal["rejected", "quarantined"]


@dataclass(slots=True, frozen=True)
class Rejection:
    """A row that was set aside.

    Attributes:
        reason: Stable kebab-case code (``bad-json``, ``pii-found``).
        where: File digest, row id, position: enough to find it again, never content.
        fate: ``rejected`` is final; ``quarantined`` waits for a person.
        rows: How many input rows it stands for.
    """

    reason: str
    where: str
    fate: Fate = "rejected"
    rows: int = 1


@dataclass(slots=True)
class Tally:
    """The books of one layer and partition: rows in = rows out + rejected + quarantined.

    Attributes:
        rows_in: Input rows counted where they are read.
        rows_out: Output rows counted where they are written.
        rejected: Rows per reason code.
        quarantined: Rows per reason code.
    """

    rows_in: int = 0
    rows_out: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)

    def set_aside(self, rejection: Rejection) -> None:
        """Book one rejection under its fate and reason."""
        book = self.rejected if rejection.fate == "rejected" else self.quarantined
        book[rejection.reason] += rejection.rows

    @property
    def balances(self) -> bool:
        """Whether nothing was lost in silence."""
        return self.rows_in == self.rows_out + self.rejected.total() + self.quarantined.total()
