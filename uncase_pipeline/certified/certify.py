"""Certification of a partition: every row gets a report, the rows that pass are staged and sealed.

Knows the lake, not Dagster and not how anything is measured.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from logging import Logger
from typing import Any

import pyarrow as pa

from uncase_pipeline.certified.census import Census
from uncase_pipeline.certified.certificate import PREDICATE_TYPE, Facts, Ruling, predicate, rulings
from uncase_pipeline.certified.compliance import controls, strictest_of
from uncase_pipeline.certified.drift import DRIFT, Drift
from uncase_pipeline.certified.evaluate import strictest
from uncase_pipeline.certified.fingerprints import Hasher
from uncase_pipeline.certified.grading import Graded, Yardstick, grade_batches
from uncase_pipeline.certified.issue import in_force, with_moment
from uncase_pipeline.certified.judge.score import ASPECT_SCORES, JUDGE, bounds_of
from uncase_pipeline.certified.judge.sitting import judged, sitting
from uncase_pipeline.certified.judge.stated import judge_document
from uncase_pipeline.certified.leakage import Leakage
from uncase_pipeline.certified.metrics.registry import METRICS
from uncase_pipeline.certified.report import report_html
from uncase_pipeline.certified.reports import REPORTS, report_row
from uncase_pipeline.certified.selection import Selection, evaluation_fingerprints
from uncase_pipeline.certified.source import Source
from uncase_pipeline.certified.style import StyleLeak
from uncase_pipeline.dialogue.knowledge import read_knowledge
from uncase_pipeline.gateway.ledger import ledger_path, summary
from uncase_pipeline.records.arrow import CONVERSATIONS, from_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.records.seed_rows import read_seeds
from uncase_pipeline.seal.lock import seal_stage
from uncase_pipeline.seal.merkle import MerkleTree
from uncase_pipeline.seal.rows import Rows
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.lake import Lake, Stage

ASSET = "certified_conversations"
GATES = ("rows_passed", "no_leakage", "compliance")
INPUTS = ("raw_conversations", "anonymized_conversations", "seeds", "synthetic_conversations")
REPORT_FILE = "report.html"


@dataclass(slots=True)
class Outcome:
    """What came of it.

    Attributes:
        rulings: One per name in ``GATES``.
        tally: The books.
        census: Distributions and reasons, for the UI.
    """

    rulings: list[Ruling]
    tally: Tally
    census: Census


def certify_partition(
    lake: Lake,
    stage: Stage,
    domain: str,
    settings: Settings,
    *,
    open_scanner: Callable[[], Scanner],
    log: Logger,
    run_id: str = "certify",
    now: datetime | None = None,
) -> Outcome:
    """Certify the current synthetic conversations of a domain into a stage.

    Args:
        lake: Where the inputs are.
        stage: Takes the rows that pass, all reports and the certificate.
        domain: Partition.
        settings: Thresholds, profiles, judge, knowledge base.
        open_scanner: Loads the detector chain, in every process that grades rows.
        log: Takes counts.
        run_id: Names the run to the gateway.
        now: When the certificate is issued; the clock where it is not given.
    """
    seeds = list(read_seeds(lake.require("seeds", domain)))
    source = Source.read(source_conversations(lake, domain), lake.vault)
    requirements = strictest_of(settings.compliance_profiles, _higher_is_stricter())
    stricter = stricter_of(settings)
    drift = Drift.of_settings(settings, masked_conversations(lake, domain))
    yardstick = Yardstick(
        seeds={seed.seed_id: seed for seed in seeds},
        coder=source.fingerprints.hasher.coder,
        open_scanner=open_scanner,
        source=source.fingerprints,
        suspects=source.suspects,
        knowledge=read_knowledge(settings.knowledge, domain),
        stricter=stricter,
    )
    selection = Selection(
        source.near, evaluation=evaluation_fingerprints(settings.evaluation_set, yardstick.coder)
    )
    batches = lake.require("synthetic_conversations", domain).batches("conversations.parquet")
    graded = grade_batches(batches, yardstick, settings.processes)
    desk = _Desk(stage, seeds, source, yardstick, drift)
    with sitting(settings, open_scanner, run_id=run_id, log=log.info) as judge:
        tally, rows = desk.write(selection.select(judged(graded, judge, yardstick.seeds, stricter)))
        judge_said = judge_document(judge)
    scanner = open_scanner()
    facts = Facts(
        domain=domain,
        rows=rows,
        tally=tally,
        census=desk.census,
        source=source.shape,
        findings=[*desk.leakage.findings(), desk.style.finding(settings.seed)],
        controls=controls(scanner),
        requirements=requirements,
        stricter=stricter,
        inputs={asset: lake.require(asset, domain).id for asset in INPUTS},
        scanner=scanner.version,
        egress=summary(ledger_path(settings), partition=domain).wire(),
        least_support=min((seed.support for seed in seeds if seed.support), default=None),
        judge=judge_said,
        drift=drift.document(stricter.get(DRIFT)) if drift else None,
        drift_bound=stricter.get(DRIFT),
    )
    before = in_force(lake, ASSET, domain, settings)
    stated = with_moment(predicate(facts), before, now or datetime.now(UTC))
    _seal(stage, stated, settings)
    log.info("%d of %d rows passed", tally.rows_out, tally.rows_in)
    return Outcome(rulings(facts), tally, desk.census)


def source_conversations(lake: Lake, domain: str) -> Iterator[Conversation]:
    """Read what the people of a domain wrote, raw from the vault and masked."""
    raw = lake.require("raw_conversations", domain)
    masked = lake.require("anonymized_conversations", domain)
    return from_batches(
        chain(raw.batches("conversations.vault.parquet"), masked.batches("conversations.parquet"))
    )


def masked_conversations(lake: Lake, domain: str) -> Iterator[Conversation]:
    """Read what the people of a domain wrote, masked as the rows are."""
    return from_batches(lake.require("anonymized_conversations", domain).batches("conversations.parquet"))


def _seal(stage: Stage, stated: dict[str, Any], settings: Settings) -> None:
    with stage.open(REPORT_FILE) as file:
        file.write(report_html(stated).encode())
    seal_stage(stage, PREDICATE_TYPE, stated, settings)


def _higher_is_stricter() -> list[str]:
    judges = (JUDGE, *ASPECT_SCORES.values())
    return [*judges, *(name for name, metric in METRICS.items() if metric.direction == "at_least")]


def stricter_of(settings: Settings) -> dict[str, float]:
    """Return the thresholds in force before any seed's: those of settings, profiles and metrics."""
    profiles = strictest_of(settings.compliance_profiles, _higher_is_stricter())
    both = (settings.thresholds, profiles.thresholds)
    bounds = {name: strictest(metric, name, *both) for name, metric in METRICS.items()}
    drift = [bound[DRIFT] for bound in both if DRIFT in bound]
    return {**bounds, **bounds_of(*both), **({DRIFT: min(drift)} if drift else {})}


