"""Makes conversations of the rows of a table. Knows what columns mean, not the file that they come from."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from operator import ge, itemgetter, lt
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft, Turns
from uncase_pipeline.raw.formats.base import set_aside
from uncase_pipeline.raw.formats.blocks import Block, Blocks, Numbers
from uncase_pipeline.raw.formats.columns import Columns, folded
from uncase_pipeline.raw.formats.groups import Begins, Group, by_id, contiguous
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.spoken import NOTES
from uncase_pipeline.raw.turns import is_markup, plain
from uncase_pipeline.records.conversation import Json, Role
from uncase_pipeline.records.rejection import Rejection

V = TypeVar("V")
_YES = {"true", "1", "yes", "y", "sí", "si", "t"}
_FLAGS: tuple[tuple[str, Role, Role], ...] = (
    ("incoming", "user", "assistant"),
    ("outgoing", "assistant", "user"),
)
_WAYS = {
    **dict.fromkeys(("incoming", "inbound", "received", "entrante", "recibido", "recebido", "in"), "inbound"),
    **dict.fromkeys(("outgoing", "outbound", "sent", "saliente", "enviado", "out"), "outbound"),
    **dict.fromkeys(("notification", "system", "event", "activity", "sistema", "evento"), "system"),
}
"""What a column of sorts or types says of a message's way."""
_MAY_BE_MARKUP = {"body", "comment_body", "cuerpo", "corpo"}
_STRANGERS, _OTHERS = 8, 0.8
"""From so many rows on, and with more than this share of authors, a table is no chat."""
_NOTES = NOTES - {"private"}
"""What a column of types says of a note; there, ``private`` may be the sort of a chat."""
_REMEMBERED = 10_000
_DATES_SEEN = 50_000
_OPEN_DATE = re.compile(r"\s*(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}\b")
_OF_CONVERSATION = ("conversation", "turn", "subject", "domain", "language")


class _Memo(dict[str, V]):
    """Remembers what a function returned, and forgets it all when that becomes much."""

    def __init__(self, function: Callable[[str], V]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: str) -> V:
        if len(self) > _REMEMBERED:
            self.clear()
        value = self[key] = self._function(key)
        return value


@dataclass(slots=True)
class _Told:
    """What some rows tell, column by column.

    Attributes:
        roles: Where a row says it.
        authors: A name, else the word for a role.
        contents: What was said.
        times: ISO 8601.
        notes: Whether a row is the team's own note; empty where the table has none.
        cells: Of the columns that tell of the conversation as a whole, by meaning.
    """

    roles: list[Role | None]
    authors: list[str | None]
    contents: list[str]
    times: list[str | None]
    notes: list[bool]
    cells: dict[str, list[str]]

    def picked(self, rows: list[int]) -> "_Told":
        """Return some of the rows, in this order."""
        return _Told(
            [self.roles[row] for row in rows],
            [self.authors[row] for row in rows],
            [self.contents[row] for row in rows],
            [self.times[row] for row in rows],
            [],
            {name: [cells[row] for row in rows] for name, cells in self.cells.items()},
        )


