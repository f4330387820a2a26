"""What is told in one conversation: lines of its case, each used once, and what waits for an answer."""

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

from uncase_pipeline.synthetic.simulator.cases import Case, Line
from uncase_pipeline.synthetic.simulator.grammar import Grammar, Memory
from uncase_pipeline.synthetic.simulator.paraphrase import paraphrase
from uncase_pipeline.synthetic.simulator.rules import denied
from uncase_pipeline.synthetic.simulator.telling import curiosity

_FURTHER = re.compile(r",| (?:y|and|para|antes de|before|con|with) ")
_GENERAL_SHARE = {"q": 0.15, "do": 0.15, "why": 0.15}
"""How often a line that fits every case of the domain is taken before those of the case."""
_DENIALS = 1
"""How many lines that deny something one conversation takes, objections aside."""
_OF_THE_ASSISTANT = {"ask": (0, 2), "q": (1, 2), "why": (0, 1), "do": (0, 2), "slip": (1, 2), "check": (0, 2)}
"""Which parts of a line the assistant says in its own name."""
_OBJECTIONS = frozenset({("do", 1), ("check", 1)})
"""Parts in which the customer says no, as the plan wants."""


class Story:
    """The state that both sides share.

    Attributes:
        question: What the assistant asked and the customer has not answered.
        heard: The answer that the assistant has not taken up.
        query: What the customer asked.
        offer: What the assistant proposed last.
        objection: The proposal that the customer declined, or fears.
        feared: What the customer declined before it was proposed.
        slip: What the customer got wrong.
        denied: What the assistant declined.
    """

    def __init__(
        self,
        sources: tuple[Case, Case],
        values: Mapping[str, str],
        memory: Memory,
        grammar: Grammar,
        is_barred: Callable[[str], bool],
    ) -> None:
        """Begin.

        Args:
            sources: The case whose lines are told, and the lines that fit every case of the domain.
            values: The facts of the seed in words.
            memory: What the conversation remembers.
            grammar: The rules of the language and the domain.
            is_barred: Whether the assistant must not say a text.
        """
        self.question: Line | None = None
        self.heard: Line | None = None
        self.query: Line | None = None
        self.offer: Line | None = None
        self.objection: Line | None = None
        self.feared: Line | None = None
        self.slip: Line | None = None
        self.denied: Line | None = None
        self._sources = sources
        self._language = grammar.language
        self._is_barred = is_barred
        self._grammar = grammar
        self._memory = memory
        greeting, wish = self._grammar.expand("daytime", memory).split("=")
        self._values = {**values, "daytime": greeting, "wish": wish}
        self._random: Random = memory.random
        self._unsaid = set(values)
        self._used: set[str] = set()
        self._denials = 0
        self._about = memory.random.randrange(100)
        self._spoken: dict[tuple[str, int], str] = {}

    def has(self, kind: str) -> bool:
        """Return whether a line of this kind is left."""
        return any(self._free(source, kind) for source in self._sources)

    def has_wish(self) -> bool:
        """Return whether the customer has not said yet what the case is about."""
        return not any(key.split(".")[1] in {"want", "open"} for key in self._used)

    def take(self, kind: str) -> Line | None:
        """Return a line that was not used and may be said; one of the case that says most of what is unsaid."""
        while (line := self._next(kind)) is not None:
            self._used.add(line.key)
            if self._fits(kind, line):
                self._unsaid -= line.facts
                return line
        return None

    def _fits(self, kind: str, line: Line) -> bool:
        """Return whether a line may be said: not barred, and not one more denial where people affirm."""
        own = [at for at in _OF_THE_ASSISTANT.get(kind, ()) if at < len(line.parts)]
        if not own:
            return True
        denies = any(
            denied(self.say(line, at)) for at in range(len(line.parts)) if (kind, at) not in _OBJECTIONS
        )
        if any(self._is_barred(self.say(line, at)) for at in own) or (denies and self._denials >= _DENIALS):
            return False
        self._denials += denies
        return True

    def _next(self, kind: str) -> Line | None:
        groups = [lines for source in self._sources if (lines := self._free(source, kind))]
        if not groups:
            return None
        general = self._random.random() < _GENERAL_SHARE.get(kind, 0)
        lines = groups[-1] if general and max(map(self._news, groups[0])) <= 0 else groups[0]
        most = max(map(self._news, lines))
        return self._random.choice([line for line in lines if self._news(line) == most])

    def _news(self, line: Line) -> int:
        """Return how many facts a line would say that were not said, negative where it only says others again."""
        fresh = len(line.facts & self._unsaid)
        return fresh or -len(line.facts)

    def say(self, line: Line, part: int) -> str:
        """Return a part of a line in words."""
        self._memory.values = self._values
        text = self._grammar.say(self._memory.pick(line.parts[part]), self._memory)
        self._spoken[line.key, part] = text
        return text

    def again(self, line: Line, part: int) -> str:
        """Return the beginning of what was said last of a part of a line, as people refer to it."""
        text = self._spoken.get((line.key, part)) or self.say(line, part)
        return _FURTHER.split(text, maxsplit=1)[0]

    def wonder(self, tool: str, part: str) -> str | None:
        """Return what a customer asks (``ask``) or wants (``want``) whom a tool will answer."""
        text = curiosity(tool, part, self._language)
        self._memory.values = self._values
        return None if text is None else self._grammar.say(self._memory.pick(text), self._memory)

    def frame(self, rule: str, **values: str) -> str:
        """Return a sentence of the language around what is said; ``{topic}`` is what this case is about."""
        self._memory.values = {**self._values, "topic": self._topic(), **values}
        return paraphrase(self._grammar.expand(rule, self._memory), self._language, self._random)

    def _topic(self) -> str:
        lines = self._sources[0].lines["topic"]
        self._memory.values = self._values
        return self._grammar.say(self._memory.pick(lines[self._about % len(lines)].parts[0]), self._memory)

    def _free(self, source: Case, kind: str) -> Sequence[Line]:
        return [
            line
            for line in source.lines.get(kind, ())
            if line.facts <= self._values.keys() and line.key not in self._used
        ]
