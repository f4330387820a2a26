"""How the cells of one table become what was said. Knows what columns mean, no conversations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.formats.blocks import Block
from uncase_pipeline.raw.formats.columns import Columns, folded
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.spoken import NOTES
from uncase_pipeline.raw.turns import is_markup, plain
from uncase_pipeline.records.conversation import Json, Role

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
_NOTES = NOTES - {"private"}
"""What a column of types says of a note; there, ``private`` may be the sort of a chat."""
_REMEMBERED = 10_000
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
class Told:
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

    def picked(self, rows: list[int]) -> "Told":
        """Return some of the rows, in this order."""
        return Told(
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

    def tell(self, block: Block) -> Told:
        """Return what the rows of a block tell."""
        words = self._words(block)
        names = self._stripped(block, "author")
        contents = block.cells[self.index["content"]].to_pylist()
        authors = words if names is None else [name or word for name, word in zip(names, words, strict=True)]
        return Told(
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
