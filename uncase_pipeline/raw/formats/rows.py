"""Groups the rows of a table into conversations. Knows rows and columns, not the file that they come from.

Rows of one conversation usually lie together, and then a conversation is done when the next begins. Where they
do not, the ids that are scattered are found first and gathered in as many passes as the memory asks for: nothing
is written down.
"""

import csv
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from operator import ge, itemgetter, lt

import numpy as np

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import set_aside
from uncase_pipeline.raw.formats.columns import Columns, folded
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import plain
from uncase_pipeline.records.conversation import Json, Message, Role
from uncase_pipeline.records.rejection import Rejection

Row = list[str]
Rows = Callable[[], Iterator[tuple[int, Row] | Rejection]]
"""Opens the table again and yields ``(record number, cells)``."""
MAX_HELD = 200_000


_YES = {"true", "1", "yes", "y", "sí", "si", "t"}
_FLAGS: tuple[tuple[str, Role, Role], ...] = (
    ("incoming", "user", "assistant"),
    ("outgoing", "assistant", "user"),
)
_REMEMBERED = 10_000
_DATES_SEEN = 50_000
_OPEN_DATE = re.compile(r"\s*(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}\b")


class _Plan:
    """How the cells of one table become messages, decided once for the table."""

    def __init__(self, columns: Columns, source: Source, options: ReadOptions) -> None:
        self.source = source
        self.columns = columns
        self.options = options
        self.day_first = options.day_first
        self.dates: Json | None = None
        self.content = columns.index["content"]
        self.when = columns.get("time")
        self.clock = columns.get("clock")
        self.author = columns.get("author")
        self.who = columns.get("role")
        self.markup = "html" in folded(columns.names[self.content])
        self.flags = [(columns.index[name], yes, no) for name, yes, no in _FLAGS if name in columns.index]
        self._roles: dict[str, Role | None] = {}
        self._times: dict[str, str | None] = {}

    def word(self, row: Row) -> str:
        """Return what a row says of its speaker: a role, else an author."""
        for position, yes, no in self.flags:
            if row[position]:
                return yes if row[position].strip().casefold() in _YES else no
        role = row[self.who] if self.who is not None else ""
        return role.strip() or (row[self.author].strip() if self.author is not None else "")

    def said(self, row: Row) -> str:
        """Return the text of a row."""
        return plain(row[self.content]) if self.markup else row[self.content]

    def role(self, word: str) -> Role | None:
        """Return the role of a word; each is looked up once."""
        if word not in self._roles:
            if len(self._roles) > _REMEMBERED:
                self._roles.clear()
            self._roles[word] = role_of_word(word)
        return self._roles[word]

    def time(self, row: Row) -> str | None:
        """Return the time of a row."""
        if self.when is None:
            return None
        said = f"{row[self.when]} {row[self.clock]}" if self.clock is not None else row[self.when]
        if said not in self._times:
            if len(self._times) > _REMEMBERED:
                self._times.clear()
            self._times[said] = clock.iso(said, day_first=self.day_first)
        return self._times[said]

    def notes(self, rows: list[Row]) -> list[Row]:
        """Return the rows that are the team's own notes: private, or not public."""
        private, public = self.columns.get("private"), self.columns.get("public")
        if private is None and public is None:
            return []
        return [
            row
            for row in rows
            if (private is not None and row[private].strip().casefold() in _YES)
            or (public is not None and row[public].strip() and row[public].strip().casefold() not in _YES)
        ]

    def cell(self, row: Row, meaning: str) -> str | None:
        """Return the cell of a column that may be absent or empty."""
        position = self.columns.get(meaning)
        return (row[position] or None) if position is not None else None


def scattered(ids: Iterable[str]) -> set[int]:
    """Return the hashes of the ids whose rows do not lie together, in eight bytes an id."""
    begun = array("q")
    current = None
    for identifier in ids:
        if identifier != current:
            begun.append(hash(identifier))
            current = identifier
    marks = np.frombuffer(begun, dtype=np.int64) if begun else np.empty(0, dtype=np.int64)
    marks.sort()
    return set(marks[1:][marks[1:] == marks[:-1]].tolist())


