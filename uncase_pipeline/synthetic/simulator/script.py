"""One conversation, written along its seed's plan. Knows seeds and grammars, not models and not the gateway.

The same seed, sample and results give the same text. Every sentence is read back with the detectors that
certification uses: one that does not read as its act, or whose figures are not those of the seed, is worded
again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.synthetic.simulator.advisor import Advisor
from uncase_pipeline.synthetic.simulator.arguments import fill
from uncase_pipeline.synthetic.simulator.cases import GENERAL, case_of, cases_of, grammar_of, is_written_for
from uncase_pipeline.synthetic.simulator.customer import Customer, Draft
from uncase_pipeline.synthetic.simulator.grammar import Memory
from uncase_pipeline.synthetic.simulator.language import tidy
from uncase_pipeline.synthetic.simulator.persona import is_familiar, persona_for
from uncase_pipeline.synthetic.simulator.plan import Beat, beats_of
from uncase_pipeline.synthetic.simulator.readback import ReadBack
from uncase_pipeline.synthetic.simulator.story import Story
from uncase_pipeline.synthetic.simulator.telling import Told, looked_up
from uncase_pipeline.synthetic.simulator.wording import (
    Scalar,
    choose,
    say_name,
    say_value,
    say_words,
    told_fields,
    unit_of,
)

_STEPS_PER_EXTRA = 10
"""For so many steps of the plan each side may do one thing that the plan does not name."""
_LOOK_SHARE = 0.05
_TAKE_UP_SHARE = 0.15


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
        """Draw what stays the same through the conversation: people, case, values, beats.

        Args:
            seed: The plan and the facts.
            schemas: JSON Schema of the arguments, per tool that may be called.
            sample: Names this conversation among those of the seed; all randomness comes from it.
        """
        self._random = random = Random(f"{seed.seed_id}/{sample}")  # noqa: S311
        self._seed = seed
        self._language = seed.language[:2].lower()
        self._schemas = schemas
        self._persona = persona_for(random)
        self._memory = Memory(random, familiar=is_familiar(seed.domain, seed.tone))
        self._facts: dict[str, Scalar] = {name: choose(value, random) for name, value in seed.facts.items()}
        self._earlier: Json = {}
        self._read = ReadBack(seed, self._language)
        case = case_of(seed, self._language, random)
        grammar = grammar_of(seed.domain, self._language)
        general = cases_of(seed.domain, self._language)[GENERAL]
        said = {
            name: self._value(name) for name in self._facts if self._read.sayable(name, self._value(name))
        }
        self._story = Story((case, general), said, self._memory, grammar, self._read.is_barred)
        self._customer, self._advisor = Customer(self._story), Advisor(self._story)
        loose = list(said)
        if is_written_for(case, seed):
            kept = case.facts()
            loose = [
                name for name in said if name not in kept and not isinstance(self._facts[name], str | bool)
            ]
        tools = [name for name in seed.tools if name in schemas]
        self._beats = beats_of(seed, tools, loose, random, slips=self._story.has("slip"))
        extra = len(seed.steps) // _STEPS_PER_EXTRA
        self._extra = {"user": extra, "assistant": extra, "aside": 3, "note": 2}

    def turns(self, results: Sequence[Json]) -> Iterator[Turn]:
        """Write the turns, up to and including the first call that has no result yet."""
        pending = iter(results)
        for beat in self._beats:
            turn = self._turn(beat)
            yield turn
            if beat.tool is not None:
                result = next(pending, None)
                if result is None:
                    return
                self._earlier.update(told_fields(result))
                call = beat.tool, turn.arguments or {}
                self._advisor.learn(Told(call, result, self._memory, self._language))

    def _turn(self, beat: Beat) -> Turn:
        sentences = list(self._asked(beat) if beat.role == "user" else self._advised(beat))
        text = tidy(" ".join(sentences), self._language)
        if beat.role == "user":
            text = self._persona.write(text)
            text = self._read.unless_it_reads_differently(text, self._persona.mistype(text, self._random))
        if beat.tool is None:
            return Turn(beat.role, text)
        arguments = fill(self._schemas[beat.tool], self._facts, self._earlier, self._random)
        return Turn(beat.role, text, beat.tool, arguments)

    def _asked(self, beat: Beat) -> Iterator[str]:
        """Write the customer's sentences."""
        for number, act in enumerate(beat.acts):
            if act in {"ask", "explain"} and self._begins() and self._spend("user"):
                yield self._best("user", "inform", self._customer.draft("inform"))
            draft = self._customer.mistake(act) if beat.mistake else self._customer.draft(act, beat.about)
            yield from self._said(beat, number, draft)
            if act == "inform" and self._spend("aside"):
                yield from self._aside("user", self._customer.aside())

    def _advised(self, beat: Beat) -> Iterator[str]:
        """Write the assistant's sentences."""
        if self._greets_back(beat):
            yield self._best("assistant", "greet", self._advisor.draft("greet"))
        for number, act in enumerate(beat.acts):
            if act in {"ask", "explain", "propose"} and self._heard() and self._spend("assistant"):
                yield from self._aside("assistant", self._advisor.taken_up())
            look = looked_up(beat.tool, self._language) if beat.tool else None
            if look and act == "acknowledge":
                yield self._best("assistant", act, self._advisor.look_up(act, look))
            else:
                kind = "check" if act == "ask" and beat.declined else act
                yield from self._said(beat, number, self._advisor.draft(kind))
            if act == "inform" and self._spend("note"):
                yield from self._aside("assistant", self._advisor.note())
        if beat.tool and not beat.acts:
            yield from self._before_call(beat.tool)

    def _before_call(self, tool: str) -> Iterator[str]:
        look = looked_up(tool, self._language)
        if look and self._random.random() < _LOOK_SHARE and self._spend("assistant"):
            yield from self._aside("assistant", self._advisor.taken_up())
            yield self._best("assistant", "inform", self._advisor.look_up("inform", look))

    def _aside(self, role: str, draft: Draft | None) -> Iterator[str]:
        if draft is not None:
            yield self._best(role, "inform", draft)

    def _begins(self) -> bool:
        """Return whether the customer has said nothing yet of why they are here."""
        return self._story.has_wish() and self._story.question is None

    def _greets_back(self, beat: Beat) -> bool:
        """Return whether the assistant returns a greeting though the plan does not say so."""
        opening, first = self._beats[0], next(one for one in self._beats if one.role == "assistant")
        greeted = opening.role == "user" and "greet" in opening.acts
        return greeted and beat is first and "greet" not in beat.acts and self._spend("assistant")

    def _heard(self) -> bool:
        heard = self._story.heard
        return heard is not None and len(heard.parts) > 2 and self._random.random() < _TAKE_UP_SHARE

    def _spend(self, role: str) -> bool:
        """Return whether a side may do one thing more than the plan says; if so it is used up."""
        if not self._extra[role]:
            return False
        self._extra[role] -= 1
        return True

    def _best(self, role: str, act: str, draft: Draft) -> str:
        return self._read.best(role, act, draft)

    def _said(self, beat: Beat, number: int, draft: Draft) -> Iterator[str]:
        """Say one act of a beat, and beside it the facts that no line of the case says.

        A statement is followed by them; any other act takes them into its own sentence, so that the turn
        does nothing that the plan does not name.
        """
        act = beat.acts[number]
        told = bool(beat.facts) and number == beat.facts_at
        if told and act != "inform":
            draft = self._given(beat, draft)
        yield self._best(beat.role, act, draft)
        if told and act == "inform":
            yield self._best(beat.role, act, self._facts_alone(beat))

    def _given(self, beat: Beat, draft: Draft) -> Draft:
        return lambda: self._story.frame("given", facts=self._facts_of(beat), said=draft())

    def _facts_alone(self, beat: Beat) -> Draft:
        return lambda: self._story.frame(f"{beat.role}.facts", facts=self._facts_of(beat))

    def _facts_of(self, beat: Beat) -> str:
        return say_words([self._named(name) for name in beat.facts], self._language)

    def _named(self, name: str) -> str:
        value = self._facts[name]
        form = "fact.text" if isinstance(value, str) else "fact.number"
        if isinstance(value, bool):
            form = "fact.yes" if value else "fact.no"
        return self._story.frame(form, name=say_name(name, self._language), value=self._value(name))

    def _value(self, name: str) -> str:
        return say_value(self._facts[name], unit_of(self._seed.facts[name]), self._language)
