"""Contradictions: what one side says and denies, in one conversation, of the same thing, or a tool said otherwise.

What is answered with yes or no is a statement of who answers. Who corrects himself contradicts nobody.
"""

import re
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from uncase_pipeline.certified.metrics.lexicon import phrases_of
from uncase_pipeline.certified.metrics.results import against_tools
from uncase_pipeline.certified.metrics.statements import (
    Part,
    concept_number,
    is_mask_word,
    parts_of,
    turns_sense,
)
from uncase_pipeline.certified.reading import Mask, Reading
from uncase_pipeline.certified.vocabulary import BREAK, Ids
from uncase_pipeline.dialogue.facts import Fact

_LEAST = 2
"""Concepts that a statement of one thing has."""
_COVER, _ALIKE, _LEAST_ALIKE = 0.75, 0.6, 3
"""Shares of the concepts of the shorter of two statements, and of both, that they have in common where they are not
the same, and how many these are at least."""
_CORRECTING = re.compile(rf"\b(?:{phrases_of('statements', 'correcting')})\b")


class _Statement(NamedTuple):
    """What somebody says to be so, or not to be so.

    Attributes:
        role: Who says it.
        about: Concepts and masks.
        holds: Whether it is said to be so.
        turn: Where it is said.
        answers: Whether it is a question that was answered with yes or no.
    """

    role: str
    about: frozenset[str]
    holds: bool
    turn: int
    answers: bool


def contradictions(row: Reading) -> int:
    """Count the statements that deny another one of the same side, or the result of a tool."""
    turns = _turns_to_read(row)
    said = list(_statements(row, turns)) if turns else []
    denials = [statement for statement in said if not statement.holds]
    by_turns = sum(any(_contradict(row, denial, other) for other in said) for denial in denials)
    return by_turns + against_tools(row)


def _turns_to_read(row: Reading) -> set[int]:
    """Return the turns with a sentence that denies, or that "no" answers, and another turn's of the same concepts.

    Few turns have one: only these are worth being read closely. A turn is read with the one that follows it.
    """
    kinds = row.vocabulary.look_up(row.ids, "contradictions", _kind, np.uint8)
    named = row.vocabulary.look_up(row.ids, "statements", concept_number, np.int64)
    ends = np.flatnonzero(kinds & _END)
    sentence, turn_of = np.searchsorted(ends, np.arange(len(kinds))), row.turn_of[ends]
    refused = [turn for turn, facts in enumerate(row.facts[1:]) if _answer(facts) is False]
    denies = np.bincount(sentence[kinds & _DENIES > 0], minlength=len(ends)) > 0
    one, other = _meeting(sentence, named, denies | np.isin(turn_of, refused))
    apart = turn_of[one] != turn_of[other]
    found = {*turn_of[one[apart]].tolist(), *turn_of[other[apart]].tolist()}
    return found | {turn + 1 for turn in found}


def _meeting(sentence: Ids, named: Ids, denies: Mask) -> tuple[Ids, Ids]:
    """Return the pairs of a denying sentence and any that share enough concepts."""
    concepts = np.unique(named[denies[sentence] & (named != 0)])
    column = np.minimum(np.searchsorted(concepts, named), len(concepts) - 1)
    known = concepts[column] == named if len(concepts) else np.zeros(len(named), np.bool_)
    holds = np.zeros((len(denies), len(concepts)), np.float32)  # whole numbers multiply slowly
    holds[sentence[known], column[known]] = 1
    at = np.flatnonzero(denies)
    denial, other = np.nonzero(holds[at] @ holds.T >= _LEAST)
    return at[denial], other


_END, _DENIES = 1, 2


def _kind(word: str) -> int:
    if word == BREAK or word in ".!?;…":
        return _END
    return _DENIES if turns_sense(word) else 0


def _contradict(row: Reading, denial: _Statement, other: _Statement) -> bool:
    if not other.holds or denial.about.isdisjoint(other.about) or denial.role != other.role:
        return False
    return _of_one_thing(denial, other) and not any(
        _CORRECTING.search(row.folded[statement.turn]) for statement in (denial, other)
    )


def _of_one_thing(one: _Statement, other: _Statement) -> bool:
    if one.turn == other.turn or (one.answers and other.answers):
        return False
    if one.about == other.about:
        return True
    shared = len(one.about & other.about)
    fewer, both = min(len(one.about), len(other.about)), len(one.about | other.about)
    alike = shared >= max(_LEAST_ALIKE, _COVER * fewer, _ALIKE * both)
    return alike and not any(map(is_mask_word, one.about ^ other.about))


def _statements(row: Reading, turns: Container[int]) -> Iterator[_Statement]:
    asked: Part | None = None
    asker = ""
    for turn, message in enumerate(row.turns):
        role, last = message.role, None
        if asked and asker != role and (answer := _answer(row.facts[turn])) is not None:
            yield _Statement(role, asked.about, asked.holds is answer, turn, True)
        for last in parts_of(message.content) if turn in turns else ():
            if not last.asks and len(last.about) >= _LEAST:
                yield _Statement(role, last.about, last.holds, turn, False)
        asked, asker = last if last and last.asks else None, role


def _answer(facts: Iterable[Fact]) -> bool | None:
    return next((bool(fact.value) for fact in facts if fact.kind == "yes_no"), None)
