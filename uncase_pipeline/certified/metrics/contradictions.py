"""Contradictions: what one side says and denies, in one conversation, of the same thing, or a tool said otherwise.

What is answered with yes or no is a statement of who answers. Who corrects himself contradicts nobody.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from uncase_pipeline.certified.metrics.lexicon import phrases_of
from uncase_pipeline.certified.metrics.results import against_tools
from uncase_pipeline.certified.metrics.statements import Part, is_mask_word, parts_of
from uncase_pipeline.certified.reading import Reading
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
    said = list(_statements(row))
    denials = [statement for statement in said if not statement.holds]
    by_turns = sum(any(_contradict(row, denial, other) for other in said) for denial in denials)
    return by_turns + against_tools(row)


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


def _statements(row: Reading) -> Iterator[_Statement]:
    asked: Part | None = None
    asker = ""
    for turn, message in enumerate(row.turns):
        role, last = message.role, None
        if asked and asker != role and (answer := _answer(row.facts[turn])) is not None:
            yield _Statement(role, asked.about, asked.holds is answer, turn, True)
        for last in parts_of(message.content):
            if not last.asks and len(last.about) >= _LEAST:
                yield _Statement(role, last.about, last.holds, turn, False)
        asked, asker = last if last and last.asks else None, role


def _answer(facts: Iterable[Fact]) -> bool | None:
    return next((bool(fact.value) for fact in facts if fact.kind == "yes_no"), None)
