"""Constraints: whether the assistant says what a seed forbids, or denies what it demands.

A sentence of the seed is read as concepts that must or must not come together, limits on figures, and a
condition (``without …``, ``unless …``). It is broken by an assistant's clause that covers its concepts with the
wrong polarity, or states a figure beyond its limit. Who may not leave something out must do it. Some acts must be
named, or done without the word for them: to promise, to ask for, to lower something. Who only speaks of it does none
of them. What is not said breaks nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from uncase_pipeline.certified.metrics.concepts import concepts
from uncase_pipeline.certified.metrics.lexicon import lists, phrases_of, words_of
from uncase_pipeline.certified.metrics.limits import Limit, limits_of, passes
from uncase_pipeline.certified.metrics.polarity import is_negated
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.dialogue.clauses import Clause, clauses
from uncase_pipeline.dialogue.facts import Fact, extract_facts
from uncase_pipeline.dialogue.tokens import fold
from uncase_pipeline.records.seed import Seed

_COVER = 0.6
_FORBIDS = re.compile(rf"^(?:\w+ ){{0,4}}?(?:{'|'.join(words_of('constraints', 'forbid'))})\b")
_CONDITION = re.compile(rf"\b(?:{phrases_of('constraints', 'condition')})\b")
_OR = re.compile(r",|\b(?:or|nor|o|u|ni)\b")
_WORD = re.compile(r"[a-z]+")
_SENTENCE = re.compile(r"(?<=[.!?;])\s")
_SUPPOSING = words_of("constraints", "supposing")
_IF = frozenset({"si", "if", "unless"})
_SKIPPING = words_of("constraints", "skipping")
_AFFIRMING = re.compile(rf"\b(?:{phrases_of('constraints', 'affirming')})\b")
_DONE = {head: re.compile(rf"\b(?:{phrases_of('done', head)})") for head in lists()["done"]}
_SAID_IS_DONE, _ASK, _LEAVE_OUT = "speak", "ask", "leave_out"


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of the seed.

    Attributes:
        about: The concepts that it is about; several sets where it names alternatives.
        act: The first of them, where it is an act that can be done without the word for it.
        forbids: Whether saying so is wrong; else denying it is.
        condition: Concepts that allow what is forbidden, once they were spoken of.
        limits: Figures that it bounds.
    """

    about: tuple[frozenset[str], ...]
    act: str | None
    forbids: bool
    condition: frozenset[str]
    limits: tuple[Limit, ...]


class _Said(NamedTuple):
    """A clause with what it is about."""

    role: str
    clause: Clause
    about: frozenset[str]


def broken(row: Reading, seed: Seed) -> list[int]:
    """Return the numbers of the seed's constraints that the assistant breaks, negative ones counted last."""
    rules = rules_of(tuple(seed.constraints), tuple(seed.negative_constraints), seed.language)
    if not rules:
        return []
    said = [_Said(role, clause, frozenset(concepts(clause.words))) for role, clause in row.clauses]
    stated = list(_stated(row, seed.language)) if any(rule.limits for rule in rules) else []
    return [
        number
        for number, rule in enumerate(rules)
        if (_passed(rule, stated) if rule.limits else _is_broken(rule, said))
    ]


@lru_cache(maxsize=4_096)
def rules_of(demands: tuple[str, ...], bans: tuple[str, ...], language: str) -> tuple[Rule, ...]:
    """Read the constraints of a seed."""
    return tuple(
        _rule(text, ban, language) for ban, texts in ((False, demands), (True, bans)) for text in texts
    )