class _Desk:
    """Writes rows that passed and a report for each row, and counts, while batches stream by."""

    def __init__(
        self, stage: Stage, seeds: list[Seed], source: Source, yardstick: Yardstick, drift: Drift | None
    ) -> None:
        coder = yardstick.coder
        self.census = Census(seeds, bigrams=Hasher(coder, 2), unigrams=Hasher(coder, 1))
        self.leakage = Leakage(source.suspects)
        self.style = StyleLeak(source.speakers)
        self._drift = drift
        self._stage = stage
        self._seeds = yardstick.seeds
        self._tree = MerkleTree()

    def write(self, graded: Iterable[tuple[pa.RecordBatch, list[Graded]]]) -> tuple[Tally, Rows]:
        """Write everything; the rows that passed keep their order."""
        with (
            Books.kept(self._stage) as books,
            self._stage.writer("conversations.parquet", CONVERSATIONS) as rows_out,
            self._stage.writer("reports.parquet", REPORTS) as reports_out,
        ):
            for batch, rows in graded:
                passed = [row.report.passed for row in rows]
                rows_out.write_batch(batch.filter(pa.array(passed)))
                reports_out.write_batch(
                    pa.RecordBatch.from_pylist([report_row(row.report, row.leaf) for row in rows], REPORTS)
                )
                books.tally.rows_in += len(rows)
                books.tally.rows_out += sum(passed)
                for conversation, row in zip(from_batches([batch]), rows, strict=True):
                    self._count(conversation, row, books)
        return books.tally, Rows(self._tree.size, self._tree.root.hex())

    def _count(self, conversation: Conversation, row: Graded, books: Books) -> None:
        self.census.report(row.report)
        self.census.paid(conversation)
        if not row.report.passed:
            self.census.rejected(conversation, row.report)
            books.set_aside(Rejection(row.report.reasons[0], row.report.conversation_id))
            return
        self._tree.append_hash(row.leaf)
        self.census.passed(conversation, int((row.codes != 0).sum()), row.codes)
        self.leakage.observe(row.hits)
        self.style.observe(conversation, self._seeds[str(conversation.seed_id)])
        if self._drift:
            self._drift.observe(conversation)