class Plan:
    """How the cells of one table become turns, decided once for the table."""

    def __init__(self, columns: Columns, source: Source, options: ReadOptions) -> None:
        self.source = source
        self.options = options
        self.day_first = options.day_first
        self.dates: Json | None = None
        self.index = columns.index
        content = folded(columns.names[columns.index["content"]])
        self.markup = "html" in content
        self.may_be_markup = content in _MAY_BE_MARKUP
        self.names_chats = columns.names_chats
        self.names_pairs = columns.names_pairs
        self.wanted = sorted(set(columns.index.values()))
        self.roles: _Memo[Role | None] = _Memo(role_of_word)
        self.times: _Memo[str | None] = _Memo(lambda text: clock.iso(text, day_first=self.day_first))
        self._flags = [(columns.index[name], yes, no) for name, yes, no in _FLAGS if name in columns.index]

    def tell(self, block: Block) -> _Told:
        """Return what the rows of a block tell."""
        words = self._words(block)
        names = self._stripped(block, "author")
        contents = block.cells[self.index["content"]].to_pylist()
        authors = words if names is None else [name or word for name, word in zip(names, words, strict=True)]
        return _Told(
            roles=list(map(self.roles.__getitem__, words)),
            authors=[author or None for author in authors],
            contents=self._unmarked(contents),
            times=self.times_of(block),
            notes=self._notes(block),
            cells={
                name: block.cells[self.index[name]].to_pylist()
                for name in _OF_CONVERSATION
                if name in self.index
            },
        )

    def _unmarked(self, contents: list[str]) -> list[str]:
        if self.markup:
            return [*map(plain, contents)]
        return (
            [plain(text) if is_markup(text) else text for text in contents]
            if self.may_be_markup
            else contents
        )

    def times_of(self, block: Block) -> list[str | None]:
        """Return the times of the rows of a block."""
        if "time" not in self.index:
            return [None] * len(block)
        said = block.cells[self.index["time"]].to_pylist()
        if "clock" in self.index:
            clocks = block.cells[self.index["clock"]].to_pylist()
            said = [f"{day} {hour}" for day, hour in zip(said, clocks, strict=True)]
        return list(map(self.times.__getitem__, said))

    def _stripped(self, block: Block, meaning: str) -> list[str] | None:
        if meaning not in self.index:
            return None
        return [*map(str.strip, block.cells[self.index[meaning]].to_pylist())]

    def _words(self, block: Block) -> list[str]:
        """Return what each row says of its speaker: a role, else an author."""
        said = self._stripped(block, "role")
        names = self._stripped(block, "author")
        if said is None or names is None:
            words = said or names or [""] * len(block)
        else:
            words = [word or name for word, name in zip(said, names, strict=True)]
        if (sorts := self._stripped(block, "sort")) is not None:
            ways = map(_WAYS.get, map(str.casefold, sorts))
            words = [way or word for way, word in zip(ways, words, strict=True)]
        for position, yes, no in reversed(self._flags):
            cells = block.cells[position].to_pylist()
            words = [
                (yes if cell.strip().casefold() in _YES else no) if cell else word
                for cell, word in zip(cells, words, strict=True)
            ]
        return words

    def _notes(self, block: Block) -> list[bool]:
        """Return which rows are the team's own notes: private, or not public."""
        cells = [self._stripped(block, meaning) for meaning in ("private", "public", "sort")]
        if cells == [None, None, None]:
            return []
        private, public, sorts = (column or [""] * len(block) for column in cells)
        return [
            closed.casefold() in _YES
            or bool(shown and shown.casefold() not in _YES)
            or sort.casefold() in _NOTES
            for closed, shown, sort in zip(private, public, sorts, strict=True)
        ]


def conversations(
    blocks: Blocks, columns: Columns, source: Source, options: ReadOptions
) -> Iterator[Draft | Rejection]:
    """Yield the conversations of a table of turns.

    Args:
        blocks: Opens the table from its first record.
        columns: What the columns mean.
        source: The file, for what is set aside.
        options: How to read.
    """
    plan = Plan(columns, source, options)
    for group in groups(blocks, plan):
        yield from [group] if isinstance(group, Rejection) else drafts(group, plan)


def groups(blocks: Blocks, plan: Plan) -> Iterator[Group | Rejection]:
    """Decide what only the whole table can tell, and yield its conversations in groups."""
    _decide_dates(blocks, plan)
    if plan.names_pairs and _between_people(blocks, plan):
        at = 1 + max(plan.wanted)
        found = by_id(_with_pairs(blocks, plan, at), [*plan.wanted, at], at)
        return _split_at_silences(found, plan) if "time" in plan.index else found
    key = plan.index.get("conversation")
    if key is None and _is_of_strangers(blocks, plan):
        return iter([set_aside(plan.source, "every-row-another-author")])
    if key is None:
        return contiguous(blocks, plan.wanted, _silences(plan))
    found = by_id(_with_ids_below(blocks, key), plan.wanted, key)
    return _split_at_silences(found, plan) if plan.names_chats and "time" in plan.index else found