def _rule(text: str, banned: bool, language: str) -> Rule:
    folded = fold(text).strip(" ¡!¿?.")
    main, condition = folded, ""
    if cut := _CONDITION.search(folded, 4):
        main, condition = folded[: cut.start()], folded[cut.end() :]
    forbids = banned or _FORBIDS.search(main) is not None
    first, *others = _OR.split(main) if forbids else [main]
    head, *rest = [*concepts(_WORD.findall(first))] or [*concepts(_WORD.findall(folded))] or [""]
    if forbids and head == _LEAVE_OUT and rest:
        forbids, (head, *rest) = False, rest
    act = head if forbids and head in {*_DONE, _SAID_IS_DONE} and (rest or others) else None
    parts = [rest, *([*concepts(_WORD.findall(part))] for part in others)]
    about = tuple(
        frozenset(part) if act == _SAID_IS_DONE else frozenset((head, *part)) for part in parts if part
    )
    return Rule(
        about or ((frozenset({head}),) if head else ()),
        act,
        forbids,
        frozenset(concepts(_WORD.findall(condition))),
        tuple(limits_of(text, folded, language)),
    )


def _is_broken(rule: Rule, said: Iterable[_Said]) -> bool:
    spoken: set[str] = set()
    for one in said:
        allowed = rule.forbids and rule.condition and rule.condition <= spoken
        if one.role == "assistant" and not allowed and any(_breaks(rule, about, one) for about in rule.about):
            return True
        spoken |= one.about
    return False


def _breaks(rule: Rule, about: frozenset[str], said: _Said) -> bool:
    if not rule.forbids:
        return _covers(about, said.about) and not said.clause.question and _is_denied(said.clause, about)
    if rule.act is None:
        return _covers(about, said.about) and _is_asserted(said.clause, about)
    if rule.act == _SAID_IS_DONE:
        return about <= said.about and _is_asserted(said.clause, about)
    return _covers(about - {rule.act}, said.about) and _is_done(rule.act, about, said)


def _is_done(act: str, about: frozenset[str], said: _Said) -> bool:
    """Return whether a clause does what is forbidden, by the word for it or without. Asking may be a question."""
    by_word, otherwise = act in said.about, _DONE[act].search(" ".join(said.clause.words)) is not None
    if act == _ASK:
        asked = by_word or otherwise or said.clause.question
        return asked and _IF.isdisjoint(said.clause.words) and not _denies(said.clause, about)
    return (by_word or otherwise) and _is_asserted(said.clause, about, _IF if otherwise else _SUPPOSING)


def _covers(wanted: frozenset[str], said: frozenset[str]) -> bool:
    return len(wanted & said) >= max(_COVER * len(wanted), min(2, len(wanted)))


def _is_denied(clause: Clause, about: frozenset[str]) -> bool:
    return _denies(clause, about) or not _SKIPPING.isdisjoint(clause.words)


def _is_asserted(clause: Clause, about: frozenset[str], supposing: frozenset[str] = _SUPPOSING) -> bool:
    return not clause.question and supposing.isdisjoint(clause.words) and not _denies(clause, about)


def _denies(clause: Clause, about: frozenset[str]) -> bool:
    """Return whether a part between commas that speaks of it has a negation: "it is so, nobody doubts it".

    A "no" at the end is the value of what is named before it ("insured no").
    """
    edges = [0, *sorted(clause.breaks), len(clause.words)]
    parts = [clause.words[start:end] for start, end in pairwise(edges)]
    near = " ".join(word for part in parts if not about.isdisjoint(concepts(part)) for word in part)
    near = near.removesuffix(" no")
    return is_negated(_AFFIRMING.sub("", near).split())


def _passed(rule: Rule, stated: Iterable[tuple[Clause, list[Fact]]]) -> bool:
    """Return whether a figure beyond the limits is stated of what the rule is about."""
    about = frozenset().union(*rule.about)
    return any(
        (not about or not about.isdisjoint(concepts(clause.words)))
        and not is_negated(clause.words)
        and any(passes(limit, fact) for limit in rule.limits for fact in facts)
        for clause, facts in stated
    )


def _stated(row: Reading, language: str) -> Iterator[tuple[Clause, list[Fact]]]:
    """Yield the clauses of the assistant, each with the facts of its sentence."""
    for turn in row.turns:
        for sentence in _SENTENCE.split(turn.content) if turn.role == "assistant" else ():
            if facts := extract_facts(sentence, language):
                yield from ((clause, facts) for clause in clauses(sentence))
