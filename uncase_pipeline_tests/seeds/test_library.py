"""The curated library: complete, sound, distinct, and within the rules that bind every seed."""

from itertools import combinations, pairwise

import pytest

from uncase_pipeline.dialogue.acts import Step
from uncase_pipeline.dialogue.tokens import content_words
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.seed import NumberRange, OneOf, Seed
from uncase_pipeline.seeds.library import chosen, curated, scenarios_of
from uncase_pipeline.seeds.rules import Identifiers
from uncase_pipeline.seeds.tone import TONES
from uncase_pipeline.seeds.validate import problems_of
from uncase_pipeline.tools.registry import tool_names, tool_of

ALL = [seed for domain in DOMAINS for seed in curated(domain)]
PLANS = sorted({plan for domain in DOMAINS for scenario in scenarios_of(domain) for plan in scenario.plans})
TOO_ALIKE = 0.5


def said(seed: Seed) -> set[str]:
    """Return the content words of what a seed asks for, and its facts."""
    facts = [f"{name}={value}" for name, value in seed.facts.items()]
    return {*content_words(" ".join([seed.objective, *seed.constraints, *seed.negative_constraints])), *facts}


def jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_has_fifty_seeds_in_both_languages_and_at_least_eight_scenarios(domain: str) -> None:
    assert len(curated(domain)) == 50
    assert {seed.language for seed in curated(domain)} == {"es", "en"}
    scenarios = scenarios_of(domain)
    assert len(scenarios) >= 8
    assert {scenario.skill for scenario in scenarios} == {"basico", "intermedio", "avanzado"}
    assert any(scenario.edge_case for scenario in scenarios)
    assert {seed.scenario for seed in curated(domain)} == {scenario.id for scenario in scenarios}


def test_ids_are_unique() -> None:
    assert len({seed.seed_id for seed in ALL}) == len(ALL) == 300


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_seed_is_a_paraphrase_of_another(domain: str) -> None:
    worst = max(
        (jaccard(said(one), said(other)), one.seed_id, other.seed_id)
        for one, other in combinations(curated(domain), 2)
        if one.language == other.language
    )
    assert worst[0] < TOO_ALIKE, worst


def test_the_paraphrase_check_would_see_a_reworded_seed() -> None:
    seed = ALL[0]
    reworded = seed.model_copy(update={"objective": f"Favor de: {seed.objective}"})
    assert jaccard(said(seed), said(reworded)) > TOO_ALIKE


@pytest.mark.parametrize("domain", DOMAINS)
def test_seeds_are_valid_and_complete(domain: str) -> None:
    for number, seed in enumerate(curated(domain), start=1):
        assert list(problems_of(number, seed.model_dump(mode="json"))) == []
        assert seed.facts
        assert seed.constraints
        assert seed.tone in TONES
        assert seed.subject_ids == [seed.seed_id]
        assert seed.support == 0


@pytest.mark.parametrize("plan", PLANS, ids=" ".join)
def test_a_plan_can_be_detected_again(plan: tuple[str, ...]) -> None:
    steps = [Step.parse(step) for step in plan]
    assert all(one != other for one, other in pairwise(steps))
    results = [at for at, step in enumerate(steps) if step.act == "result"]
    assert results == [at + 1 for at, step in enumerate(steps) if step.act == "call"]
    assert {step.role for step in steps} == {"user", "assistant", "tool"}


def test_every_tool_that_a_seed_or_scenario_names_exists_in_its_domain() -> None:
    for domain in DOMAINS:
        for tools in [seed.tools for seed in curated(domain)] + [one.tools for one in scenarios_of(domain)]:
            assert tools
            assert {tool_of(name).domain for name in tools} == {domain}


def test_every_tool_is_used_by_some_seed() -> None:
    assert {name for seed in ALL for name in seed.tools} == set(tool_names())


@pytest.mark.parametrize("domain", DOMAINS)
def test_facts_named_like_an_argument_fit_it(domain: str) -> None:
    for seed, name in ((one, name) for one in curated(domain) for name in one.tools):
        tool = tool_of(name)
        for argument, part in tool.parameters["properties"].items():
            match seed.facts.get(argument):
                case OneOf(values=values):
                    choices = part.get("enum") or part.get("items", {}).get("enum") or values
                    assert set(values) <= set(choices)
                case NumberRange(minimum=low, maximum=high):
                    assert part["minimum"] <= low <= high <= part["maximum"]
                case None:
                    pass
                case other:
                    pytest.fail(f"{argument} is neither a range nor a set: {other}")


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    from uncase_pipeline.anonymized.scanner import build_scanner
    from uncase_pipeline.settings import Settings

    return build_scanner(Settings())


def test_no_curated_seed_holds_an_identifier(scanner: Scanner) -> None:
    identifiers = Identifiers(scanner)
    assert [seed.seed_id for seed in ALL if identifiers.paths_in(seed)] == []


def test_choosing_spreads_over_scenarios_and_keeps_to_the_languages_of_the_source() -> None:
    some = chosen("automotive.sales", {"es"}, 12)
    assert {seed.language for seed in some} == {"es"}
    assert len({seed.scenario for seed in some}) >= 8
    assert chosen("automotive.sales", {"es"}, 12) == some
    assert len(chosen("automotive.sales", set(), 50)) == 50
    assert chosen("automotive.sales", {"es"}, 0) == []
