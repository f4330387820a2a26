"""Words as concepts: what different words for one thing have in common. Knows es and en, no rule and no row."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from uncase_pipeline.certified.metrics.lexicon import lists, words_of
from uncase_pipeline.dialogue.tokens import STOP_WORDS

_STEM = 5
_LIGHT = words_of("constraints", "light")
_UNLESS_ALIKE = 2
"""Words of so few letters say nothing, unless they stand for a concept."""


def stem(word: str) -> str:
    """Return the first letters of a word without its plural: enough to meet its inflected forms."""
    return re.sub(r"(?<=[a-z]{3})e?s$", "", word)[:_STEM]


@lru_cache(maxsize=16_384)
def concept(word: str) -> str | None:
    """Return what a folded word stands for: the name of its group, or its stem; None where it says nothing."""
    whole, beginnings = _alike()
    named = whole.get(word) or next(
        (name for beginning, name in beginnings.items() if word.startswith(beginning)), None
    )
    if named:
        return named
    return None if word in STOP_WORDS or word in _LIGHT or len(word) <= _UNLESS_ALIKE else stem(word)


def concepts(words: Iterable[str]) -> Iterator[str]:
    """Yield the concepts of the words that stand for one."""
    return (found for word in words if (found := concept(word)))


@cache
def _alike() -> tuple[dict[str, str], dict[str, str]]:
    """Return the groups by whole word and by beginning (``promet*``)."""
    named = [(word, name) for name, words in lists()["alike"].items() for word in words.split()]
    return (
        {word: name for word, name in named if word[-1] != "*"},
        {word[:-1]: name for word, name in named if word[-1] == "*"},
    )
