"""Merges an inbox folder into the vault. Knows the lake and the reader; nothing of Dagster, nothing of formats.

What the current version holds is kept. A known conversation is counted and not added again, one that has grown
takes the place of its shorter self, and everything that can't be read is booked with a reason.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.raw.digests import digests
from uncase_pipeline.raw.folder_rules import ruled
from uncase_pipeline.raw.index import Index
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.reader import read_batches, walk
from uncase_pipeline.records.arrow import BATCH_ROWS, CONVERSATIONS, Pack, turns_of
from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.erase import REASON as ERASED
from uncase_pipeline.storage.erase import erased_subjects, holds_subject
from uncase_pipeline.storage.lake import Lake, Stage, Version

ASSET = "raw_conversations"
FEEDBACK = "feedback_events"
FILE = "conversations.vault.parquet"


class Log(Protocol):
    """Where progress is told; Dagster's and the standard logger both fit."""

    def info(self, message: str, /) -> Any:
        """Tell one sentence."""
        ...


@dataclass(slots=True)
class News:
    """What a run found in the inbox: counts for people, never content."""

    files: int = 0
    conversations: Counter[str] = field(default_factory=Counter)
    turns: Counter[str] = field(default_factory=Counter)

    def as_metadata(self) -> dict[str, Any]:
        """Return the counts for the UI."""
        return {
            "files": self.files,
            "new": self.conversations["new"],
            "grown": self.conversations["grown"],
            "known": self.conversations["known"],
            "turns_added": self.turns["added"],
            "turns_known": self.turns["known"],
        }


@dataclass(slots=True)
class Stored:
    """What a stored file is made of, counted while it is written."""

    rows: int = 0
    formats: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    without_assistant: int = 0
    subjects: set[str] = field(default_factory=set)

    def count(self, batch: pa.RecordBatch) -> None:
        """Count one batch."""
        self.rows += batch.num_rows
        formats = batch.column("source").flatten()[0].to_pylist()
        self.formats.update(name or "native" for name in formats)
        self.rules.update(map(_rule, batch.column("metadata").to_pylist()))
        self.without_assistant += _silent(batch)
        self.subjects.update(_people_in(batch))

    def as_metadata(self) -> dict[str, Any]:
        """Return the counts for the UI."""
        return {
            "formats": dict(self.formats),
            "role_rules": dict(self.rules),
            "without_assistant": self.without_assistant,
            "subjects": len(self.subjects),
        }


def store_inbox(
    settings: Settings, lake: Lake, stage: Stage, domain: str, *, log: Log
) -> tuple[Tally, dict[str, Any]]:
    """Read ``<inbox>/<domain>/`` into the stage, merged with what is already published.

    Returns:
        The books, and counts for the UI: new, grown and known conversations, formats, rules.

    Raises:
        UncaseError: ``inbox-empty`` where there is neither a file nor a published version.
    """
    options = ReadOptions.of(settings, domain, subject_key=lake.vault.derive("subject-id"))
    folder = settings.inbox_folder(domain)
    current = lake.current(ASSET, domain)
    feedback = lake.current(FEEDBACK, domain)
    paths = list(walk(folder)) if folder.is_dir() else []
    if not paths and current is None and feedback is None:
        raise UncaseError(
            "inbox-empty",
            f"There is nothing to import for {domain}: {folder} holds no file.",
            "Put exports there; `uncase preview` shows what they hold.",
        )
    news = News()
    with Index() as index, Books.kept(stage) as books:
        signals = feedback.batches(FILE) if feedback else ()
        incoming = chain(_incoming(paths, options, books, news, log), signals)
        wanted = _without(erased_subjects(settings.home), incoming, books)
        stored = _write(stage, FILE, _merged(current, wanted, index, news))
        if index.replaced:
            stored = _leave_out_replaced(stage, lake, index)
        books.tally.rows_out = stored.rows
        books.tally.rows_in = len(index) + books.tally.rejected.total() + books.tally.quarantined.total()
        stage.name_content(FILE, index.content_digest())
    return books.tally, {**news.as_metadata(), **stored.as_metadata()}


def without_answer(version: Version) -> tuple[int, int]:
    """Return how many conversations a version holds, and how many of them have no turn of the assistant."""
    rows = silent = 0
    for batch in version.batches(FILE, columns=["messages.list.element.role"]):
        rows += batch.num_rows
        silent += _silent(batch)
    return rows, silent


