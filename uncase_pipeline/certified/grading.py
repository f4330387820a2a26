"""Grades batches of rows, in one process or in several, and brings the grades back in order."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain, groupby, islice
from operator import attrgetter

import pyarrow as pa

from uncase_pipeline.certified.codes import Coder, Codes
from uncase_pipeline.certified.evaluate import evaluate
from uncase_pipeline.certified.fingerprints import Fingerprints
from uncase_pipeline.certified.leakage import Hits, Suspects
from uncase_pipeline.certified.metrics.measured import Evidence
from uncase_pipeline.certified.metrics.privacy import scanned_of
from uncase_pipeline.certified.near import Signature, Signer
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.collector import collect_seldom, collecting_seldom
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.quality import QualityReport
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seal.merkle import leaf_hash
from uncase_pipeline.seal.rows import leaf
from uncase_pipeline.tools.registry import tool_names, tool_of

PIECE = 100
"""Rows that travel together to another process."""
_FEW = 1_000
_DOMAIN = attrgetter("domain")
"""Fewer rows than this are graded before a second process has started."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What rows are held against, ready to be sent to another process.

    Attributes:
        seeds: By id.
        coder: Codes words, for signatures and fingerprints.
        open_scanner: Loads the detector chain; None where privacy is not measured.
        source: Fingerprints of the source corpus.
        suspects: What leakage tests search the rows for.
        knowledge: Texts of the knowledge base.
        stricter: Thresholds of settings and compliance profiles.
    """

    seeds: Mapping[str, Seed]
    coder: Coder
    open_scanner: Callable[[], Scanner] | None = None
    source: Fingerprints | None = None
    suspects: Suspects | None = None
    knowledge: tuple[str, ...] = ()
    stricter: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graded:
    """What one row got.

    Attributes:
        report: Its report.
        signature: Its MinHash signature, None where it has too few words for one.
        leaf: Hash of its Merkle leaf.
        codes: Its words under the key of the coder.
        hits: Possible traces of source subjects, where they are searched for.
    """

    report: QualityReport
    signature: Signature | None
    leaf: bytes
    codes: Codes
    hits: Hits


class Grader:
    """Grades rows in one process."""

    def __init__(self, yardstick: Yardstick) -> None:
        self._yardstick = yardstick
        self._signer = Signer(yardstick.coder)
        self._evidence = Evidence(
            scanner=yardstick.open_scanner() if yardstick.open_scanner else None,
            source=yardstick.source,
            tools={name: tool_of(name).parameters for name in tool_names()},
            knowledge=yardstick.knowledge,
        )

    def grade_all(self, conversations: Iterable[Conversation]) -> list[Graded]:
        """Grade rows, each by itself; what the scanner reads of all of them, it reads together."""
        conversations = [*conversations]
        if scanner := self._evidence.scanner:
            for domain, some in groupby(sorted(conversations, key=_DOMAIN), key=_DOMAIN):
                texts = [text for conversation in some for text in scanned_of(Reading(conversation))]
                scanner.look_ahead(texts, domain=domain)
        return [self.grade(conversation) for conversation in conversations]

    def grade(self, conversation: Conversation) -> Graded:
        """Grade one row."""
        seed = self._yardstick.seeds.get(conversation.seed_id or "")
        row = Reading(_in_language_of(seed, conversation))
        report = evaluate(row, seed, self._evidence, stricter=self._yardstick.stricter)
        codes = row.coded(self._yardstick.coder)
        suspects = self._yardstick.suspects
        return Graded(
            report,
            self._signer.sign(codes),
            leaf_hash(leaf(conversation)),
            codes,
            suspects.hits(row) if suspects and report.passed else {},
        )


def _in_language_of(seed: Seed | None, conversation: Conversation) -> Conversation:
    """Read a row that does not say its language in that of its seed."""
    if seed is None or conversation.language is not None:
        return conversation
    return replace(conversation, language=seed.language)


def grade_batches(
    batches: Iterable[pa.RecordBatch], yardstick: Yardstick, processes: int = 0
) -> Iterator[tuple[pa.RecordBatch, list[Graded]]]:
    """Grade rows in order; memory does not grow with their number.

    Args:
        batches: Conversations as ``records.arrow`` packs them.
        yardstick: What they are held against.
        processes: How many at once; 0 is one per core.
    """
    pieces = _pieces(batches)
    head = list(islice(pieces, _FEW // PIECE))
    processes = processes or os.cpu_count() or 1
    if processes == 1 or len(head) < _FEW // PIECE:
        grader = Grader(yardstick)
        with collecting_seldom():
            for piece in chain(head, pieces):
                yield piece, grader.grade_all(from_batches([piece]))
    else:
        with collecting_seldom():
            yield from _fanned_out(chain(head, pieces), yardstick, processes)


def _fanned_out(
    pieces: Iterable[pa.RecordBatch], yardstick: Yardstick, processes: int
) -> Iterator[tuple[pa.RecordBatch, list[Graded]]]:
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(processes, context, _open, (yardstick,)) as pool:
        waiting: deque[tuple[pa.RecordBatch, Future[list[Graded]]]] = deque()
        for piece in pieces:
            waiting.append((piece, pool.submit(_grade, piece)))
            if len(waiting) > 2 * processes:
                yield _done(waiting)
        while waiting:
            yield _done(waiting)


def _done(waiting: deque[tuple[pa.RecordBatch, Future[list[Graded]]]]) -> tuple[pa.RecordBatch, list[Graded]]:
    piece, future = waiting.popleft()
    return piece, future.result()


def _pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for start in range(0, batch.num_rows, PIECE):
            yield batch.slice(start, PIECE)


_GRADER: list[Grader] = []
"""The grader of a worker process, opened once when it starts."""


def _open(yardstick: Yardstick) -> None:
    _GRADER[:] = [Grader(yardstick)]
    collect_seldom()


def _grade(piece: pa.RecordBatch) -> list[Graded]:
    return _GRADER[0].grade_all(from_batches([piece]))
