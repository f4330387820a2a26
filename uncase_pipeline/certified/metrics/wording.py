"""Word order: how often a function word is followed by one that can't follow it. Knows es and en, no meaning.

Articles, prepositions and clitics bind what comes next ("the of", "su es" are written by nobody). In shuffled
words such pairs are a third of all; in what people say, even transcribed speech, they are rare.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np

from uncase_pipeline.certified.metrics.lexicon import lists
from uncase_pipeline.certified.metrics.odds import undamaged
from uncase_pipeline.certified.reading import Mask, Reading
from uncase_pipeline.certified.vocabulary import BREAK


class _Impossible:
    """Pairs of words that can't stand together, as a table of first words by following words."""

    def __init__(self, rules: Iterable[str]) -> None:
        read = [tuple(part.split() for part in rule.split(">")) for rule in rules]
        self.first = _numbered(word for firsts, _ in read for word in firsts)
        self.following = _numbered(word for _, nexts in read for word in nexts)
        self.following[BREAK] = self.following["."]
        self.pairs = np.zeros((len(self.first) + 1, len(self.following) + 1), np.bool_)
        for firsts, nexts in read:
            for one in firsts:
                self.pairs[self.first[one], [self.following[other] for other in nexts]] = True


def _numbered(words: Iterable[str]) -> dict[str, int]:
    """Number the distinct words from 1; 0 is every other word."""
    return {word: number for number, word in enumerate(dict.fromkeys(words), start=1)}


@cache
def _impossible(language: str) -> _Impossible:
    return _Impossible(lists()["wording"][language])


USUAL_RATE, SHUFFLED_RATE = 0.012, 0.16
"""Measured on public dialogues and on their turns with the words shuffled."""


def wording(row: Reading) -> float:
    """Return the probability of a natural word order, for the role that speaks least naturally."""
    hits, bound = misplaced(row)
    return min(
        undamaged(int((hits & own).sum()), int((bound & own).sum()), USUAL_RATE, SHUFFLED_RATE)
        for own in (row.said_by("user")[:-1], row.said_by("assistant")[:-1])
    )


def misplaced(row: Reading) -> tuple[Mask, Mask]:
    """Find the pairs that can't stand together, and the function words that could have made one.

    A word said twice is a slip of the tongue, not a damaged text.

    Returns:
        For each place of the stream but the last, whether such a pair or word begins there.
    """
    language, ids, words = row.language, row.ids, row.vocabulary
    table = _impossible(language)
    first = words.look_up(ids, ("first", language), lambda word: table.first.get(word, 0), np.intp)[:-1]
    following = words.look_up(ids, ("next", language), lambda word: table.following.get(word, 0), np.intp)
    bound = (first > 0) & (ids[1:] != ids[:-1])
    return table.pairs[first, following[1:]] & bound, bound
