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
from uncase_pipeline.certified.judge.score import NOT_ASKED, OFF, bound_of, enter, may_be_asked
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.gateway.pool import in_order
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.conversation import Conversation, Json
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.settings import Settings

_LOG = logging.getLogger("uncase.judge")
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
    """

    model: str
    door: Gateway
    runner: asyncio.Runner
    width: int
    reasons: Counter[str] = field(default_factory=Counter)
    asked: int = 0

    @property
    def version(self) -> str:
        """What its figures depend on: rubric, prompt, model."""
        return f"{VERSION} by {self.model}"

    def judgments(self, pairs: Sequence[Pair]) -> list[Judgment]:
        """Return what it says of rows, in their order."""
        found = self.runner.run(self._all(pairs)) if pairs else []
        self.asked += len(found)
        self.reasons.update(judgment.reason for judgment in found if judgment.reason)
        return found

    def document(self) -> Json:
        """Return what a certificate says of its work."""
        return {
            "on": True,
            "model": self.model,
            "version": VERSION,
            "asked": self.asked,
            "answered": self.asked - self.reasons.total(),
            "not_answered": dict(self.reasons.most_common()),
            "cost": self.door.costs("purpose")["groups"].get(PURPOSE),
        }

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
    """Open the judge that the settings name, None where they name none; close its door afterwards."""
    if settings.judge_model is None:
        yield None
        return
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
    if judge is None and bound_of(stricter) is not None:
        raise UncaseError(
            "judge-is-off",
            "A threshold is set for the judge, and the judge is off.",
            "Name a model in UNCASE_JUDGE_MODEL, or take `judge` out of the thresholds.",
        )
    for batch, rows in graded:
        of = [seeds.get(row.report.seed_id or "") for row in rows]
        for row, seed, judgment in zip(rows, of, _judgments(judge, batch, rows, of), strict=True):
            bound = bound_of(seed.thresholds if seed else {}, stricter)
            enter(row.report, judgment, bound, judge.version if judge else None)
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
