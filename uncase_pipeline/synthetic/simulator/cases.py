"""Cases: what people of one domain come with, and what is asked, answered and proposed there. Knows no turn.

A file holds one table per case; a value holds one line per way to say it, and a line its parts, separated by
``=>``: a question with its answer, a proposal with the objection to it. ``{name}`` says the fact of that name;
a line whose facts the seed lacks is not used. The table ``general`` fits every case of its domain.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from uncase_pipeline.dialogue.tokens import content_words
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.synthetic.simulator.grammar import (
    Choice,
    Grammar,
    parse_rules,
    parse_text,
    references_of,
)
from uncase_pipeline.synthetic.simulator.language import TEXTS, grammar_for

PARTS: Mapping[str, tuple[int, int]] = {
    "topic": (1, 1), "want": (1, 1), "open": (1, 1), "me": (1, 1), "ask": (2, 3), "q": (2, 3), "why": (2, 2),
    "do": (1, 3), "slip": (2, 3), "deny": (1, 2), "task": (1, 1), "check": (2, 3),
}  # fmt: skip
"""How many parts a line of each kind has, at least and at most.

topic: what it is about, as a noun. want: what the customer wants to do. open, me: what the customer tells.
ask: a question of the assistant, the answer, what the assistant makes of it. q: a question of the customer, the
answer, its reason. why: a statement and its reason. do: what is proposed, the objection to it, what is said to
that. slip: a misunderstanding, what is right, its reason. deny: what can't be done, its reason. task: what the
assistant asks for. check: a question that is answered with no, that answer, what the assistant makes of it.
"""
GENERAL = "general"
_STEM = 5
_LEAST_WORD = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One way to say something.

    Attributes:
        key: Case, kind and number.
        parts: Its texts.
        facts: Names of the facts that it says.
    """

    key: str
    parts: tuple[Choice, ...]
    facts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Case:
    """What one customer comes with.

    Attributes:
        name: Scenario and number, as in the curated seed that it is written for.
        lines: By kind.
        stems: Of the words that tell it from other cases.
    """

    name: str
    lines: Mapping[str, tuple[Line, ...]]
    stems: frozenset[str]

    def facts(self) -> frozenset[str]:
        """Return the facts that its lines can say."""
        return frozenset().union(*(line.facts for lines in self.lines.values() for line in lines))


def case_of(seed: Seed, language: str, random: Random) -> Case:
    """Return the case that is written for a seed, else one of those that share most words with it."""
    cases = [case for name, case in cases_of(seed.domain, language).items() if name != GENERAL]
    for case in cases:
        if seed.seed_id.endswith(f"-{case.name}"):
            return case
    if not cases:
        return cases_of(seed.domain, language)[GENERAL]
    wanted = stems_of(_about(seed))
    best = max(len(wanted & case.stems) for case in cases)
    return random.choice([case for case in cases if len(wanted & case.stems) == best])


def is_written_for(case: Case, seed: Seed) -> bool:
    """Return whether the case was written for this very seed."""
    return seed.seed_id.endswith(f"-{case.name}")


@cache
def cases_of(domain: str, language: str) -> dict[str, Case]:
    """Read the cases of a domain in a language.

    Raises:
        UncaseError: ``bad-grammar``, naming the line.
    """
    text = (TEXTS / "cases" / f"{domain}.{language}.toml").read_text(encoding="utf-8")
    shared = frozenset(grammar_of(domain, language).rules)
    cases = {name: _case(name, table, shared) for name, table in tomllib.loads(text).items()}
    general = cases.pop(GENERAL, Case(GENERAL, {}, frozenset()))
    return {**cases, GENERAL: _with_aspects(general, grammar_of(domain, language))}


@cache
def grammar_of(domain: str, language: str) -> Grammar:
    """Return the rules of a language with those of a domain."""
    text = (TEXTS / "domains" / f"{domain}.{language}.txt").read_text(encoding="utf-8")
    return Grammar({**grammar_for(language).rules, **parse_rules(text)}, language)


_ASPECTS: Mapping[str, tuple[str, ...]] = {
    "topic": ("",), "me": (".me",), "ask": (".ask", ".me"), "q": (".q", ".a", ".why"), "why": (".a", ".why"),
    "do": (".do",),
}  # fmt: skip
"""Which rules of an aspect of the domain make the parts of a line."""


def _with_aspects(general: Case, grammar: Grammar) -> Case:
    """Add what the domain says of each of its aspects to the lines that fit every case."""
    lines = dict(general.lines)
    for kind, rules in _ASPECTS.items():
        of_aspects = tuple(
            Line(
                f"{GENERAL}.{kind}.{aspect}",
                tuple(grammar.rules[f"{aspect}{rule}"] for rule in rules),
                frozenset(),
            )
            for aspect in map(str, grammar.rules["aspects"].alternatives)
        )
        lines[kind] = (*lines.get(kind, ()), *of_aspects)
    lines["want"] = (Line(f"{GENERAL}.want", (grammar.rules["goal"],), frozenset()),)
    return Case(GENERAL, lines, frozenset())


def _case(name: str, table: Mapping[str, str], shared: frozenset[str]) -> Case:
    lines = {
        kind: tuple(
            _line(kind, f"{name}.{kind}.{number}", line, shared)
            for number, line in enumerate(text.strip().splitlines(), start=1)
        )
        for kind, text in table.items()
    }
    about = " ".join(table.get(kind, "") for kind in ("topic", "want", "open"))
    return Case(name, lines, stems_of(f"{name.replace('_', ' ')} {about}"))


def _line(kind: str, key: str, text: str, shared: frozenset[str]) -> Line:
    sources = [part.strip() for part in text.split("=>")]
    least, most = PARTS.get(kind, (0, 0))
    if not least <= len(sources) <= most:
        raise UncaseError(
            "bad-grammar", f"Case line {key} has {len(sources)} parts.", "See PARTS of cases.py."
        )
    parts = tuple(parse_text(f"{key}.{at}", source) for at, source in enumerate(sources))
    names = {name for part in parts for name in references_of(part)}
    return Line(key, parts, frozenset(names - shared))


def _about(seed: Seed) -> str:
    names = " ".join((*seed.facts, *seed.tools, *seed.tags, seed.scenario or "")).replace("_", " ")
    return " ".join((seed.objective, *seed.constraints, names))


def stems_of(text: str) -> frozenset[str]:
    """Return the beginnings of the words that carry content."""
    return frozenset(word[:_STEM] for word in content_words(text) if len(word) >= _LEAST_WORD)
