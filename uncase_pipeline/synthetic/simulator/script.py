"""One conversation, written along its seed's plan. Knows seeds and grammars, not models and not the gateway.

The same seed, sample and results give the same text. Every sentence is read back with the detectors that
certification uses: one that does not read as its act, or whose figures are not those of the seed, is drawn
again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from uncase_pipeline.dialogue.acts import detect_turn
from uncase_pipeline.dialogue.facts import agrees, extract_facts
from uncase_pipeline.records.conversation import Json, Message
from uncase_pipeline.records.seed import FactValue, Seed
from uncase_pipeline.synthetic.simulator.arguments import fill
from uncase_pipeline.synthetic.simulator.grammar import Grammar, Memory
from uncase_pipeline.synthetic.simulator.language import grammar_for, tidy
from uncase_pipeline.synthetic.simulator.persona import ASSISTANT, is_familiar, persona_for
from uncase_pipeline.synthetic.simulator.plan import Beat, beats_of
from uncase_pipeline.synthetic.simulator.wording import (
    Scalar,
    choose,
    fields_of,
    is_error,
    say_name,
    say_value,
    unit_of,
)

_DRAWS = 12
_ASPECT_SENTENCES = 5
_TOLD_FIELDS = 4
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
        self._schemas = schemas
        self._grammar: Grammar = grammar_for(seed.domain, seed.language)
        self._persona = persona_for(self._random)
        self._facts: dict[str, Scalar] = {
            name: choose(value, self._random) for name, value in seed.facts.items()
        }
        self._beats = beats_of(seed, [name for name in seed.tools if name in schemas], self._random)
        self._topics = _Topics(self._grammar, self._random)
        self._memory = Memory(self._random, familiar=is_familiar(seed.domain, seed.tone))
        self._things = [self._grammar.expand("thing", self._memory) for _ in range(_THINGS)]

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
        sentences = [] if result is None else [self._told(result)]
        facts = list(beat.facts)
        for act in beat.acts:
            sentences.extend(self._sentences(beat, act, facts))
        sentences.extend(self._fact(beat.role, facts.pop(0)) for _ in list(facts))
        writer = self._persona if beat.role == "user" else ASSISTANT
        text = writer.write(tidy(" ".join(sentences), self._seed.language))
        if beat.tool is None:
            return Turn(beat.role, text)
        arguments = fill(self._schemas[beat.tool], self._facts, self._random)
        return Turn(beat.role, text, beat.tool, arguments)

    def _sentences(self, beat: Beat, act: str, facts: list[str]) -> Iterator[str]:
        """Write one act: a fact where it states something and one is due, else a sentence or more."""
        if act == "inform" and facts:
            while facts:
                yield self._fact(beat.role, facts.pop(0))
            return
        yield self._sentence(beat.role, act)
        writer = self._persona if beat.role == "user" else ASSISTANT
        if act in _LONG_ACTS and self._random.random() < writer.second_sentence:
            yield self._sentence(beat.role, act)

    def _sentence(self, role: str, act: str) -> str:
        text = ""
        for _ in range(_DRAWS):
            text = self._expand(f"{role}.{act}")
            if act == "mistake" or self._reads_as(role, text, act):
                break
        return text

    def _expand(self, rule: str, **values: str) -> str:
        self._memory.aliases = self._topics.aliases
        self._memory.values = {"thing": self._random.choice(self._things), **values}
        return self._grammar.expand(rule, self._memory)

    def _reads_as(self, role: str, text: str, act: str) -> bool:
        language = self._seed.language
        message = Message("user" if role == "user" else "assistant", tidy(text, language))
        return detect_turn(message, language) == [act] and not extract_facts(message.content, language)

    def _fact(self, role: str, name: str) -> str:
        """State one fact of the seed, in words that are read back as that fact."""
        language, value = self._seed.language, self._facts[name]
        said = {
            "name": say_name(name, language),
            "value": say_value(value, unit_of(self._seed.facts[name]), language),
        }
        form = {True: "fact.yes", False: "fact.no"}.get(value) if isinstance(value, bool) else None
        if form is None:
            form = (
                "fact.money"
                if said["value"].endswith(("pesos", "dólares", "dollars", "euros"))
                else "fact.plain"
            )
        text = ""
        for _ in range(_DRAWS):
            text = self._expand(f"{role}.fact", fact=self._expand(form, **said))
            if self._reads_back(role, text, self._seed.facts[name]):
                break
        return text

    def _reads_back(self, role: str, text: str, value: FactValue) -> bool:
        language = self._seed.language
        message = Message("user" if role == "user" else "assistant", tidy(text, language))
        facts = extract_facts(message.content, language)
        return detect_turn(message, language) == ["inform"] and all(agrees(fact, value) for fact in facts)

    def _told(self, result: Json) -> str:
        """Tell what a tool answered."""
        language = self._seed.language
        if is_error(result):
            return self._expand("result.error") + "."
        told = [
            f"{say_name(name, language)} {say_value(value, None, language)}"
            for name, value in list(fields_of(result))[:_TOLD_FIELDS]
        ]
        if not told:
            return self._expand("result.empty") + "."
        return f"{self._expand('result.lead')}: {', '.join(told)}."


class _Topics:
    """Which aspect of the domain is under discussion, and which one comes next."""

    def __init__(self, grammar: Grammar, random: Random) -> None:
        self._grammar = grammar
        self._random = random
        self._agenda = [str(name) for name in grammar.rules["aspects"].alternatives]
        random.shuffle(self._agenda)
        self._at = 0
        self._sentences = 0
        self.aliases: dict[str, str] = {}
        self._bind()

    def turn_to(self, beat: Beat) -> None:
        """Move on where a turn opens something new, or where enough was said."""
        opens = {"ask", "request"} & {*beat.acts} and not beat.mistake
        if self._sentences and (opens or self._sentences >= _ASPECT_SENTENCES):
            self._at = (self._at + 1) % len(self._agenda)
            self._sentences = 0
        self._sentences += len(beat.acts)
        self._bind()

    def _bind(self) -> None:
        name, other = self._agenda[self._at], self._agenda[(self._at + 1) % len(self._agenda)]
        self.aliases = {"it": name, "it2": other}
