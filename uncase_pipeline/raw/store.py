"""Merges an inbox folder into the vault. Knows the lake and the reader; nothing of Dagster, nothing of formats.

What the current version holds is kept. A known conversation is counted and not added again, one that has grown
takes the place of its shorter self, and everything that can't be read is booked with a reason.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.raw.index import Index
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.reader import read, walk
from uncase_pipeline.records.arrow import CONVERSATIONS, from_batches, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.erase import REASON as ERASED
from uncase_pipeline.storage.erase import erased_subjects
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
    """What a run found: counts for people, never content."""

    conversations: Counter[str] = field(default_factory=Counter)
    turns: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    files: int = 0
    without_assistant: int = 0
    subjects: set[str] = field(default_factory=set)

    def as_metadata(self) -> dict[str, Any]:
        """Return the counts for the UI."""
        return {
            "files": self.files,
            "new": self.conversations["new"],
            "grown": self.conversations["grown"],
            "known": self.conversations["known"],
            "turns_added": self.turns["added"],
            "turns_known": self.turns["known"],
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
        signals = from_batches(feedback.batches(FILE)) if feedback else ()
        incoming = chain(_incoming(paths, options, books, news, log), signals)
        wanted = _without(erased_subjects(settings.home), incoming, books)
        rows = _merged(current, wanted, index, news)
        draft = f"incoming-{FILE}"
        _write(stage, draft, rows)
        books.tally.rows_out = _settle(stage, lake, draft, index, news)
        books.tally.rows_in = len(index) + books.tally.rejected.total() + books.tally.quarantined.total()
        stage.name_content(FILE, index.content_digest())
    return books.tally, news.as_metadata()


def without_answer(version: Version) -> tuple[int, int]:
    """Return how many conversations a version holds, and how many of them have no turn of the assistant."""
    rows = silent = 0
    for batch in version.batches(FILE, columns=["messages.list.element.role"]):
        for turns in batch.column("messages").to_pylist():
            rows += 1
            silent += all(turn["role"] != "assistant" for turn in turns)
    return rows, silent


def _incoming(
    paths: Iterable[Any], options: ReadOptions, books: Books, news: News, log: Log
) -> Iterator[Conversation]:
    for number, path in enumerate(paths, start=1):
        news.files += 1
        before = news.conversations.total()
        for item in [path] if isinstance(path, Rejection) else read(path, options):
            if isinstance(item, Rejection):
                books.set_aside(item)
            else:
                yield item
        log.info(f"File {number} read: {news.conversations.total() - before} conversations.")


def _without(
    erased: frozenset[str], incoming: Iterable[Conversation], books: Books
) -> Iterator[Conversation]:
    """Leave out the people who asked to be forgotten: their export may still lie in the inbox."""
    for conversation in incoming:
        if conversation.subject_id in erased:
            books.set_aside(Rejection(ERASED, conversation.conversation_id))
        else:
            yield conversation


def _merged(
    current: Version | None, incoming: Iterator[Conversation], index: Index, news: News
) -> Iterator[Conversation]:
    row = 0
    for conversation in from_batches(current.batches(FILE)) if current else ():
        index.note(conversation, row)
        yield conversation
        row += 1
    for conversation in incoming:
        seen = index.note(conversation, row)
        news.conversations[seen.news] += 1
        news.turns["known"] += seen.known_turns
        news.turns["added"] += 0 if seen.news == "known" else len(conversation.messages) - seen.known_turns
        if seen.news != "known":
            yield conversation
            row += 1


def _write(stage: Stage, name: str, rows: Iterable[Conversation]) -> int:
    """Write the rows and return how many were written."""
    written = 0
    with stage.writer(name, CONVERSATIONS) as writer:
        for batch in to_batches(rows):
            writer.write_batch(batch)
            written += batch.num_rows
    return written


def _settle(stage: Stage, lake: Lake, draft: str, index: Index, news: News) -> int:
    """Leave out the rows that a longer version replaced; return how many stay."""
    staged = from_batches(stage.batches(draft))
    kept = (item for row, item in enumerate(staged) if index.holds(item.conversation_id, row))
    written = _write(stage, FILE, _counted(kept, news))
    lake.fs.rm(stage.path(draft))
    return written


def _counted(rows: Iterable[Conversation], news: News) -> Iterator[Conversation]:
    for conversation in rows:
        news.formats[conversation.source.format if conversation.source else "native"] += 1
        news.rules[str(conversation.metadata.get("roles", {}).get("rule"))] += 1
        news.without_assistant += all(message.role != "assistant" for message in conversation.messages)
        if conversation.subject_id:
            news.subjects.add(conversation.subject_id)
        yield conversation
