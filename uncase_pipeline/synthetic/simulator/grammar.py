"""A small generative grammar: parse rules from text, expand them. Knows no language, no domain and no seed.

A file holds rules; a rule is a name with a colon, then alternatives separated by ``|`` or on lines of their
own. Inside an alternative ``{name}`` expands a rule or a value of the context, ``(a|b)`` chooses, ``[a]`` is
there half of the time, ``<a/b>`` follows the register (formal, familiar), and ``#`` starts a comment. Where
``x.familiar`` stands beside ``x``, the familiar register expands it instead. A rule ``x.mf`` that writes @ for
o and a gives ``x.m`` and ``x.f``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from uncase_pipeline.errors import UncaseError

_OPTIONAL_SHARE = 0.5
_FAMILIAR = ".familiar"
_NAME = re.compile(r"([a-z][\w.]*):(.*)")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several alternatives; ``key`` tells the choices of a grammar apart."""

    key: str
    alternatives: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Optional:
    """A part that may be left out."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Register:
    """A part with a formal and a familiar form."""

    formal: str
    familiar: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A rule, or a value of the context, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts in a row."""

    parts: tuple["Node", ...]


Node = str | Choice | Optional | Register | Reference | Sequence
Rules = dict[str, Choice]


@dataclass(slots=True)
class Memory:
    """What one conversation remembers: the random source, the context, and the alternatives already used.

    Attributes:
        random: Source of every choice.
        values: What ``{name}`` stands for before rules are asked.
        familiar: The register.
        used: Alternatives that were taken, by choice.
    """

    random: Random
    values: Mapping[str, str] = field(default_factory=dict)
    familiar: bool = False
    used: dict[str, set[int]] = field(default_factory=dict)

    def pick(self, choice: Choice) -> Node:
        """Return an alternative that was not used yet; all are free again when each has been used."""
        count = len(choice.alternatives)
        if count == 1:
            return choice.alternatives[0]
        used = self.used.setdefault(choice.key, set())
        if len(used) == count:
            used.clear()
        free = [index for index in range(count) if index not in used]
        index = free[int(self.random.random() * len(free))]
        used.add(index)
        return choice.alternatives[index]


class Grammar:
    """Rules of one language and domain, ready to expand."""

    def __init__(self, rules: Rules, language: str = "") -> None:
        self.rules = rules
        self.language = language

    def __contains__(self, name: str) -> bool:
        return name in self.rules

    def expand(self, name: str, memory: Memory) -> str:
        """Return a random text of the rule.

        Raises:
            UncaseError: ``unknown-rule``, naming it.
        """
        return self._refer(name, memory)

    def _expand(self, node: Node, memory: Memory, out: list[str]) -> None:
        match node:
            case str():
                out.append(node)
            case Reference(name):
                out.append(self._refer(name, memory))
            case Sequence(parts):
                for part in parts:
                    self._expand(part, memory, out)
            case Choice():
                self._expand(memory.pick(node), memory, out)
            case Optional(part):
                if memory.random.random() < _OPTIONAL_SHARE:
                    self._expand(part, memory, out)
            case Register(formal, familiar):
                out.append(familiar if memory.familiar else formal)

    def say(self, node: Node, memory: Memory) -> str:
        """Return a text of a part that stands outside the rules and may refer to them."""
        parts: list[str] = []
        self._expand(node, memory, parts)
        return "".join(parts)

    def _refer(self, name: str, memory: Memory) -> str:
        value = memory.values.get(name)
        if value is not None:
            return value
        familiar = f"{name}{_FAMILIAR}"
        rule = self._rule(familiar if memory.familiar and familiar in self.rules else name)
        return self.say(memory.pick(rule), memory)

    def _rule(self, name: str) -> Choice:
        try:
            return self.rules[name]
        except KeyError:
            raise UncaseError(
                "unknown-rule", f"The grammar has no rule {name!r}.", "Add it to the domain's text file."
            ) from None

    def references(self) -> Iterator[tuple[str, str]]:
        """Yield ``(rule, name)`` for every reference, so that a test finds those that lead nowhere."""
        for rule, choice in self.rules.items():
            yield from ((rule, name) for name in references_of(choice))


