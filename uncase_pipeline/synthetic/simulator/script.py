"""One conversation, written along its seed's plan. Knows seeds and grammars, not models and not the gateway.

The same seed, sample and results give the same text. Every sentence is read back with the detectors that
certification uses: one that does not read as its act, or whose figures are not those of the seed, is drawn
again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from uncase_pipeline.dialogue.acts import detect_turn
from uncase_pipeline.dialogue.facts import Fact, agrees, extract_facts
from uncase_pipeline.records.conversation import Json, Message
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.synthetic.simulator.arguments import fill
from uncase_pipeline.synthetic.simulator.grammar import Grammar, Memory
from uncase_pipeline.synthetic.simulator.language import grammar_for, tidy
from uncase_pipeline.synthetic.simulator.persona import ASSISTANT, Persona, is_familiar, persona_for
from uncase_pipeline.synthetic.simulator.plan import FACT_ACTS, Beat, beats_of
from uncase_pipeline.synthetic.simulator.rules import Rule
from uncase_pipeline.synthetic.simulator.topics import Topics
from uncase_pipeline.synthetic.simulator.wording import (
    Scalar,
    choose,
    say_name,
    say_value,
    told_fields,
    unit_of,
)

_DRAWS = 12
_TOLD_FIELDS = 2
_THINGS = 2
"""Things (a car, a treatment) that one conversation is about."""
_LONG_ACTS = frozenset({"inform", "explain", "propose", "ask", "clarify"})


@dataclass(frozen=True, slots=True)
class Turn:
    """What is said in one turn, and the tool call at its end."""

    role: str
    text: str
    tool: str | None = None
    arguments: Json | None = None


class Script:
    """Writes one conversation."""

    def __init__(self, seed: Seed, schemas: Mapping[str, Json], sample: str) -> None:
        """Draw what stays the same through the conversation: people, values, topics, beats.

        Args:
            seed: The plan and the facts.
            schemas: JSON Schema of the arguments, per tool that may be called.
            sample: Names this conversation among those of the seed; all randomness comes from it.
        """
        self._random = Random(f"{seed.seed_id}/{sample}")  # noqa: S311
        self._seed = seed
        self._language = seed.language[:2].lower()
        self._schemas = schemas
        self._grammar: Grammar = grammar_for(seed.domain, self._language)
        self._persona = persona_for(self._random)
        self._facts: dict[str, Scalar] = {
            name: choose(value, self._random) for name, value in seed.facts.items()
        }
        self._asked: Json = {}
        self._rules = [Rule.of(text) for text in (*seed.constraints, *seed.negative_constraints)]
        self._topics = Topics(seed.domain, self._language, self._random, _about(seed))
        self._memory = Memory(self._random, familiar=is_familiar(seed.domain, seed.tone))
        self._things = [self._grammar.expand("thing", self._memory) for _ in range(_THINGS)]
        tools = [name for name in seed.tools if name in schemas]
        self._beats = beats_of(seed, tools, list(filter(self._sayable, self._facts)), self._random)

    def turns(self, results: Sequence[Json]) -> Iterator[Turn]:
        """Write the turns, up to and including the first call that has no result yet."""
        pending = iter(results)
        result: Json | None = None
        for beat in self._beats:
            yield self._turn(beat, result)
            result = None
            if beat.tool is not None:
                result = next(pending, None)
                if result is None:
                    return

    def _turn(self, beat: Beat, result: Json | None) -> Turn:
        self._topics.turn_to(beat)
        sentences: list[str] = []
        facts = list(beat.facts)
        for act in beat.acts:
            if result is not None:
                sentences.append(self._told(act, result))
                result = None
            elif facts and act in FACT_ACTS:
                sentences.append(self._with_facts(beat.role, act, facts))
                facts = []
            elif beat.mistake:
                sentences.append(self._sentence(beat.role, act, f"{beat.role}.mistake.{act}"))
            elif beat.tool is not None and act == "acknowledge":
                sentences.append(self._sentence(beat.role, act, "assistant.call"))
            else:
                sentences.extend(self._sentences(beat.role, act))
        text = self._writer(beat.role).write(tidy(" ".join(sentences), self._language))
        if beat.tool is None:
            return Turn(beat.role, text)
        self._asked = fill(self._schemas[beat.tool], self._facts, self._random)
        return Turn(beat.role, text, beat.tool, self._asked)

    def _writer(self, role: str) -> Persona:
        return self._persona if role == "user" else ASSISTANT

    def _sentences(self, role: str, act: str) -> Iterator[str]:
        """Write one act, in a sentence or more."""
        yield self._sentence(role, act)
        if act in _LONG_ACTS and self._random.random() < self._writer(role).second_sentence:
            yield self._sentence(role, act)

    def _sentence(self, role: str, act: str, rule: str = "") -> str:
        """Write one sentence of an act, by the rule of that act or by another."""
        return self._drawn(
            lambda: self._expand(rule or f"{role}.{act}"),
            lambda text: (
                self._acts_of(role, text) == [act] and not self._facts_in(text) and self._keeps(role, text)
            ),
        )

    def _keeps(self, role: str, text: str) -> bool:
        """Return whether a sentence stays clear of what the assistant must not say or must not deny."""
        return role == "user" or not any(rule.touches(text) for rule in self._rules)

    def _with_facts(self, role: str, act: str, names: list[str]) -> str:
        """Say facts of the seed in one sentence, in words that are read back as those facts."""
        allowed = [self._seed.facts[name] for name in names]

        def reads_back(text: str) -> bool:
            stated = all(any(agrees(fact, value) for value in allowed) for fact in self._facts_in(text))
            return stated and self._acts_of(role, text) == [act]

        return self._drawn(
            lambda: self._expand(f"{role}.{act}.fact", fact=self._listed(map(self._fact, names))), reads_back
        )

    def _sayable(self, name: str) -> bool:
        """Return whether a fact can be said so that it reads back; a unit of the seed's own can't."""
        value, stated = self._seed.facts[name], self._facts_in(self._fact(name))
        return all(agrees(fact, value) for fact in stated)

    def _fact(self, name: str) -> str:
        value, unit = self._facts[name], unit_of(self._seed.facts[name])
        form = "fact.number"
        if isinstance(value, bool):
            form = "fact.yes" if value else "fact.no"
        elif isinstance(value, str):
            form = "fact.text"
        language = self._language
        return self._expand(form, name=say_name(name, language), value=say_value(value, unit, language))

    def _told(self, act: str, result: Json) -> str:
        """Tell what a tool answered, as the act that the plan wants."""
        language = self._language
        told = [
            f"{say_name(name, language)} {say_value(value, None, language)}"
            for name, value in self._news(result)
        ]
        form = "inform" if told else "empty"
        if "error" in result:
            form = "error"
        elif told and f"result.{act}" in self._grammar:
            form = act
        return self._drawn(
            lambda: self._expand(f"result.{form}", told=self._listed(told) if told else ""),
            lambda text: self._acts_of("assistant", text) == [act],
        )

    def _news(self, result: Json) -> list[tuple[str, Scalar]]:
        """Return some fields of a result, in their order; what was asked is told only where nothing else is."""
        fields = list(told_fields(result))
        news = [field for field in fields if field[0] not in self._asked] or fields
        chosen = sorted(self._random.sample(range(len(news)), min(_TOLD_FIELDS, len(news))))
        return [news[at] for at in chosen]

    def _listed(self, items: Iterable[str]) -> str:
        *most, last = items
        return f"{', '.join(most)} {self._expand('and')} {last}" if most else last

    def _drawn(self, draw: Callable[[], str], fits: Callable[[str], bool]) -> str:
        """Draw until a text fits; the last one stands where none does."""
        before = self._memory.last
        for _ in range(_DRAWS):
            self._memory.last = {**before}
            text = draw()
            if fits(text):
                break
        return text

    def _expand(self, rule: str, **values: str) -> str:
        self._memory.aliases = self._topics.aliases
        self._memory.values = {"thing": self._random.choice(self._things), **values}
        return self._grammar.expand(rule, self._memory)

    def _acts_of(self, role: str, text: str) -> list[str]:
        language = self._language
        return detect_turn(Message("user" if role == "user" else "assistant", tidy(text, language)), language)

    def _facts_in(self, text: str) -> list[Fact]:
        return extract_facts(tidy(text, self._language), self._language)


def _about(seed: Seed) -> str:
    """Return what a seed says of its own subject."""
    names = " ".join((*seed.facts, *seed.tools, *seed.tags, seed.scenario or "")).replace("_", " ")
    return " ".join((seed.objective, *seed.constraints, *seed.negative_constraints, names))
