"""Statements: the parts of a turn that say of some concepts that it is so, or not so. Knows es and en, no row.

A statement with a figure is none: what is said of figures is for ``fidelity``. Who supposes, wants, or speaks of a
change states nothing.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from uncase_pipeline.certified.metrics.concepts import concept
from uncase_pipeline.certified.metrics.lexicon import lists, phrases_of, words_of
from uncase_pipeline.certified.metrics.polarity import is_negated
from uncase_pipeline.dialogue.clauses import Clause, clauses
from uncase_pipeline.dialogue.remembered import Remembered
from uncase_pipeline.dialogue.sentences import sentences

_MOST_WORDS = 16
"""Speech without punctuation runs on: what is longer is no single statement."""
_STATES_NOTHING = words_of("constraints", "supposing") | words_of("statements", "unsettled")
_LIGHT = words_of("statements", "light")
_JOINS = words_of("statements", "joins")
_ASKING = words_of("statements", "asking")
_AFFIRMING = re.compile(rf"\b(?:{phrases_of('constraints', 'affirming')})\b")
_MASK = re.compile(r"\[([A-Z]+)[A-Z_]*?_?(\d*)\]")
_RUN_ON = re.compile(
    r"(?<=[a-z0-9]) +(?=(?:Can|Do|Does|Did|Is|Are|Was|Were|Will|Would|Could|Should|Have|Has) "
    r"(?:I|you|we|it|he|she|they|this|the|my|your)\b)"
)
"""Where a question begins without a stop before it."""
_NAMED = "mask-"
_OPPOSITES = {word: name for name, words in lists()["opposites"].items() for word in words.split()}
_DIGIT = re.compile(r"(?<![a-z])\d")
_CONTRAST = frozenset({"not", "no"})


class Part(NamedTuple):
    """A part of a clause.

    Attributes:
        words: Folded words; a mask is one word.
        about: Concepts and masks.
        holds: Whether it is said, or asked, to be so.
        asks: Whether it is a question that yes or no answers.
    """

    words: tuple[str, ...]
    about: frozenset[str]
    holds: bool
    asks: bool


def parts_of(text: str) -> Iterator[Part]:
    """Yield the parts of a turn that state something, or ask whether it is so."""
    for sentence, _ in sentences(text):
        yield from _PARTS.of(sentence)


def _parts_of_sentence(text: str) -> tuple[Part, ...]:
    named = _MASK.sub(_as_word, text) if "[" in text else text
    return tuple(
        part
        for clause in clauses(_RUN_ON.sub(". ", named))
        for words in _cut(clause)
        if (part := _part(words, clause.question))
    )


def _as_word(mask: re.Match[str]) -> str:
    return f"{_NAMED}{mask[1].lower()}{mask[2]}"


def is_mask_word(word: str) -> bool:
    """Return whether this stands for a mask."""
    return word.startswith(_NAMED)


def concept_number(word: str) -> int:
    """Return a number of what a word, or a mask as it stands in a text, is about; 0 where it says nothing."""
    named = word if word[:1] == "[" else _named(word) if word[:1].isalpha() else None
    return hash(named) or 1 if named else 0


def turns_sense(word: str) -> bool:
    """Return whether a part with this word says that something is not so."""
    return word in _OPPOSITES or is_negated((word,))


def _cut(clause: Clause) -> Iterator[tuple[str, ...]]:
    """Cut a clause at its commas and conjunctions; a question stays whole between its commas."""
    joins = () if clause.question else (at for at, word in enumerate(clause.words) if word in _JOINS)
    edges = sorted({0, len(clause.words), *clause.breaks, *joins})
    yield from (clause.words[start:end] for start, end in pairwise(edges))


def _part(words: tuple[str, ...], asks: bool) -> Part | None:
    if len(words) > _MOST_WORDS or words[0] in _CONTRAST or (asks and not _ASKING.isdisjoint(words)):
        return None
    said = " ".join(words)
    if not _STATES_NOTHING.isdisjoint(words) or _DIGIT.search(said):
        return None
    about = frozenset(filter(None, map(_named, words)))
    return Part(words, about, _is_so(words, said), asks) if about else None


def _is_so(words: tuple[str, ...], said: str) -> bool:
    """Return whether no negation, or two of them, stand in what is said."""
    negated = is_negated(words) and is_negated(_AFFIRMING.sub("", said).split())
    turned = not _OPPOSITES.keys().isdisjoint(words) and sum(word in _OPPOSITES for word in words) % 2 == 1
    return negated is turned


@lru_cache(maxsize=16_384)
def _named(word: str) -> str | None:
    if word in _LIGHT:
        return None
    return word if is_mask_word(word) else _OPPOSITES.get(word) or concept(word)


_PARTS = Remembered(_parts_of_sentence, 4_096)
