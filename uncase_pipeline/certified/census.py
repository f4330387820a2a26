"""What a whole set looks like: distributions, reasons, variety, coverage; memory stays flat."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.codes import Codes
from uncase_pipeline.certified.fingerprints import Hasher
from uncase_pipeline.certified.style import distorted
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.quality import QualityReport
from uncase_pipeline.records.seed import Seed

BINS = 40
_SLOTS = 1 << 22
_EXAMPLES = 2
_EXCERPT = 120


@dataclass(slots=True)
class Histogram:
    """Counts of values between 0 and 1 in equal bins; the last bin holds 1 itself and all above."""

    counts: list[int] = field(default_factory=lambda: [0] * BINS)
    failed: list[int] = field(default_factory=lambda: [0] * BINS)
    missing: int = 0

    def add(self, value: float | None, *, passed: bool) -> None:
        """Count one value."""
        if value is None:
            self.missing += 1
            return
        at = min(BINS - 1, max(0, int(value * BINS)))
        (self.counts if passed else self.failed)[at] += 1

    def document(self) -> dict[str, Any]:
        """Return it as JSON, with its sums."""
        return {
            "passed": sum(self.counts),
            "failed": sum(self.failed),
            "not_applicable": self.missing,
            "histogram": {"passed": self.counts, "failed": self.failed},
        }


class Distinct:
    """Estimates how many different things were seen, by linear counting (Whang et al. 1990)."""

    def __init__(self) -> None:
        self._seen = np.zeros(_SLOTS, np.bool_)
        self.total = 0

    def add(self, hashes: npt.NDArray[np.uint64]) -> None:
        """Count hashes."""
        self.total += len(hashes)
        self._seen[(hashes % np.uint64(_SLOTS)).astype(np.intp)] = True

    @property
    def ratio(self) -> float | None:
        """Different things per thing; None of nothing."""
        if not self.total:
            return None
        free = int(_SLOTS - self._seen.sum())
        estimate = _SLOTS * float(np.log(_SLOTS / max(1, free)))
        return min(1.0, estimate / self.total)


@dataclass(slots=True)
class Shape:
    """How long conversations are and who speaks in them.

    Attributes:
        turns: Conversations per number of turns.
        words: Conversations per number of words, in steps of 50.
        roles: Turns per role.
    """

    turns: Counter[int] = field(default_factory=Counter)
    words: Counter[int] = field(default_factory=Counter)
    roles: Counter[str] = field(default_factory=Counter)

    def add(self, conversation: Conversation, words: int) -> None:
        """Count one conversation."""
        self.turns[sum(message.role != "system" for message in conversation.messages)] += 1
        self.words[words // 50 * 50] += 1
        self.roles.update(message.role for message in conversation.messages)

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "turns": {str(key): count for key, count in sorted(self.turns.items())},
            "words": {str(key): count for key, count in sorted(self.words.items())},
            "roles": dict(sorted(self.roles.items())),
        }


class Census:
    """Counts rows while they stream by."""

    def __init__(self, seeds: Sequence[Seed], bigrams: Hasher, unigrams: Hasher) -> None:
        self.metrics: dict[str, Histogram] = {}
        self.q = Histogram()
        self.deciders: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.examples: dict[str, list[dict[str, str]]] = {}
        self.shape = Shape()
        self.generation: dict[str, Counter[str]] = {}
        self.cost_usd: float | None = 0.0
        self.simulated = 0
        self._seeds = {seed.seed_id: seed for seed in seeds}
        self._covered: set[str] = set()
        self._hashers = (unigrams, bigrams)
        self._distinct = (Distinct(), Distinct())

    def report(self, report: QualityReport) -> None:
        """Count the report of a row, passed or not."""
        self.q.add(report.q, passed=report.passed)
        self.deciders[report.decided_by] += 1
        for name, score in report.scores.items():
            self.metrics.setdefault(name, Histogram()).add(score.value, passed=score.passed)

    def rejected(self, conversation: Conversation, report: QualityReport) -> None:
        """Count a row that failed, and keep a masked example of each reason."""
        self.reasons.update(report.reasons)
        kept = self.examples.setdefault(report.reasons[0], [])
        if len(kept) < _EXAMPLES:
            score = report.scores.get(report.reasons[0])
            said = next((m.content for m in conversation.messages if m.content), "")
            kept.append(
                {
                    "conversation_id": report.conversation_id,
                    "seed_id": report.seed_id or "",
                    "why": score.explanation if score else "",
                    "masked": distorted(said)[:_EXCERPT],
                }
            )

    def passed(self, conversation: Conversation, words: int, codes: Codes) -> None:
        """Count a row that goes on."""
        self.simulated += (conversation.metadata.get("generation") or {}).get("simulator") is True
        self.shape.add(conversation, words)
        self._covered.add(conversation.seed_id or "")
        for hasher, distinct in zip(self._hashers, self._distinct, strict=True):
            hashes, whole = hasher.ngrams(codes)
            distinct.add(hashes[whole])

    def paid(self, conversation: Conversation) -> None:
        """Count what a row was made with and what it cost, whether it goes on or not."""
        made = conversation.metadata.get("generation") or {}
        for name in ("model", "provider", "prompt_version"):
            self.generation.setdefault(name, Counter())[str(made.get(name, "unknown"))] += 1
        cost = made.get("cost_usd")
        known = isinstance(cost, int | float) and self.cost_usd is not None
        self.cost_usd = self.cost_usd + float(cost) if known else None  # type: ignore[operator,arg-type]

    def variety(self) -> dict[str, Any]:
        """Return distinct-n, and how much of the seeds and scenarios is covered."""
        scenarios = {seed.scenario or (seed.tags[:1] or ["-"])[0] for seed in self._seeds.values()}
        covered = {
            seed.scenario or (seed.tags[:1] or ["-"])[0]
            for seed_id, seed in self._seeds.items()
            if seed_id in self._covered
        }
        return {
            "distinct_1": self._distinct[0].ratio,
            "distinct_2": self._distinct[1].ratio,
            "seeds": len(self._seeds),
            "seeds_covered": len(self._covered & self._seeds.keys()),
            "scenarios": len(scenarios),
            "scenarios_covered": len(covered),
        }
