"""A seed's plan as beats: who speaks when, and with which acts. Knows no language."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from random import Random

from uncase_pipeline.records.seed import Seed

FACT_ACTS = frozenset({"inform", "request", "ask", "explain", "propose", "confirm", "clarify"})
"""Acts in which facts of the seed can be said."""
_MISTAKE_SHARE = 0.3
_LONG_PLAN = 9
"""Steps from which a plan has room for a misunderstanding: the structure stays well above its threshold."""


@dataclass(slots=True)
class Beat:
    """One turn to be written.

    Attributes:
        role: ``user`` or ``assistant``; results of tools are not written but answered.
        acts: What the turn does, in order.
        tool: The tool that it calls at its end.
        mistake: Whether it misunderstands, or clears a misunderstanding up.
    """

    role: str
    acts: list[str]
    tool: str | None = None
    mistake: bool = False
    facts: list[str] = field(default_factory=list)


def beats_of(seed: Seed, tools: Iterable[str], random: Random) -> list[Beat]:
    """Return the beats of one conversation from this seed."""
    beats = list(_planned(seed, list(tools)))
    if len(seed.steps) >= _LONG_PLAN and random.random() < _MISTAKE_SHARE:
        _misunderstand(beats, seed.turns.maximum, random)
    _place_facts(beats, list(seed.facts), random)
    return beats


def _planned(seed: Seed, tools: list[str]) -> Iterator[Beat]:
    calls = 0
    spoken = ((role, act) for role, act in seed.plan() if role in {"user", "assistant"})
    for role, steps in groupby(spoken, key=lambda step: step[0]):
        acts: list[str] = []
        for _, act in steps:
            if act != "call":
                acts.append(act)
            elif tools:
                yield Beat(role, acts, tool=tools[calls % len(tools)])
                calls, acts = calls + 1, []
        if acts:
            yield Beat(role, acts)


def _misunderstand(beats: list[Beat], most: int, random: Random) -> None:
    """Insert a misunderstanding after something that the assistant told, and its repair."""
    told = [
        at + 1
        for at, beat in enumerate(beats[:-2])
        if beat.role == "assistant" and beats[at + 1].role == "user" and {"inform", "explain"} & {*beat.acts}
    ]
    results = sum(beat.tool is not None for beat in beats)
    if told and len(beats) + results + 2 <= most:
        at = random.choice(told)
        beats[at:at] = [Beat("user", ["mistake"], mistake=True), Beat("assistant", ["clarify"], mistake=True)]


def _place_facts(beats: list[Beat], names: list[str], random: Random) -> None:
    """Spread the facts of the seed over the turns that state something."""
    places = [beat for beat in beats if not beat.mistake and "inform" in beat.acts]
    places += [beat for beat in beats if not beat.mistake and FACT_ACTS & {*beat.acts} and beat not in places]
    places = places[: max(2, len(names) // 2)]
    if not places:
        return
    random.shuffle(names)
    for number, name in enumerate(names):
        places[number % len(places)].facts.append(name)