def _incoming(
    paths: Iterable[Any], options: ReadOptions, books: Books, news: News, log: Log
) -> Iterator[pa.RecordBatch]:
    pack = Pack()
    for number, path in enumerate(paths, start=1):
        news.files += 1
        for item in [path] if isinstance(path, Rejection) else read_batches(path, ruled(path, options), pack):
            if isinstance(item, Rejection):
                books.set_aside(item)
            else:
                yield item
        log.info(f"File {number} read.")
    if len(pack):
        yield pack.take()


def _without(
    erased: frozenset[str], incoming: Iterable[pa.RecordBatch], books: Books
) -> Iterator[pa.RecordBatch]:
    """Leave out the people who asked to be forgotten: their export may still lie in the inbox."""
    if not erased:
        yield from incoming
        return
    for batch in incoming:
        theirs = holds_subject(batch, erased)
        if not pc.any(theirs).as_py():
            yield batch
            continue
        for identifier in batch.filter(theirs).column("conversation_id").to_pylist():
            books.set_aside(Rejection(ERASED, identifier))
        yield batch.filter(pc.invert(theirs))


def _merged(
    current: Version | None, incoming: Iterator[pa.RecordBatch], index: Index, news: News
) -> Iterator[pa.RecordBatch]:
    row = 0
    for batch in current.batches(FILE) if current else ():
        _note(batch, row, index)
        yield batch
        row += batch.num_rows
    for batch in incoming:
        fresh = _note(batch, row, index, news)
        if any(fresh):
            kept = batch if all(fresh) else batch.filter(pa.array(fresh))
            yield kept
            row += kept.num_rows


def _note(batch: pa.RecordBatch, row: int, index: Index, news: News | None = None) -> list[bool]:
    """Note the rows of a batch, the first of which would be stored in ``row``; return which of them are news."""
    fresh = []
    identifiers = batch.column("conversation_id").to_pylist()
    for identifier, (turns, digest) in zip(identifiers, digests(batch), strict=True):
        seen = index.note(identifier, turns, digest, row)
        is_news = seen.news != "known"
        row += is_news
        fresh.append(is_news)
        if news is not None:
            news.conversations[seen.news] += 1
            news.turns["known"] += seen.known_turns
            news.turns["added"] += turns - seen.known_turns if is_news else 0
    return fresh


def _write(stage: Stage, name: str, batches: Iterable[pa.RecordBatch]) -> Stored:
    stored = Stored()
    with stage.writer(name, CONVERSATIONS) as writer:
        for batch in _row_groups(batches):
            writer.write_batch(batch)
            stored.count(batch)
    return stored


def _row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Put small batches together: each that is written becomes a row group."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(item.num_rows for item in held) >= BATCH_ROWS:
            yield pa.concat_batches(held)
            held = []
    if held:
        yield pa.concat_batches(held)


def _leave_out_replaced(stage: Stage, lake: Lake, index: Index) -> Stored:
    """Write the rows once more, without those that a longer version replaced."""
    whole = f"incoming-{FILE}"
    lake.fs.mv(stage.path(FILE), stage.path(whole))
    stored = _write(stage, FILE, _held(stage.batches(whole), index))
    lake.fs.rm(stage.path(whole))
    return stored


def _held(batches: Iterable[pa.RecordBatch], index: Index) -> Iterator[pa.RecordBatch]:
    row = 0
    for batch in batches:
        identifiers = batch.column("conversation_id").to_pylist()
        held = [index.holds(identifier, row) for row, identifier in enumerate(identifiers, start=row)]
        row += batch.num_rows
        yield batch if all(held) else batch.filter(pa.array(held))


def _silent(batch: pa.RecordBatch) -> int:
    """Return how many conversations have no turn of the assistant."""
    ends, turns = turns_of(batch)
    answers = np.append(
        0, np.cumsum(pc.equal(turns.field("role"), "assistant").to_numpy(zero_copy_only=False))
    )
    return int(np.count_nonzero(np.diff(answers[ends]) == 0))


def _people_in(batch: pa.RecordBatch) -> Iterator[str]:
    """Yield the ids of the customers of a batch: of a group's conversation each of them, not the group's own."""
    groups = pc.fill_null(pc.match_substring(batch.column("metadata"), '"subject_ids"'), fill_value=False)
    yield from filter(None, batch.filter(pc.invert(groups)).column("subject_id").unique().to_pylist())
    for metadata in batch.filter(groups).column("metadata").to_pylist():
        yield from orjson.loads(metadata).get("subject_ids", ())


def _rule(metadata: str | None) -> str:
    roles = orjson.loads(metadata).get("roles") if metadata else None
    return str(roles.get("rule") if isinstance(roles, dict) else None)