def conversations(
    rows: Rows,
    columns: Columns,
    source: Source,
    options: ReadOptions,
    *,
    ids: Callable[[], Iterable[str]] | None = None,
) -> Iterator[Draft | Rejection]:
    """Yield the conversations of a table of turns.

    Args:
        rows: Opens the table from its first record.
        columns: What the columns mean.
        source: The file, for what is set aside.
        options: How to read.
        ids: A faster way to the ids alone; where it fails on a bad record, the rows are asked.
    """
    plan = _Plan(columns, source, options)
    _decide_dates(rows, plan)
    key = columns.get("conversation")
    if key is None:
        yield from _by_silence(rows, plan)
        return
    apart = _apart(rows, key, ids)
    yield from _contiguous(rows, plan, key, apart)
    shares = -(-len(apart) // MAX_HELD)
    for share in range(shares):
        yield from _gathered(rows, plan, key, {mark for mark in apart if mark % shares == share})


def _decide_dates(rows: Rows, plan: _Plan) -> None:
    """Find whether ``03/04/2024`` has the day first: by a date of this table that decides it, else by locale."""
    if plan.when is None:
        return
    for row in islice(rows(), _DATES_SEEN):
        if isinstance(row, Rejection) or not row[1][plan.when].strip():
            continue
        match = _OPEN_DATE.match(row[1][plan.when])
        if match is None:
            return
        first, second = int(match[1]), int(match[2])
        plan.dates = {"order": "day-first" if plan.day_first else "month-first", "decided_by": "locale"}
        if (first > 12) != (second > 12):
            plan.day_first = first > 12
            plan.dates = {"order": "day-first" if plan.day_first else "month-first", "decided_by": "file"}
            return


def _apart(rows: Rows, key: int, ids: Callable[[], Iterable[str]] | None) -> set[int]:
    if ids is not None:
        with suppress(csv.Error):
            return scattered(ids())
    return scattered(row[1][key] for row in rows() if not isinstance(row, Rejection))


def _contiguous(rows: Rows, plan: _Plan, key: int, apart: set[int]) -> Iterator[Draft | Rejection]:
    held: list[tuple[int, Row]] = []
    current: str | None = None
    for row in rows():
        if isinstance(row, Rejection):
            yield row
            continue
        identifier = row[1][key]
        if identifier != current:
            if held:
                yield from drafts_of(held, plan)
                held = []
            current = identifier
        if not apart or hash(identifier) not in apart:
            held.append(row)
    if held:
        yield from drafts_of(held, plan)


def _gathered(rows: Rows, plan: _Plan, key: int, wanted: set[int]) -> Iterator[Draft | Rejection]:
    groups: dict[str, list[tuple[int, Row]]] = {}
    for row in rows():
        if not isinstance(row, Rejection) and hash(row[1][key]) in wanted:
            groups.setdefault(row[1][key], []).append(row)
    for held in groups.values():
        yield from drafts_of(held, plan)


def _by_silence(rows: Rows, plan: _Plan) -> Iterator[Draft | Rejection]:
    """Without an id the table is one chat: it is split where the times say so."""
    held: list[tuple[int, Row]] = []
    last: str | None = None
    for row in rows():
        if isinstance(row, Rejection):
            yield row
            continue
        now = plan.time(row[1])
        silence = clock.seconds_between(last, now)
        if held and silence is not None and abs(silence) > plan.options.gap_seconds:
            yield from drafts_of(held, plan)
            held = []
        held.append(row)
        last = now or last
    if held:
        yield from drafts_of(held, plan)


def drafts_of(held: list[tuple[int, Row]], plan: _Plan) -> Iterator[Draft | Rejection]:
    """Make the conversations of one id: one, unless the id is of a chat and there were silences."""
    if not plan.columns.names_chats or plan.when is None:
        yield from _draft_of(held, plan)
        return
    part: list[tuple[int, Row]] = []
    last: str | None = None
    for item in held:
        now = plan.time(item[1])
        silence = clock.seconds_between(last, now)
        if part and silence is not None and abs(silence) > plan.options.gap_seconds:
            yield from _draft_of(part, plan)
            part = []
        part.append(item)
        last = now or last
    yield from _draft_of(part, plan)


def _draft_of(held: list[tuple[int, Row]], plan: _Plan) -> Iterator[Draft | Rejection]:
    """Make one conversation of the rows of one id."""
    rows = _in_order(held, plan)
    notes = plan.notes(rows)
    if notes:
        rows = [row for row in rows if row not in notes]
        if not rows:
            yield set_aside(plan.source, "only-internal-notes", held[0][0])
            return
    words = [plan.word(row) for row in rows]
    known = [plan.role(word) for word in words]
    authors = words if plan.author is None else [row[plan.author].strip() or None for row in rows]
    messages = [
        Message(role or "user", plan.said(row), author or word or None, plan.time(row))
        for row, word, role, author in zip(rows, words, known, authors, strict=True)
    ]
    settled = None not in known and ("assistant" in known or "user" in known)
    yield Draft(
        messages=messages,
        position=held[0][0],
        key=plan.cell(rows[0], "conversation"),
        roles_rule="role-word" if settled else None,
        subject=plan.cell(rows[0], "subject"),
        openings=True,
        domain=plan.cell(rows[0], "domain"),
        language=plan.cell(rows[0], "language"),
        metadata={
            **({"internal_notes_left_out": len(notes)} if notes else {}),
            **({"dates": plan.dates} if plan.dates else {}),
        },
    )


def _in_order(held: list[tuple[int, Row]], plan: _Plan) -> list[Row]:
    """Order the rows by their turn number, where every row has one that is its own, or turn those newest first."""
    rows = [row for _, row in held]
    turn = plan.columns.get("turn")
    if turn is None:
        return _by_time(rows, plan)
    try:
        numbers = [float(row[turn]) for row in rows]
    except ValueError:
        return rows
    if all(map(lt, numbers, numbers[1:])) or len(set(numbers)) < len(numbers):
        return rows
    return [row for _, row in sorted(zip(numbers, rows, strict=True), key=itemgetter(0))]


def _by_time(rows: list[Row], plan: _Plan) -> list[Row]:
    """Return rows that an export has newest first, oldest first; others as they are."""
    if plan.when is None or len(rows) < 2:
        return rows
    first, last = plan.time(rows[0]), plan.time(rows[-1])
    if first is None or last is None or first <= last:
        return rows
    times = [plan.time(row) or "" for row in rows]
    return rows[::-1] if all(map(ge, times, times[1:])) else rows
