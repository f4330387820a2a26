"""What a file holds, in figures: format and why, conversations, turns, rejects, roles. Never content."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.raw.detect import Detection, detect
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.reader import read_source, sources, walk
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.rejection import Rejection, Tally

Item = Conversation | Rejection
_LISTED = 1_000
_NAMED = 100_000
"""How many rejections and names are held; the counts of rejections go on."""


@dataclass(slots=True)
class FileFigures:
    """Figures of one file, filled while its conversations stream by.

    Attributes:
        path: As the caller named it.
        detection: Format, why and how sure; None where the file can't be opened.
        encoding: Codec that reads it.
        identifiers: Per type, in the conversations that were scanned.
        scanned: How many were.
    """

    path: str
    detection: Detection | None = None
    encoding: str | None = None
    conversations: int = 0
    turns: int = 0
    without_assistant: int = 0
    tally: Tally = field(default_factory=Tally)
    roles: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    dates: Counter[str] = field(default_factory=Counter)
    speakers: dict[str, set[str]] = field(default_factory=dict)
    identifiers: Counter[str] = field(default_factory=Counter)
    scanned: int = 0
    rejections: list[Rejection] = field(default_factory=list)

    def count(self, item: Item) -> None:
        """Count a conversation, or what was set aside."""
        if isinstance(item, Rejection):
            self.tally.set_aside(item)
            self.tally.rows_in += item.rows
            if len(self.rejections) < _LISTED:
                self.rejections.append(item)
            return
        self.tally.rows_in += 1
        self.tally.rows_out += 1
        self.conversations += 1
        self.turns += len(item.messages)
        self.rules[str(item.metadata["roles"]["rule"])] += 1
        self._count_turns(item)

    def _count_turns(self, item: Conversation) -> None:
        roles, kinds = self.roles, self.kinds
        answered = False
        for message in item.messages:
            role = message.role
            roles[role] += 1
            kinds[message.kind] += 1
            answered = answered or role == "assistant"
            author = message.metadata.get("author") if message.metadata else None
            if author and len(names := self.speakers.setdefault(role, set())) < _NAMED:
                names.add(author)
        self.without_assistant += not answered
        dates = item.metadata.get("dates")
        if isinstance(dates, dict):
            self.dates[f"{dates.get('order')}, decided by {dates.get('decided_by')}"] += 1

    def as_document(self) -> dict[str, Any]:
        """Return the figures for ``--json``: counts, codes and reasons."""
        found = self.detection
        return {
            "path": self.path,
            "format": found.format if found else None,
            "why": found.why if found else None,
            "confidence": found.confidence if found else 0.0,
            "encoding": self.encoding,
            "conversations": self.conversations,
            "turns": self.turns,
            "rejects": self.tally.rejected.total() + self.tally.quarantined.total(),
            "reject_reasons": dict(self.tally.rejected + self.tally.quarantined),
            "roles": dict(self.roles),
            "role_rules": dict(self.rules),
            "participants": {role: len(names) for role, names in self.speakers.items()},
            "without_assistant": self.without_assistant,
            "kinds": dict(self.kinds),
            "dates": dict(self.dates),
            "identifiers": dict(self.identifiers),
            "conversations_scanned": self.scanned,
        }


def files_of(paths: Iterable[Path]) -> Iterator[Path | Rejection]:
    """Yield the files that a person named, folders walked.

    Raises:
        UncaseError: ``no-such-file``.
    """
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            yield from walk(path)
        elif path.exists() or path.is_symlink():
            yield path
        else:
            raise UncaseError("no-such-file", f"There is no file {path}.", "Check the path.")


def read_counted(path: Path | Rejection, options: ReadOptions) -> Iterator[tuple[FileFigures, Item | None]]:
    """Yield every item of a file with its figures, already counted; a None item opens a file or a member."""
    if isinstance(path, Rejection):
        figures = FileFigures("(not a plain file)")
        figures.count(path)
        yield figures, path
        return
    for source in sources(path):
        figures = FileFigures(str(path))
        if isinstance(source, Rejection):
            figures.count(source)
            yield figures, source
            continue
        figures.encoding = source.encoding
        try:
            figures.detection = detect(source, options.format)
        except OSError:
            gone = Rejection("unreadable-file", source.sha256[:16], "quarantined")
            figures.count(gone)
            yield figures, gone
            continue
        yield figures, None
        for item in read_source(source, options, figures.detection):
            figures.count(item)
            yield figures, item


def scan_into(figures: FileFigures, conversation: Conversation, scanner: Scanner) -> None:
    """Count the identifiers of a conversation by type."""
    figures.scanned += 1
    figures.identifiers.update(finding.entity_type for finding in scanner.scan_conversation(conversation))