def _is_of_strangers(blocks: Blocks, plan: Plan) -> bool:
    """Whether nearly every row has another author, as in forms and reviews: nobody answers anybody there."""
    at = plan.index.get("author")
    if at is None or plan.index.keys() & {"role", "incoming", "outgoing"}:
        return False
    first = next((block for block in blocks([at]) if not isinstance(block, Rejection)), None)
    if first is None or len(first) < _STRANGERS:
        return False
    authors = first.cells[at].unique().to_pylist()
    return len(authors) > _OTHERS * len(first) and not any(map(plan.roles.__getitem__, authors))


def _between_people(blocks: Blocks, plan: Plan) -> bool:
    """Whether the two sides of messages are people or numbers; words for roles name no conversation."""
    sides = [plan.index["origin"], plan.index["recipient"]]
    first = next((block for block in blocks(sides) if not isinstance(block, Rejection)), None)
    names = {name for at in sides for name in first.cells[at].unique().to_pylist()} if first else set()
    return any(plan.roles[name] is None for name in names)


def _with_ids_below(blocks: Blocks, key: int) -> Blocks:
    """Return the table with an id in every row: one left empty is that of the row above, as in merged cells."""

    def again(wanted: Sequence[int] | None) -> Iterator[Block | Rejection]:
        last = ""
        for block in blocks(wanted):
            if not isinstance(block, Rejection) and len(block):
                ids = block.cells[key]
                if pc.any(pc.equal(ids, "")).as_py():
                    block.cells = {**block.cells, key: _filled(ids, last)}
                last = block.cells[key][-1].as_py()
            yield block

    return again


def _filled(ids: pa.StringArray, last: str) -> pa.StringArray:
    missing = pc.replace_with_mask(ids, pc.equal(ids, ""), pa.scalar(None, pa.string()))
    return pc.fill_null(pc.fill_null_forward(missing), last)


def _with_pairs(blocks: Blocks, plan: Plan, at: int) -> Blocks:
    """Return the table with one more column: the two between whom a message goes, whichever wrote it."""
    origin, recipient = plan.index["origin"], plan.index["recipient"]

    def again(wanted: Sequence[int] | None) -> Iterator[Block | Rejection]:
        inner = None if wanted is None else sorted({*wanted, origin, recipient} - {at})
        for block in blocks(inner):
            if isinstance(block, Rejection):
                yield block
                continue
            sides = [block.cells[origin], block.cells[recipient]]
            pair = pc.binary_join_element_wise(pc.min_element_wise(*sides), pc.max_element_wise(*sides), "\n")
            yield Block(block.numbers, {**block.cells, at: pair})

    return again


def _split_at_silences(found: Iterator[Group | Rejection], plan: Plan) -> Iterator[Group | Rejection]:
    """Where the id is of a chat, which goes on for years, a silence ends a conversation in it."""
    for group in found:
        if not isinstance(group, Rejection):
            times = plan.times_of(group.block)
            begun: list[int] = []
            for start, end in pairwise(group.starts.tolist()):
                begun += (start, *_after_silence(times, start, end, plan))
            group.starts = np.array([*begun, len(group.block)], dtype=np.int64)
        yield group


def _after_silence(times: list[str | None], start: int, end: int, plan: Plan) -> Iterator[int]:
    """Yield the rows of a chat before which nobody wrote for long."""
    last = times[start]
    for row in range(start + 1, end):
        now = times[row]
        silence = clock.seconds_between(last, now) if now != last else None
        if silence is not None and abs(silence) > plan.options.gap_seconds:
            yield row
        last = now or last


def drafts(group: Group, plan: Plan) -> Iterator[Draft | Rejection]:
    """Yield the conversations of a group one by one."""
    told = plan.tell(group.block)
    positions = group.block.numbers[group.starts[:-1]].tolist()
    for (start, end), position in zip(pairwise(group.starts.tolist()), positions, strict=True):
        yield _draft_of(told, start, end, position, plan)