def references_of(node: Node) -> Iterator[str]:
    """Yield the names that a part refers to."""
    match node:
        case Reference(name):
            yield name
        case Sequence(parts) | Choice(_, parts):
            for part in parts:
                yield from references_of(part)
        case Optional(part):
            yield from references_of(part)


def parse_rules(text: str) -> Rules:
    """Read the rules of one file; alternatives of a rule that comes twice are joined.

    Raises:
        UncaseError: ``bad-grammar``, naming the line.
    """
    sources: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].rstrip()
        if not content:
            continue
        if not line[0].isspace():
            match = _NAME.fullmatch(content)
            if match is None:
                raise _bad(number, "a rule must start with its name and a colon")
            current = sources.setdefault(match[1], [])
            content = match[2]
        if current is None:
            raise _bad(number, "an alternative stands before the first rule")
        if content.strip(" |"):
            current.append(content.strip().strip("|"))
    joined = ((name, " | ".join(lines)) for name, lines in sources.items())
    return {rule: parse_text(rule, form) for name, source in joined for rule, form in _forms(name, source)}


def _forms(name: str, source: str) -> Iterator[tuple[str, str]]:
    """Yield a rule as it stands, or both genders of one that is named ``….mf`` and writes @ for o and a."""
    if not name.endswith(".mf"):
        yield name, source
        return
    for ending, vowel in (("m", "o"), ("f", "a")):
        yield f"{name[:-2]}{ending}", source.replace("@", vowel)


def _bad(number: int, what: str) -> UncaseError:
    return UncaseError("bad-grammar", f"Line {number} of the grammar: {what}.", "Correct the text file.")


def parse_text(key: str, source: str) -> Choice:
    """Read alternatives; ``key`` names them in errors and tells their choices from those of other texts.

    Raises:
        UncaseError: ``bad-grammar``, naming the key.
    """
    parser = _Parser(key, source)
    choice = parser.choice(key, end="")
    if parser.at != len(source):
        raise UncaseError("bad-grammar", f"Rule {key}: a bracket closes too early.", "Correct the text file.")
    return choice


class _Parser:
    """Recursive descent over the alternatives of one rule."""

    def __init__(self, rule: str, source: str) -> None:
        self.rule = rule
        self.source = source
        self.at = 0

    def choice(self, key: str, end: str) -> Choice:
        alternatives = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            alternatives.append(self._sequence())
        if self._peek() != end:
            raise UncaseError(
                "bad-grammar", f"Rule {self.rule}: a bracket is not closed.", "Correct the text file."
            )
        self.at += len(end)
        return Choice(key, tuple(alternatives))

    def _peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while (sign := self._peek()) and sign not in "|)]":
            parts.append(self._part(sign))
        trimmed = _trim(parts)
        return trimmed[0] if len(trimmed) == 1 else Sequence(tuple(trimmed))

    def _part(self, sign: str) -> Node:
        start = self.at
        if sign == "{":
            self.at = self.source.index("}", start) + 1
            return Reference(self.source[start + 1 : self.at - 1])
        if sign == "<":
            self.at = self.source.index(">", start) + 1
            formal, _, familiar = self.source[start + 1 : self.at - 1].partition("/")
            return Register(formal, familiar)
        if sign in "([":
            self.at += 1
            inner = self.choice(f"{self.rule}@{start}", end=")" if sign == "(" else "]")
            return inner if sign == "(" else Optional(inner)
        match = re.compile(r"[^{<(\[|)\]]+").match(self.source, start)
        assert match is not None
        self.at = match.end()
        return match[0]


def _trim(parts: list[Node]) -> list[Node]:
    """Drop the spaces around an alternative: they belong to the layout of the file."""
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    return [part for part in parts if part != ""] or [""]
