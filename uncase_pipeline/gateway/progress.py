"""The counters of one run and their line in the run log. Knows no content."""

from collections.abc import Callable
from dataclasses import dataclass, field

from uncase_pipeline.records.conversation import Json

_EVERY_SECONDS = 10.0


@dataclass(slots=True)
class Progress:
    """What a run did so far.

    Attributes:
        answered: Calls that came back from a provider.
        from_journal: Calls that were paid for earlier.
        refused: Requests that ended without a usable answer.
        retries: Attempts after the first.
        throttled: Answers that said "too many requests".
        usd: Spent by this run.
        unpriced: Calls whose price nobody knows.
    """

    log: Callable[[str], None]
    clock: Callable[[], float]
    answered: int = 0
    from_journal: int = 0
    refused: int = 0
    retries: int = 0
    throttled: int = 0
    usd: float = 0.0
    unpriced: int = 0
    _said_at: float = field(default=0.0)

    def paid(self, usd: float | None) -> None:
        """Count one answer."""
        self.answered += 1
        self.usd += usd or 0.0
        self.unpriced += usd is None

    def tell(self, under_way: int) -> None:
        """Write a line, at most every ten seconds."""
        if self.clock() - self._said_at >= _EVERY_SECONDS:
            self._said_at = self.clock()
            self.log(self.line(under_way))

    def line(self, under_way: int) -> str:
        """Return the counters as one line."""
        unpriced = f" (+{self.unpriced} calls of unknown price)" if self.unpriced else ""
        return (
            f"model calls: {self.answered} answered, {self.from_journal} from the journal, "
            f"{self.refused} refused, {self.retries} retries, {self.throttled} throttled, "
            f"{under_way} under way, ${self.usd:.4f}{unpriced}"
        )

    def wire(self) -> Json:
        """Return the counters, for metadata."""
        return {
            "calls_answered": self.answered,
            "calls_from_journal": self.from_journal,
            "calls_refused": self.refused,
            "retries": self.retries,
            "throttled": self.throttled,
            "cost_usd": round(self.usd, 6),
            "calls_unpriced": self.unpriced,
        }