def _decide_dates(blocks: Blocks, plan: Plan) -> None:
    """Find whether ``03/04/2024`` has the day first: by a date of this table that decides it, else by locale."""
    when = plan.index.get("time")
    if when is None:
        return
    read = (block for block in blocks([when]) if not isinstance(block, Rejection))
    for said in islice(chain.from_iterable(block.cells[when].to_pylist() for block in read), _DATES_SEEN):
        match = _OPEN_DATE.match(said)
        if match is None:
            if said.strip():
                return
            continue
        first, second = int(match[1]), int(match[2])
        plan.dates = {"order": "day-first" if plan.day_first else "month-first", "decided_by": "locale"}
        if (first > 12) != (second > 12):
            plan.day_first = first > 12
            plan.dates = {"order": "day-first" if plan.day_first else "month-first", "decided_by": "file"}
            return


def _silences(plan: Plan) -> Begins:
    """Without an id the table is one chat: a conversation begins where the times say so."""
    last: str | None = None

    def begins(block: Block) -> Numbers:
        nonlocal last
        times = [last, *plan.times_of(block)]
        rows = [row - 1 for row in _after_silence(times, 0, len(times), plan)]
        last = next((time for time in reversed(times) if time), None)
        return np.array(rows, dtype=np.int64)

    return begins


def _draft_of(told: _Told, start: int, end: int, position: int, plan: Plan) -> Draft | Rejection:
    """Make one conversation of rows that lie together."""
    order = _order(told, start, end)
    notes = sum(told.notes[start:end])
    if notes or order is not None:
        rows = [row for row in order or range(start, end) if not (notes and told.notes[row])]
        if not rows:
            return set_aside(plan.source, "only-internal-notes", position)
        told, start, end = told.picked(rows), 0, len(rows)
    roles = _with_events(told.roles[start:end], told.authors[start:end])
    said = {name: cells[start] or None for name, cells in told.cells.items()}
    return Draft(
        messages=Turns(
            roles=[role or "user" for role in roles],
            authors=told.authors[start:end],
            contents=told.contents[start:end],
            timestamps=told.times[start:end],
            kinds=["text"] * (end - start),
        ),
        position=position,
        key=said.get("conversation"),
        roles_rule="role-word" if None not in roles and ("assistant" in roles or "user" in roles) else None,
        subject=said.get("subject"),
        openings=True,
        domain=said.get("domain"),
        language=said.get("language"),
        metadata={
            **({"internal_notes_left_out": notes} if notes else {}),
            **({"dates": plan.dates} if plan.dates else {}),
        },
    )


def _with_events(roles: list[Role | None], authors: list[str | None]) -> list[Role | None]:
    """Return the roles; a row that names nobody, beside others that say their role, tells of an event."""
    if None not in roles or not any(roles):
        return roles
    return [
        "system" if role is None and author is None else role
        for role, author in zip(roles, authors, strict=True)
    ]


def _order(told: _Told, start: int, end: int) -> list[int] | None:
    """Return the rows in order, None where they lie so: by their own turn numbers, or turned if newest first."""
    turn = told.cells.get("turn")
    if turn is None:
        return _turned(told, start, end)
    try:
        numbers = list(map(float, turn[start:end]))
    except ValueError:
        return None
    if all(map(lt, numbers, numbers[1:])) or len(set(numbers)) < len(numbers):
        return None
    return [row for _, row in sorted(zip(numbers, range(start, end), strict=True), key=itemgetter(0))]


def _turned(told: _Told, start: int, end: int) -> list[int] | None:
    """Return the rows oldest first, where the export has the newest first."""
    first, last = told.times[start], told.times[end - 1]
    if first is None or last is None or first <= last:
        return None
    times = [time or "" for time in told.times[start:end]]
    return [*range(end - 1, start - 1, -1)] if all(map(ge, times, times[1:])) else None
