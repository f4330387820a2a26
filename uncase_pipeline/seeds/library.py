"""The curated library: 50 seeds written by hand for each domain, and the scenarios that they belong to.

Knows its files and how to choose from them; the rules of seeding bind its seeds like any other.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from uncase_pipeline.records.seed import FactValue, NumberRange, OneOf, Seed, TurnRange
from uncase_pipeline.seeds.roles import descriptions_of, roles_of

_RANGE = re.compile(r"(-?[\d.]+?)\.\.(-?[\d.]+)(?: (\S+))?")
_TURNS_LESS, _TURNS_MORE = 2, 6


@dataclass(frozen=True, slots=True)
class Scenario:
    """A template that curated seeds share.

    Attributes:
        id: Name within the domain; ``Seed.scenario`` of its seeds.
        name: What happens, in a few words.
        skill: What it asks of the assistant: ``basico``, ``intermedio`` or ``avanzado``.
        edge_case: Whether something goes wrong or must be refused.
        weight: How often it is chosen, against the others.
        tools: Tools in the order in which its plans call them.
        plans: Steps ``role:act``; its seeds take them in turn.
    """

    id: str
    name: str
    skill: str
    edge_case: bool
    weight: int
    tools: tuple[str, ...]
    plans: tuple[tuple[str, ...], ...]


@cache
def scenarios_of(domain: str) -> tuple[Scenario, ...]:
    """Return the scenario templates of a domain."""
    return tuple(
        Scenario(
            **{
                **entry,
                "tools": tuple(entry["tools"]),
                "plans": tuple(tuple(plan.split()) for plan in entry["plans"]),
            }
        )
        for entry in _file(domain)["scenario"]
    )


@cache
def curated(domain: str) -> tuple[Seed, ...]:
    """Return the curated seeds of a domain, in their written order."""
    scenarios = {scenario.id: scenario for scenario in scenarios_of(domain)}
    numbers: Counter[str] = Counter()
    seeds: list[Seed] = []
    for entry in _file(domain)["seed"]:
        numbers[entry["scenario"]] += 1
        seeds.append(_seed(domain, entry, scenarios[entry["scenario"]], numbers[entry["scenario"]]))
    return tuple(seeds)


def chosen(domain: str, languages: Collection[str], count: int) -> list[Seed]:
    """Return curated seeds, spread over the scenarios by their weights.

    Args:
        domain: Their domain.
        languages: Languages to choose from; all where the source has none.
        count: How many at most.
    """
    weights = {scenario.id: scenario.weight for scenario in scenarios_of(domain)}
    taken: Counter[tuple[str | None, str]] = Counter()
    ranked: list[tuple[float, int, Seed]] = []
    for place, seed in enumerate(curated(domain)):
        if not languages or seed.language in languages:
            kind = (seed.scenario, seed.language)
            ranked.append(((taken[kind] + 0.5) / weights[str(seed.scenario)], place, seed))
            taken[kind] += 1
    return [seed for _, _, seed in sorted(ranked, key=lambda entry: entry[:2])[:count]]


def _seed(domain: str, entry: dict[str, Any], scenario: Scenario, number: int) -> Seed:
    seed_id = f"curated-{domain.partition('.')[0]}-{scenario.id}-{number}"
    steps = list(scenario.plans[(number - 1) % len(scenario.plans)])
    return Seed(
        seed_id=seed_id,
        domain=domain,
        language=entry["language"],
        objective=entry["objective"],
        tone=entry["tone"],
        roles=roles_of(domain),
        role_descriptions=descriptions_of(domain, entry["language"]),
        steps=steps,
        facts={name: _fact(value) for name, value in entry["facts"].items()},
        constraints=entry["constraints"],
        negative_constraints=entry["never"],
        tools=list(scenario.tools),
        turns=_turns(steps),
        tags=[scenario.id, scenario.skill, *(["caso-limite"] if scenario.edge_case else [])],
        scenario=scenario.id,
        subject_ids=[seed_id],
        metadata={"origin": "curated"},
    )


def _fact(written: str | list[str]) -> FactValue:
    if isinstance(written, list):
        return OneOf(values=written)
    match = _RANGE.fullmatch(written)
    if match is None:
        return written
    return NumberRange(minimum=float(match[1]), maximum=float(match[2]), unit=match[3])


def _turns(steps: list[str]) -> TurnRange:
    runs = sum(1 for _ in groupby(steps, key=lambda step: step.partition(":")[0]))
    return TurnRange(minimum=max(2, runs - _TURNS_LESS), maximum=runs + _TURNS_MORE)


@cache
def _file(domain: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("library", f"{domain}.toml").read_text("utf-8"))
