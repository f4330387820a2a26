"""Words of a text with their offsets. Knows letters, not names.

A piece is what stands between spaces. Most pieces recur, no word reaches over a space, and so what is known of a
piece answers for every text that holds it, without a look at its letters.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain
from typing import NamedTuple, overload

from uncase_pipeline.anonymized.normalize import folded
from uncase_pipeline.dialogue.remembered import Remembered

_TEXTS = 512
"""How many texts are remembered: detectors, propagation and audit read the same turns in turn."""
_LONG = 4_000
"""Texts with more characters than this are not remembered: memory must not grow with theirs."""
_ENDING = r"(?:s|m|d|ll|ve|re)(?![^\W\d_])"
_IN_WORD = rf"[^\W\d_]+(?:['´`](?!{_ENDING})[^\W\d_]+)*"
"""``O'Connor`` and ``don't`` are one word; ``Audrey's`` is a name and an ending."""
_WORD = re.compile(rf"{_IN_WORD}|['´`]{_ENDING}|\d+|[^\w\s]|_", re.IGNORECASE)
_LETTERS = re.compile(_IN_WORD, re.IGNORECASE)
_PART = re.compile(r"[^\W_]+")
PIECES = 50_000
"""How many pieces are remembered, per question."""


class Word(NamedTuple):
    """A word, number or mark.

    Attributes:
        text: As written.
        start: First character.
        end: One past the last.
    """

    text: str
    start: int
    end: int


class Words(Sequence[Word]):
    """The words of a text; where they stand is worked out only where somebody asks."""

    __slots__ = ("_inside", "_starts", "_text", "texts")

    def __init__(self, text: str) -> None:
        self._text = text
        self._inside = [*_inside.of_pieces(text)]
        self._starts: list[int] | None = None
        self.texts = [*chain.from_iterable([texts for texts, _ in self._inside])]

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> Word: ...
    @overload
    def __getitem__(self, index: slice) -> list[Word]: ...
    def __getitem__(self, index: int | slice) -> Word | list[Word]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        text, start = self.texts[index], self.starts[index]
        return Word(text, start, start + len(text))

    def at(self, start: int) -> int | None:
        """Return the index of the word that starts at a character, None where none does."""
        index = bisect_left(self.starts, start)
        return index if index < len(self) and self.starts[index] == start else None

    @property
    def starts(self) -> list[int]:
        """The first character of each."""
        if self._starts is None:
            self._starts = self._places()
        return self._starts

    def _places(self) -> list[int]:
        found: list[int] = []
        for begin, (_, inside) in zip(_begins(self._text), self._inside, strict=True):
            if len(inside) == 1:
                found.append(begin)
            else:
                found += [begin + at for at in inside]
        return found


def _begins(text: str) -> list[int]:
    """Return where each piece of a text begins: most texts have one space between two, and need not be searched."""
    pieces = text.split()
    begins = [*accumulate([len(piece) + 1 for piece in pieces], initial=0)]
    if begins.pop() == len(text) + 1:
        return begins
    end = 0
    for number, piece in enumerate(pieces):
        begins[number] = text.index(piece, end)
        end = begins[number] + len(piece)
    return begins


def words(text: str) -> Words:
    """Split a text."""
    return _remembered(text) if len(text) <= _LONG else Words(text)


_remembered = lru_cache(maxsize=_TEXTS)(Words)


def _split(piece: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the words of a piece, and where in it each begins."""
    found = [*_WORD.finditer(piece)]
    return tuple([match[0] for match in found]), tuple([match.start() for match in found])


_inside = Remembered(_split, PIECES)


def letters(piece: str) -> Sequence[str]:
    """Return the words of a piece that consist of letters."""
    return _LETTERS.findall(piece)


key = Remembered(folded, 100_000).of
"""The folded form of a word, remembered."""


def _parts_of(piece: str) -> tuple[str, ...]:
    return tuple(map(key, _PART.findall(piece)))


parts_of = Remembered(_parts_of, PIECES)
"""The folded runs of letters and digits of a piece."""


def parts(text: str) -> Iterator[str]:
    """Return the folded runs of letters and digits of a text."""
    return chain.from_iterable(parts_of.of_pieces(text))
