"""Words of a text with their offsets. Knows letters, not names."""

import re
from functools import lru_cache
from typing import NamedTuple

from uncase_pipeline.anonymized.normalize import folded

_WORD = re.compile(r"[^\W\d_]+(?:['´`][^\W\d_]+)*|\d+|[^\w\s]|_")
_LETTERS = re.compile(r"[^\W\d_]+(?:['´`][^\W\d_]+)*")


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


def words(text: str) -> list[Word]:
    """Split a text."""
    return [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]


def letters(text: str) -> list[str]:
    """Return the words of a text that consist of letters, without offsets: much faster."""
    return _LETTERS.findall(text)


key = lru_cache(maxsize=500_000)(folded)
"""The folded form of a word, remembered."""
