"""A seed's plan as beats: who speaks when, and with which acts. Knows no language."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from random import Random

from uncase_pipeline.records.seed import Seed

UNSAID = frozenset({"moneda", "currency"})
"""Facts that the units of the others say."""
FACT_ACTS = frozenset({"inform", "request", "ask", "explain", "propose", "confirm", "clarify"})
"""Acts in which facts of the seed can be said."""
_ANSWERS = frozenset({"inform", "explain", "propose", "clarify", "confirm", "refuse"})
MISTAKES = ("inform", "ask", "clarify")
REPAIRS = ("inform", "explain", "clarify")
"""The acts in which somebody misunderstands, and is set right."""
_FACTS_A_TURN = 3
_KNOWN_EXCHANGES = 2
_MISTAKE_SHARE = 0.1
_LONG_PLAN = 9
"""Steps from which a plan has room for a misunderstanding: the structure stays well above its threshold."""


@dataclass(slots=True)
class Beat:
    """One turn to be written.

    Attributes:
        role: ``user`` or ``assistant``; results of tools are not written but answered.
        acts: What the turn does, in order.
        tool: The tool that it calls at its end.
        mistake: Whether it misunderstands, or sets a misunderstanding right.
        facts: Names of the seed's facts that it states.
        declined: Whether what it asks is answered with no.
        about: The tool that will answer what it asks or wants.
    """

    role: str
    acts: list[str]
    tool: str | None = None
    mistake: bool = False
    facts: list[str] = field(default_factory=list)
    about: str | None = None
    declined: bool = False

    @property
    def facts_at(self) -> int:
        """Return beside which of its acts the facts are said: the first statement, else the last that can."""
        if "inform" in self.acts:
            return self.acts.index("inform")
        return max(at for at, act in enumerate(self.acts) if act in FACT_ACTS)


def beats_of(seed: Seed, tools: list[str], facts: list[str], random: Random, *, slips: bool) -> list[Beat]:
    """Return the beats of one conversation.

    Args:
        seed: Its plan.
        tools: The tools that may be called, in the order in which the plan calls them.
        facts: Names of the facts that are to be said beside what the case tells.
        random: Source of every choice.
        slips: Whether there is something to misunderstand.
    """
    beats = list(_planned(seed, tools))
    if slips and len(seed.steps) >= _LONG_PLAN and random.random() < _MISTAKE_SHARE:
        _misunderstand(beats, seed.turns.maximum, random)
    _foresee_calls(beats)
    _foresee_refusals(beats)
    _place_facts(beats, [name for name in facts if name not in UNSAID])
    return beats


def _planned(seed: Seed, tools: list[str]) -> Iterator[Beat]:
    calls = 0
    called = False
    spoken = ((role, act) for role, act in seed.plan() if role in {"user", "assistant"})
    for role, steps in groupby(spoken, key=lambda step: step[0]):
        if called and role == "user":
            yield Beat("assistant", ["inform"])
        called = False
        acts: list[str] = []
        for _, act in steps:
            if act != "call":
                acts.append(act)
                called = False
            elif tools:
                yield Beat(role, acts, tool=tools[calls % len(tools)])
                calls, acts, called = calls + 1, [], True
        if acts:
            yield Beat(role, acts)
    if called:
        yield Beat("assistant", ["inform"])


def _foresee_refusals(beats: list[Beat]) -> None:
    for one, other in pairwise(beats):
        one.declined = one.acts[-1:] == ["ask"] and other.role == "user" and other.acts[:1] == ["refuse"]


def _foresee_calls(beats: list[Beat]) -> None:
    """Let a question or wish be about what a tool is asked next, where nothing is answered before that."""
    for at, beat in enumerate(beats):
        if beat.role == "user" and {"ask", "request"} & {*beat.acts}:
            for reply in beats[at + 1 : at + 4 : 2]:
                if reply.tool is not None and not _ANSWERS & {*reply.acts}:
                    beat.about = reply.tool
                if reply.tool is not None or _ANSWERS & {*reply.acts}:
                    break


def _misunderstand(beats: list[Beat], most: int, random: Random) -> None:
    """Insert a misunderstanding after something that the assistant told, and its repair.

    Only where the plan knows nearly all of the exchanges that come of it: then it reads like the rest.
    """
    if len(beats) + sum(beat.tool is not None for beat in beats) + 2 > most:
        return
    planned = {_exchange(one, other) for one, other in pairwise(beats)}
    places = [
        (at, mistake, repair)
        for at, (told, following) in enumerate(pairwise(beats), start=1)
        if told.role == "assistant" and told.tool is None and {"inform", "explain", "propose"} & {*told.acts}
        for mistake in MISTAKES
        for repair in REPAIRS
        if sum(_known(planned, told, _slip(mistake), _mend(repair), following)) >= _KNOWN_EXCHANGES
    ]
    if places:
        at, mistake, repair = random.choice(places)
        beats[at:at] = [_slip(mistake), _mend(repair)]


def _slip(act: str) -> Beat:
    return Beat("user", [act], mistake=True)


def _mend(act: str) -> Beat:
    return Beat("assistant", [act], mistake=True)


def _exchange(one: Beat, other: Beat) -> tuple[str, str, str]:
    last = "call" if one.tool else one.acts[-1]
    return one.role, last, other.acts[0] if other.acts else "call"


def _known(planned: set[tuple[str, str, str]], *beats: Beat) -> list[bool]:
    return [_exchange(one, other) in planned for one, other in pairwise(beats)]


def _place_facts(beats: list[Beat], names: list[str]) -> None:
    """Give the facts to the first turns in which the customer states something, else to whoever does."""
    own = [beat for beat in beats if beat.role == "user" and not beat.mistake]
    places = [beat for beat in own if "inform" in beat.acts] or [
        beat for beat in own if FACT_ACTS & {*beat.acts}
    ]
    places = places or [beat for beat in beats if not beat.mistake and FACT_ACTS & {*beat.acts}]
    places = places[: max(1, -(-len(names) // _FACTS_A_TURN))]
    for number, name in enumerate(names if places else ()):
        places[number * len(places) // len(names)].facts.append(name)
