"""Constraints: whether the assistant says what a seed forbids, or denies what it demands.

A sentence of the seed is read as stems that must or must not come together, limits on figures, and a
condition (``without …``, ``unless …``). It is broken by an assistant's clause that covers its stems with the
wrong polarity, or states a figure beyond its limit. What is not said breaks nothing. It knows no domain.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from uncase_pipeline.certified.metrics.lexicon import phrases_of, words_of
from uncase_pipeline.certified.metrics.polarity import is_negated
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.dialogue.clauses import Clause, clauses
from uncase_pipeline.dialogue.facts import Fact, extract_facts
from uncase_pipeline.dialogue.tokens import STOP_WORDS, fold
from uncase_pipeline.records.seed import Seed

_COVER = 0.6
_STEM = 5
_FORBIDS = re.compile(rf"^(?:\w+ ){{0,4}}?(?:{'|'.join(words_of('constraints', 'forbid'))})\b")
_CONDITION = re.compile(rf"\b(?:{phrases_of('constraints', 'condition')})\b")
_AT_MOST = re.compile(rf"\b(?:{phrases_of('constraints', 'at_most')})")
_AT_LEAST = re.compile(rf"\b(?:{phrases_of('constraints', 'at_least')})")
_SUPPOSING = words_of("constraints", "supposing")
_LIGHT = words_of("constraints", "light")


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure that must not be passed.

    Attributes:
        unit: Canonical unit, None for a bare number.
        value: The figure.
        above: Whether figures above it are wrong; else those below.
    """

    unit: str | None
    value: float
    above: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of the seed.

    Attributes:
        stems: What it is about.
        forbids: Whether saying so is wrong; else denying it is.
        condition: Stems that allow what is forbidden, once they were spoken of.
        limits: Figures that it bounds.
    """

    stems: frozenset[str]
    forbids: bool
    condition: frozenset[str]
    limits: tuple[Limit, ...]


def broken(row: Reading, seed: Seed) -> list[int]:
    """Return the numbers of the seed's constraints that the assistant breaks, negative ones counted last."""
    rules = rules_of(tuple(seed.constraints), tuple(seed.negative_constraints), seed.language)
    return (
        [number for number, rule in enumerate(rules) if _is_broken(rule, row, seed.language)] if rules else []
    )


@lru_cache(maxsize=4_096)
def rules_of(demands: tuple[str, ...], bans: tuple[str, ...], language: str) -> tuple[Rule, ...]:
    """Read the constraints of a seed."""
    return tuple(
        _rule(text, ban, language) for ban, texts in ((False, demands), (True, bans)) for text in texts
    )


def stem(word: str) -> str:
    """Return the first letters of a word: enough to meet its inflected forms."""
    return word[:_STEM]


def _rule(text: str, banned: bool, language: str) -> Rule:
    folded = fold(text).strip(" ¡!¿?.")
    limits = tuple(_limits(text, folded, language))
    main, condition = folded, ""
    if cut := _CONDITION.search(folded, 4):
        main, condition = folded[: cut.start()], folded[cut.end() :]
    return Rule(
        frozenset(_stems(re.findall(r"[a-z]+", main))) or frozenset(_stems(re.findall(r"[a-z]+", folded))),
        banned or _FORBIDS.search(main) is not None,
        frozenset(_stems(re.findall(r"[a-z]+", condition))),
        limits,
    )


def _limits(text: str, folded: str, language: str) -> Iterator[Limit]:
    for fact in extract_facts(text, language):
        if isinstance(fact.value, float):
            before = folded[max(0, fact.start - 30) : fact.start + 1]
            if _AT_LEAST.search(before) and not re.search(r"no (?:\w+ )?(?:more|mas)", before):
                yield Limit(fact.unit, fact.value, above=False)
            elif _AT_MOST.search(before):
                yield Limit(fact.unit, fact.value, above=True)


def _is_broken(rule: Rule, row: Reading, language: str) -> bool:
    if rule.limits and any(_beyond(rule, clause, facts) for clause, facts in _stated(row, language)):
        return True
    if not rule.stems or rule.limits:
        return False
    spoken: set[str] = set()
    for role, clause in row.clauses:
        stems = set(_stems(clause.words))
        allowed = rule.forbids and rule.condition and rule.condition <= spoken
        if role == "assistant" and not allowed and _covers(rule.stems, stems) and _wrong_way(rule, clause):
            return True
        spoken |= stems
    return False


def _covers(wanted: frozenset[str], said: set[str]) -> bool:
    return len(wanted & said) >= max(_COVER * len(wanted), min(2, len(wanted)))


def _wrong_way(rule: Rule, clause: Clause) -> bool:
    negated = is_negated(clause.words)
    if not rule.forbids:
        return negated and not clause.question
    return not negated and not clause.question and _SUPPOSING.isdisjoint(clause.words)


def _beyond(rule: Rule, clause: Clause, facts: Iterable[Fact]) -> bool:
    about = not rule.stems or rule.stems & set(_stems(clause.words))
    return (
        bool(about)
        and not is_negated(clause.words)
        and any(
            limit.unit == fact.unit
            and isinstance(fact.value, float)
            and (fact.value > limit.value if limit.above else fact.value < limit.value)
            for limit in rule.limits
            for fact in facts
        )
    )


def _stated(row: Reading, language: str) -> Iterator[tuple[Clause, list[Fact]]]:
    for turn in row.turns:
        if turn.role == "assistant" and any(character.isdigit() for character in turn.content):
            for sentence in re.split(r"(?<=[.!?;])\s", turn.content):
                facts = extract_facts(sentence, language)
                for clause in clauses(sentence):
                    yield clause, facts


def _stems(words: Iterable[str]) -> Iterator[str]:
    return (stem(word) for word in words if word not in STOP_WORDS and word not in _LIGHT and len(word) > 2)
