"""A judge at work: rows stream by, their reports get its score. Knows the gateway, not how rows are graded."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyarrow as pa

from uncase_pipeline.certified.grading import Graded
from uncase_pipeline.certified.judge.ask import PURPOSE, Judgment, ask
from uncase_pipeline.certified.judge.rubric import VERSION
from uncase_pipeline.certified.judge.score import NOT_ASKED, OFF, SWAYED, bounds_of, enter, may_be_asked
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.gateway.pool import in_order
from uncase_pipeline.gateway.request import OFFLINE
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.conversation import Conversation, Json
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.settings import Settings

_LOG = logging.getLogger("uncase.judge")
SIMULATOR = f"{OFFLINE}simulator"
Pair = tuple[Conversation, Seed]
Batch = tuple[pa.RecordBatch, list[Graded]]


@dataclass(slots=True)
class Judge:
    """A model that rates rows.

    Attributes:
        model: Model specification, as ``UNCASE_MODEL`` takes it.
        door: The gateway of this run.
        runner: The event loop that all its calls share.
        width: Rows that are asked about at the same time.
        reasons: Rows without a value, by reason.
        asked: Rows that it was asked about.
        apart: Sum of the distances between the two orders of a row.
        swayed: Rows where the order of the question changed the answer.
    """

    model: str
    door: Gateway
    runner: asyncio.Runner
    width: int
    reasons: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    apart: float = 0.0
    swayed: int = 0

    @property
    def version(self) -> str:
        """What its figures depend on: rubric, prompt, model."""
        return f"{VERSION} by {self.model}"

    def judgments(self, pairs: Sequence[Pair]) -> list[Judgment]:
        """Return what it says of rows, in their order."""
        found = self.runner.run(self._all(pairs)) if pairs else []
        for judgment in found:
            self._count(judgment)
        return found

    def document(self) -> Json:
        """Return what a certificate says of its work."""
        answered = self.asked - self.reasons.total()
        return {
            "on": True,
            "model": self.model,
            "version": VERSION,
            "asked": self.asked,
            "answered": answered,
            "not_answered": dict(self.reasons.most_common()),
            "mean_disagreement": self.apart / answered if answered else None,
            "swayed_by_order": self.swayed,
            "cost": self.door.costs("purpose")["groups"].get(PURPOSE),
        }

    def _count(self, judgment: Judgment) -> None:
        self.asked += 1
        if judgment.disagreement is None:
            self.reasons[judgment.reason] += 1
            return
        self.apart += judgment.disagreement
        self.swayed += judgment.disagreement >= SWAYED

    async def _all(self, pairs: Sequence[Pair]) -> list[Judgment]:
        async def one(pair: Pair) -> Judgment:
            return await ask(self.door, self.model, *pair)

        return [judgment async for judgment in in_order(pairs, one, self.width)]


@contextmanager
def sitting(
    settings: Settings,
    scanner: Callable[[], Scanner],
    *,
    run_id: str,
    log: Callable[[str], None] = _LOG.info,
) -> Iterator[Judge | None]:
    """Open the judge that the settings name, None where they name none; close its door afterwards.

    Raises:
        UncaseError: ``no-judge`` where they name the simulator, which rates nothing.
    """
    if not settings.judge_model:
        yield None
        return
    if settings.judge_model == SIMULATOR:
        raise UncaseError(
            "no-judge",
            f"{SIMULATOR} writes conversations and can't judge them.",
            "Name a language model, for instance of a server of your own with UNCASE_API_BASE.",
        )
    door = Gateway.open(settings, scanner(), run_id=run_id, log=log)
    with asyncio.Runner() as runner:
        try:
            yield Judge(settings.judge_model, door, runner, settings.max_in_flight)
        finally:
            runner.run(door.close())


def judged(
    graded: Iterable[Batch], judge: Judge | None, seeds: Mapping[str, Seed], stricter: Mapping[str, float]
) -> Iterator[Batch]:
    """Pass batches on with the judge's score in every report.

    Args:
        graded: Rows with their reports.
        judge: None where it is off: the reports say so.
        seeds: By id.
        stricter: Thresholds of settings and compliance profiles.

    Raises:
        UncaseError: ``judge-is-off`` where they set a threshold for a judge that is off.
    """
    if judge is None and bounds_of(stricter):
        raise UncaseError(
            "judge-is-off",
            "A threshold is set for the judge, and the judge is off.",
            "Name a model in UNCASE_JUDGE_MODEL, or take `judge` out of the thresholds.",
        )
    for batch, rows in graded:
        of = [seeds.get(row.report.seed_id or "") for row in rows]
        for row, seed, judgment in zip(rows, of, _judgments(judge, batch, rows, of), strict=True):
            bounds = bounds_of(seed.thresholds if seed else {}, stricter)
            enter(row.report, judgment, bounds, judge.version if judge else None)
        yield batch, rows


def _judgments(
    judge: Judge | None, batch: pa.RecordBatch, rows: Sequence[Graded], seeds: Sequence[Seed | None]
) -> list[Judgment]:
    if judge is None:
        return [OFF] * len(rows)
    askable = [may_be_asked(row.report, seed) for row, seed in zip(rows, seeds, strict=True)]
    conversations = from_batches([batch])
    pairs = [
        (conversation, seed)
        for conversation, seed, yes in zip(conversations, seeds, askable, strict=True)
        if yes and seed is not None
    ]
    answers = iter(judge.judgments(pairs))
    return [next(answers) if yes else NOT_ASKED for yes in askable]
