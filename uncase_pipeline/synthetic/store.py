"""The synthetic conversations of one partition, written into a stage. Knows the lake, not Dagster."""

from collections.abc import Iterable
from logging import Logger
from typing import Any

from uncase_pipeline.records.arrow import BATCH_ROWS, CONVERSATIONS, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.lake import Stage
from uncase_pipeline.synthetic.generate import jobs_of
from uncase_pipeline.synthetic.job import Made
from uncase_pipeline.synthetic.rework import Judge
from uncase_pipeline.synthetic.run import run_jobs

CONVERSATIONS_FILE = "conversations.parquet"
_PROGRESS_EVERY = 100


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
    """Generate the rows of a stage and write them with their books; the arguments are those of ``run_jobs``.

    Returns:
        The tally, and metadata for the UI.
    """
    with Books.kept(stage) as books, stage.writer(CONVERSATIONS_FILE, CONVERSATIONS) as writer:
        rows = _Rows(writer, books, log)
        jobs = jobs_of(seeds, settings)
        summary = run_jobs(jobs, settings, scanner, rows.add, run_id=run_id, judge=judge, log=log.info)
        rows.flush()
    return books.tally, summary.metadata()


class _Rows:
    """Books and writes what became of each job; keeps at most one batch in memory."""

    def __init__(self, writer: Any, books: Books, log: Logger) -> None:
        self._writer = writer
        self._books = books
        self._log = log
        self._buffer: list[Conversation] = []

    def add(self, made: Made) -> None:
        """Take one job's outcome."""
        tally = self._books.tally
        tally.rows_in += 1
        if isinstance(made.outcome, Rejection):
            self._books.set_aside(made.outcome)
        else:
            self._buffer.append(made.outcome)
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
