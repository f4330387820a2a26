"""Words of a text with their offsets. Knows letters, not names.

A piece is what stands between spaces. Most pieces recur, no word reaches over a space, and so what is known of a
piece answers for every text that holds it, without a look at its letters.
"""

import re
from collections.abc import Iterator, Sequence
from functools import _lru_cache_wrapper, lru_cache
from itertools import chain
from typing import NamedTuple, TypeVar

from uncase_pipeline.anonymized.normalize import folded

T = TypeVar("T")
_TEXTS = 256
"""How many texts are remembered: detectors, propagation and audit read the same turns in turn."""
_LONG = 4_000
"""Texts with more characters than this are not remembered: memory must not grow with theirs."""
_LONGEST_PIECE = 256
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


def words(text: str) -> Sequence[Word]:
    """Split a text."""
    return _remembered(text) if len(text) <= _LONG else _split(text)


def _split(text: str) -> Sequence[Word]:
    make, kind = tuple.__new__, Word  # what Word(...) does, without a Python call per word
    found, end = [], 0
    for piece, inside in zip(text.split(), over_pieces(_words, text), strict=True):
        begin = text.index(piece, end)
        end = begin + len(piece)
        for word, at, to in inside:
            found.append(make(kind, (word, begin + at, begin + to)))
    return found


_remembered = lru_cache(maxsize=_TEXTS)(_split)


def over_pieces(answer: "_lru_cache_wrapper[T]", text: str) -> Iterator[T]:
    """Return what a function that remembers its answers says of each piece of a text.

    Where a piece is very long (a file as base64), nothing of that text is remembered.
    """
    pieces = text.split()
    if len(text) > _LONGEST_PIECE and len(max(pieces, key=len, default="")) > _LONGEST_PIECE:
        return map(answer.__wrapped__, pieces)
    return map(answer, pieces)


@lru_cache(maxsize=PIECES)
def _words(piece: str) -> tuple[tuple[str, int, int], ...]:
    return tuple((match[0], match.start(), match.end()) for match in _WORD.finditer(piece))


def letters(piece: str) -> Sequence[str]:
    """Return the words of a piece that consist of letters."""
    return _LETTERS.findall(piece)


key = lru_cache(maxsize=100_000)(folded)
"""The folded form of a word, remembered."""


def parts(text: str) -> Iterator[str]:
    """Return the folded runs of letters and digits of a text."""
    return chain.from_iterable(over_pieces(parts_of, text))


@lru_cache(maxsize=PIECES)
def parts_of(piece: str) -> tuple[str, ...]:
    """Return the folded runs of letters and digits of a piece."""
    return tuple(map(key, _PART.findall(piece)))
