"""Cuts a turn into clauses of folded words. Knows punctuation, not what the words mean."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from uncase_pipeline.dialogue.tokens import fold, without_placeholders

_TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*[a-z]*|[a-z0-9]+(?:['-][a-z0-9]+)*|[?¿!.;,:()\n…—]")
_ENDS = frozenset("?!.;\n…")
ABBREVIATIONS = frozenset(
    {"sr", "sra", "dr", "dra", "ing", "lic", "mr", "mrs", "ms", "vs", "etc", "aprox", "num"}
)
_BREAKS = frozenset(",:()—")
_MARKS = _ENDS | _BREAKS | {"¿"}
_LONGEST = 4_096
"""Longer texts are not remembered: memory must not grow with theirs."""


class Clause(NamedTuple):
    """A stretch of a turn between two ends.

    Attributes:
        words: Folded words; numbers stay whole (``1,200.50``).
        breaks: Indices of the words before which a comma or the like stands.
        question: Whether it is marked as a question.
    """

    words: tuple[str, ...]
    breaks: frozenset[int]
    question: bool

    def after(self, count: int) -> "Clause":
        """Return the clause without its first words."""
        return Clause(
            self.words[count:], frozenset(at - count for at in self.breaks if at > count), self.question
        )


def clauses(text: str) -> tuple[Clause, ...]:
    """Return the clauses of a text that hold at least one word; readers ask for those of one sentence in turn."""
    return _remembered(text) if len(text) <= _LONGEST else tuple(_clauses(text))


@lru_cache(maxsize=1_024)
def _remembered(text: str) -> tuple[Clause, ...]:
    return tuple(_clauses(text))


def _clauses(text: str) -> Iterator[Clause]:
    words: list[str] = []
    breaks: set[int] = set()
    asked = False
    for piece in _TOKEN.findall(fold(without_placeholders(text))):
        if piece not in _MARKS:
            words.append(piece)
        elif piece in _BREAKS:
            breaks.add(len(words))
        elif piece == "¿":
            asked = True
            breaks.add(len(words))
        elif words and not (piece == "." and words[-1] in ABBREVIATIONS):
            yield Clause(tuple(words), frozenset(breaks), asked or piece == "?")
            words, breaks, asked = [], set(), False
    if words:
        yield Clause(tuple(words), frozenset(breaks), asked)
