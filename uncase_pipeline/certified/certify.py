"""Certification of a partition: every row gets a report, the rows that pass are staged and sealed.

Knows the lake, not Dagster and not how anything is measured.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from logging import Logger
from typing import Any

import pyarrow as pa

from uncase_pipeline.certified.grading import Graded, Yardstick, grade_batches
from uncase_pipeline.certified.reports import REPORTS, report_row
from uncase_pipeline.certified.selection import Selection
from uncase_pipeline.certified.source import Source
from uncase_pipeline.records.arrow import CONVERSATIONS, from_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.records.seed_rows import read_seeds
from uncase_pipeline.seal.lock import seal_stage
from uncase_pipeline.seal.merkle import MerkleTree
from uncase_pipeline.seal.rows import Rows
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.lake import Lake, Stage

GATES = ("rows_passed",)
PREDICATE_TYPE = "urn:uncase:certified-conversations:v1"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a gate over the whole partition says: its name in ``GATES``, and one sentence without content."""

    name: str
    passed: bool
    description: str
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """What came of it.

    Attributes:
        rulings: One per name in ``GATES``.
        tally: The books.
        metadata: For the UI.
    """

    rulings: list[Ruling]
    tally: Tally
    metadata: dict[str, Any] = field(default_factory=dict)


def certify_partition(
    lake: Lake,
    stage: Stage,
    domain: str,
    settings: Settings,
    *,
    open_scanner: Callable[[], Scanner],
    log: Logger,
) -> Outcome:
    """Certify the current synthetic conversations of a domain into a stage."""
    synthetic = lake.require("synthetic_conversations", domain)
    source = Source.read(source_conversations(lake, domain), lake.vault)
    yardstick = Yardstick(
        seeds={seed.seed_id: seed for seed in read_seeds(lake.require("seeds", domain))},
        coder=source.fingerprints.hasher.coder,
        open_scanner=open_scanner,
        source=source.fingerprints,
    )
    graded = grade_batches(synthetic.batches("conversations.parquet"), yardstick, settings.processes)
    tally, rows, reasons = _write(stage, Selection(source.near).select(graded))
    predicate = {"passed": tally.rows_out > 0, "domain": domain, "rows": rows.document()}
    seal_stage(stage, PREDICATE_TYPE, predicate, settings)
    log.info("%d of %d rows passed", tally.rows_out, tally.rows_in)
    rulings = [_rows_passed(tally, reasons)]
    return Outcome(rulings, tally, {"pass_rate": tally.rows_out / max(1, tally.rows_in)})


def source_conversations(lake: Lake, domain: str) -> Iterator[Conversation]:
    """Read what the people of a domain wrote, raw from the vault and masked."""
    raw = lake.require("raw_conversations", domain)
    masked = lake.require("anonymized_conversations", domain)
    return from_batches(
        chain(raw.batches("conversations.vault.parquet"), masked.batches("conversations.parquet"))
    )


def _write(
    stage: Stage, graded: Iterable[tuple[pa.RecordBatch, list[Graded]]]
) -> tuple[Tally, Rows, Counter[str]]:
    """Write rows that passed, and a report for each row; batches stream by."""
    tree = MerkleTree()
    reasons: Counter[str] = Counter()
    with (
        Books.kept(stage) as books,
        stage.writer("conversations.parquet", CONVERSATIONS) as rows_out,
        stage.writer("reports.parquet", REPORTS) as reports_out,
    ):
        for batch, rows in graded:
            passed = [row.report.passed for row in rows]
            rows_out.write_batch(batch.filter(pa.array(passed)))
            reports_out.write_batch(
                pa.RecordBatch.from_pylist([report_row(row.report, row.leaf) for row in rows], REPORTS)
            )
            books.tally.rows_in += len(rows)
            books.tally.rows_out += sum(passed)
            for row in rows:
                if row.report.passed:
                    tree.append_hash(row.leaf)
                else:
                    reasons.update(row.report.reasons)
                    books.set_aside(Rejection(row.report.reasons[0], row.report.conversation_id))
    return books.tally, Rows(tree.size, tree.root.hex()), reasons


def _rows_passed(tally: Tally, reasons: Mapping[str, int]) -> Ruling:
    named = ", ".join(f"{count} {reason}" for reason, count in Counter(reasons).most_common(5))
    description = (
        f"{tally.rows_out} of {tally.rows_in} rows passed every gate."
        if tally.rows_out
        else f"None of {tally.rows_in} rows passed ({named or 'there were none'}): nothing goes on. "
        "Read the reasons, then change the seeds, the prompt or the model."
    )
    return Ruling("rows_passed", tally.rows_out > 0, description, {"reasons": dict(reasons)})
