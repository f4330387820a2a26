"""Words of a text with their offsets. Knows letters, not names."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from uncase_pipeline.anonymized.normalize import folded

_TEXTS = 1_024
"""How many texts are remembered: detectors, propagation and audit read the same turns in turn."""
_ENDING = r"(?:s|m|d|ll|ve|re)(?![^\W\d_])"
_IN_WORD = rf"[^\W\d_]+(?:['´`](?!{_ENDING})[^\W\d_]+)*"
"""``O'Connor`` and ``don't`` are one word; ``Audrey's`` is a name and an ending."""
_WORD = re.compile(rf"{_IN_WORD}|['´`]{_ENDING}|\d+|[^\w\s]|_", re.IGNORECASE)
_LETTERS = re.compile(_IN_WORD, re.IGNORECASE)


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


@lru_cache(maxsize=_TEXTS)
def words(text: str) -> Sequence[Word]:
    """Split a text."""
    make, kind = tuple.__new__, Word  # what Word(...) does, without a Python call per word
    return [make(kind, (match[0], match.start(), match.end())) for match in _WORD.finditer(text)]


@lru_cache(maxsize=_TEXTS)
def letters(text: str) -> Sequence[str]:
    """Return the words of a text that consist of letters, without offsets: much faster."""
    return _LETTERS.findall(text)


key = lru_cache(maxsize=500_000)(folded)
"""The folded form of a word, remembered."""
