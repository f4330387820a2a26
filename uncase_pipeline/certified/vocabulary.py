"""Words as numbers, so that metrics count with arrays. Knows words, not what is made of them.

A vocabulary grows with what is read; a full one is dropped for a new one between two conversations.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from uncase_pipeline.dialogue.sentences import REMEMBERED

Ids = npt.NDArray[np.intp]

BREAK = ""
"""Stands in a stream of words where a run ends: at a mask, at the end of a turn. Its number is 0."""

_FULL = 200_000


class Vocabulary(dict[str, int]):
    """Numbers words in the order in which they are first seen."""

    def __init__(self) -> None:
        super().__init__({BREAK: 0})
        self.words = [BREAK]
        self._columns: dict[Hashable, _Column] = {}
        self._texts: dict[str, tuple[Ids, ...]] = {}

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self.words)
        self.words.append(word)
        return number

    def ids(self, words: Iterable[str]) -> Ids:
        """Return the number of each word."""
        return np.fromiter(map(self.__getitem__, words), np.intp)

    def ids_of(self, text: str, read: Callable[[str], Iterable[Iterable[str]]]) -> tuple[Ids, ...]:
        """Return the numbers of the words that are read out of a text, once per text; ``read`` is always the same."""
        known = self._texts.get(text)
        if known is None:
            if len(self._texts) >= REMEMBERED:
                self._texts.clear()
            known = self._texts[text] = tuple(self.ids(words) for words in read(text))
        return known

    def look_up(self, ids: Ids, what: Hashable, of: Callable[[str], Any], kind: Any) -> npt.NDArray[Any]:
        """Return a property of each word, worked out once per word.

        Args:
            ids: Numbers of words.
            what: Names the property.
            of: Gives it for one word.
            kind: Its numpy type.
        """
        column = self._columns.get(what)
        if column is None:
            column = self._columns[what] = _Column(of, kind)
        return column.of(self.words)[ids]


class _Column:
    def __init__(self, of: Callable[[str], Any], kind: Any) -> None:
        self._of = of
        self._values = np.empty(1_024, kind)
        self._count = 0

    def of(self, words: list[str]) -> npt.NDArray[Any]:
        new = words[self._count :]
        if new:
            while len(self._values) < len(words):
                self._values = np.concatenate((self._values, np.empty_like(self._values)))
            self._values[self._count : len(words)] = [self._of(word) for word in new]
            self._count = len(words)
        return self._values


_CURRENT = [Vocabulary()]


def vocabulary() -> Vocabulary:
    """Return the vocabulary of this process; whoever keeps numbers keeps it with them."""
    if len(_CURRENT[0].words) > _FULL:
        _CURRENT[0] = Vocabulary()
    return _CURRENT[0]
