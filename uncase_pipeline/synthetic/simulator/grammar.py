"""A small generative grammar: parse rules from text, expand them. Knows no language, no domain and no seed.

A file holds rules; a rule is a name with a colon, then alternatives separated by ``|`` or on lines of their
own. Inside an alternative ``{name}`` expands a rule or a value of the context, ``{name.again}`` says what it
gave last, ``(a|b)`` chooses, ``[a]`` is there half of the time, ``<a/b>`` follows the register (formal,
familiar), and ``#`` starts a comment. A rule ``x.mf`` that writes @ for o and a gives ``x.m`` and ``x.f``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from uncase_pipeline.errors import UncaseError

_OPTIONAL_SHARE = 0.5
_AGAIN = ".again"
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
        aliases: What the head of a name stands for: with ``it`` as ``price``, ``it.ask`` is ``price.ask``.
        familiar: The register.
        used: Alternatives that were taken, by choice.
        last: What each rule gave last.
    """

    random: Random
    values: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    familiar: bool = False
    used: dict[str, set[int]] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)

    def resolve(self, name: str) -> str:
        """Return the rule that a name stands for."""
        head, dot, rest = name.partition(".")
        return f"{self.aliases.get(head, head)}{dot}{rest}"

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

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

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

    def _refer(self, name: str, memory: Memory) -> str:
        value = memory.values.get(name)
        if value is not None:
            return value
        rule = memory.resolve(name.removesuffix(_AGAIN))
        if name.endswith(_AGAIN) and rule in memory.last:
            return memory.last[rule]
        parts: list[str] = []
        self._expand(memory.pick(self._rule(rule)), memory, parts)
        memory.last[rule] = "".join(parts)
        return memory.last[rule]

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
            stack: list[Node] = [choice]
            while stack:
                node = stack.pop()
                match node:
                    case Reference(name):
                        yield rule, name
                    case Sequence(parts) | Choice(_, parts):
                        stack.extend(parts)
                    case Optional(part):
                        stack.append(part)


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
    rules: Rules = {}
    for name, lines in sources.items():
        rules.update({rule: _choice(rule, form) for rule, form in _forms(name, " | ".join(lines))})
    return rules


def _forms(name: str, source: str) -> Iterator[tuple[str, str]]:
    """Yield a rule as it stands, or both genders of one that is named ``….mf`` and writes @ for o and a."""
    if not name.endswith(".mf"):
        yield name, source
        return
    for ending, vowel in (("m", "o"), ("f", "a")):
        yield f"{name[:-2]}{ending}", source.replace("@", vowel)


def _bad(number: int, what: str) -> UncaseError:
    return UncaseError("bad-grammar", f"Line {number} of the grammar: {what}.", "Correct the text file.")


def _choice(key: str, source: str) -> Choice:
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
