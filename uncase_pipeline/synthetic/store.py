"""The synthetic conversations of one partition, written into a stage. Knows the lake, not Dagster.

Every row is scanned before it is written; the gate scans what was written once more.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from logging import Logger
from typing import Any

from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.records.arrow import BATCH_ROWS, CONVERSATIONS, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.lake import Stage
from uncase_pipeline.synthetic.generate import generate, jobs_of
from uncase_pipeline.synthetic.job import Job, Made
from uncase_pipeline.synthetic.rework import Judge, reworked
from uncase_pipeline.synthetic.simulator.answer import register

CONVERSATIONS_FILE = "conversations.parquet"
_PROGRESS_EVERY = 100

Take = Callable[[Made], None]


@dataclass(slots=True)
class Summary:
    """What a run shows of itself.

    Attributes:
        calls: Questions to the model, those answered from the journal among them.
        cost_usd: What the rows cost, None where a price is not known.
        reworked: Rows that were made more than once.
        with_tools: Rows in which a tool is called.
        models: Rows per model.
    """

    calls: int = 0
    cost_usd: float | None = 0.0
    reworked: int = 0
    with_tools: int = 0
    models: Counter[str] = field(default_factory=Counter)

    def add(self, made: Made) -> None:
        """Count one job."""
        self.calls += made.bill.calls
        cost = made.bill.cost_usd
        self.cost_usd = None if cost is None or self.cost_usd is None else self.cost_usd + cost
        if isinstance(made.outcome, Conversation):
            generation = made.outcome.metadata["generation"]
            self.models[generation["model"]] += 1
            self.reworked += generation["round"] > 0
            self.with_tools += any(message.tool_calls for message in made.outcome.messages)

    def metadata(self) -> dict[str, Any]:
        """Return it for the UI."""
        return {
            "calls": self.calls,
            "cost_usd": "unknown" if self.cost_usd is None else round(self.cost_usd, 6),
            "reworked": self.reworked,
            "with_tools": self.with_tools,
            "models": dict(self.models),
        }


def write_synthetic(
    seeds: Iterable[Seed],
    stage: Stage,
    settings: Settings,
    scanner: Scanner,
    *,
    log: Logger,
    run_id: str = "adhoc",
    judge: Judge | None = None,
) -> tuple[Tally, dict[str, Any]]:
    """Generate, scan and write the rows of a stage, with their books.

    Args:
        seeds: What to generate from.
        stage: Where to write.
        settings: Model, mode, counts, limits.
        scanner: The full detector chain.
        log: Where progress is told.
        run_id: By which the gateway sums costs.
        judge: Where given, rows that it refuses are made anew with what failed.

    Returns:
        The tally, and metadata for the UI.
    """
    register()
    summary = Summary()
    with Books.kept(stage) as books, stage.writer(CONVERSATIONS_FILE, CONVERSATIONS) as writer:
        rows = _Rows(writer, books, scanner, summary, log)
        door = Gateway.open(settings, scanner, run_id=run_id)
        asyncio.run(_generate(jobs_of(seeds, settings), door, settings, judge, rows.add))
        rows.flush()
    return books.tally, summary.metadata()


async def _generate(
    jobs: Iterable[Job], door: Gateway, settings: Settings, judge: Judge | None, take: Take
) -> None:
    async with door:
        make = reworked(door, settings, judge, rounds=settings.rework_rounds) if judge else None
        async for made in generate(jobs, door, settings, make=make):
            take(made)


class _Rows:
    """Scans, books and writes what became of each job; keeps at most one batch in memory."""

    def __init__(self, writer: Any, books: Books, scanner: Scanner, summary: Summary, log: Logger) -> None:
        self._writer = writer
        self._summary = summary
        self._books = books
        self._scanner = scanner
        self._log = log
        self._buffer: list[Conversation] = []

    def add(self, made: Made) -> None:
        """Take one job's outcome."""
        self._summary.add(made)
        tally = self._books.tally
        tally.rows_in += 1
        outcome = made.outcome
        if isinstance(outcome, Conversation) and self._scanner.scan_conversation(outcome):
            outcome = Rejection("pii-found", made.job.row, "quarantined")
        if isinstance(outcome, Rejection):
            self._books.set_aside(outcome)
        else:
            self._buffer.append(outcome)
        if len(self._buffer) >= BATCH_ROWS:
            self.flush()
        if tally.rows_in % _PROGRESS_EVERY == 0:
            aside = tally.rejected.total() + tally.quarantined.total()
            self._log.info("%d conversations made, %d set aside.", tally.rows_in - aside, aside)

    def flush(self) -> None:
        """Write what is held."""
        for batch in to_batches(self._buffer):
            self._writer.write_batch(batch)
        self._books.tally.rows_out += len(self._buffer)
        self._buffer.clear()
