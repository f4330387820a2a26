"""Groups the rows of a table into conversations. Knows rows and columns, not the file that they come from.

Rows of one conversation usually lie together, and then a conversation is done when the next begins. Where they
do not, the ids that are scattered are found first and gathered in as many passes as the memory asks for: nothing
is written down.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.columns import Columns
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.records.conversation import Message
from uncase_pipeline.records.rejection import Rejection

Row = list[str]
Rows = Callable[[], Iterator[tuple[int, Row] | Rejection]]
"""Opens the table again and yields ``(record number, cells)``."""
MAX_HELD = 200_000


def scattered(ids: Iterable[str]) -> set[int]:
    """Return the hashes of the ids whose rows do not lie together."""
    closed: set[int] = set()
    apart: set[int] = set()
    current = None
    for identifier in ids:
        if identifier == current:
            continue
        if current is not None:
            closed.add(hash(current))
        if hash(identifier) in closed:
            apart.add(hash(identifier))
        current = identifier
    return apart


def conversations(rows: Rows, columns: Columns, options: ReadOptions) -> Iterator[Draft | Rejection]:
    """Yield the conversations of a table of turns."""
    key = columns.get("conversation")
    if key is None:
        yield from _by_silence(rows, columns, options)
        return
    apart = scattered(row[1][key] for row in rows() if not isinstance(row, Rejection) and key < len(row[1]))
    yield from _contiguous(rows, columns, options, key, apart)
    for share in range(max(1, -(-len(apart) // MAX_HELD)) if apart else 0):
        yield from _gathered(rows, columns, options, key, apart, share)


def _contiguous(
    rows: Rows, columns: Columns, options: ReadOptions, key: int, apart: set[int]
) -> Iterator[Draft | Rejection]:
    held: list[tuple[int, Row]] = []
    current: str | None = None
    for row in rows():
        if isinstance(row, Rejection):
            yield row
            continue
        identifier = row[1][key]
        if apart and hash(identifier) in apart:
            continue
        if identifier != current and held:
            yield from draft_of(held, columns, options)
            held = []
        current = identifier
        held.append(row)
    if held:
        yield from draft_of(held, columns, options)


def _gathered(
    rows: Rows, columns: Columns, options: ReadOptions, key: int, apart: set[int], share: int
) -> Iterator[Draft | Rejection]:
    shares = max(1, -(-len(apart) // MAX_HELD))
    groups: dict[str, list[tuple[int, Row]]] = {}
    for row in rows():
        if isinstance(row, Rejection):
            continue
        identifier = row[1][key]
        if hash(identifier) in apart and hash(identifier) % shares == share:
            groups.setdefault(identifier, []).append(row)
    for held in groups.values():
        yield from draft_of(held, columns, options)


def _by_silence(rows: Rows, columns: Columns, options: ReadOptions) -> Iterator[Draft | Rejection]:
    """Without an id the table is one chat: it is split where the times say so."""
    when = columns.get("time")
    held: list[tuple[int, Row]] = []
    last: str | None = None
    for row in rows():
        if isinstance(row, Rejection):
            yield row
            continue
        now = clock.iso(row[1][when], day_first=options.day_first) if when is not None else None
        silence = clock.seconds_between(last, now)
        if held and silence is not None and abs(silence) > options.gap_seconds:
            yield from draft_of(held, columns, options)
            held = []
        held.append(row)
        last = now or last
    if held:
        yield from draft_of(held, columns, options)


@dataclass(slots=True)
class _Cells:
    """The cells of one row, by meaning."""

    columns: Columns
    row: Row

    def get(self, meaning: str) -> str | None:
        position = self.columns.get(meaning)
        return self.row[position] if position is not None and position < len(self.row) else None


def draft_of(held: list[tuple[int, Row]], columns: Columns, options: ReadOptions) -> Iterator[Draft]:
    """Make one conversation of the rows of one id."""
    ordered = _in_order(held, columns)
    messages = [_message(_Cells(columns, row), options) for _, row in ordered]
    first = _Cells(columns, ordered[0][1])
    roles = {message.role for message in messages}
    known = all(role_of_word(_word(_Cells(columns, row))) is not None for _, row in ordered)
    yield Draft(
        messages=messages,
        position=held[0][0],
        key=first.get("conversation") or None,
        roles_rule="role-word" if known and roles & {"assistant", "user"} else None,
        subject=first.get("subject") or None,
        openings=True,
        domain=first.get("domain") or None,
        language=first.get("language") or None,
    )


_YES = {"true", "1", "yes", "y", "sí", "si", "t"}
_FLAGS = (("incoming", "user", "assistant"), ("outgoing", "assistant", "user"))


def _word(cells: _Cells) -> str:
    for flag, yes, no in _FLAGS:
        value = cells.get(flag)
        if value:
            return yes if value.strip().casefold() in _YES else no
    return (cells.get("role") or cells.get("author") or "").strip()


def _message(cells: _Cells, options: ReadOptions) -> Message:
    word = _word(cells)
    when = cells.get("time")
    if when is not None and cells.get("clock"):
        when = f"{when} {cells.get('clock')}"
    return Message(
        role=role_of_word(word) or "user",
        content=cells.get("content") or "",
        speaker=(cells.get("author") or word).strip() or None,
        timestamp=clock.iso(when, day_first=options.day_first) if when else None,
    )


def _in_order(held: list[tuple[int, Row]], columns: Columns) -> list[tuple[int, Row]]:
    """Order the rows by their turn number, where every row has one that is its own."""
    turn = columns.get("turn")
    if turn is None:
        return held
    try:
        numbers = [float(row[turn]) for _, row in held]
    except (ValueError, IndexError):
        return held
    if len(set(numbers)) < len(numbers):
        return held
    return [row for _, row in sorted(zip(numbers, held, strict=True), key=lambda pair: pair[0])]
