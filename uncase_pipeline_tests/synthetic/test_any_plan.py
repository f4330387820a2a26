"""Whatever plan a seed holds, the simulator writes it: no seed can end a run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uncase_pipeline.dialogue.acts import ACTS
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.records.seed import FactValue, NumberRange, OneOf, Seed
from uncase_pipeline.synthetic.simulator.language import grammar_for
from uncase_pipeline.tools.registry import tools_of
from uncase_pipeline_tests.synthetic.builders import seed
from uncase_pipeline_tests.synthetic.test_simulator import played

SPOKEN = sorted(set(ACTS) - {"call", "result"})
STEPS = [f"{role}:{act}" for role in ("user", "assistant") for act in SPOKEN] + [
    "assistant:call",
    "tool:result",
]
FACTS: dict[str, FactValue] = {
    "precio": NumberRange(minimum=100, maximum=900, unit="MXN"),
    "visitas": NumberRange(minimum=1, maximum=4, unit=None),
    "color": OneOf(values=["rojo", "azul"]),
    "seguro": True,
    "fecha": OneOf(values=["2024-03-01"]),
}


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_act_of_every_role_has_its_sentences(language: str) -> None:
    grammar = grammar_for(language)
    acts = [f"{role}.{act}" for role in ("user", "assistant") for act in (*SPOKEN, "facts")]
    assert [rule for rule in acts if rule not in grammar] == []


@st.composite
def seeds(draw: st.DrawFn) -> Seed:
    domain = draw(st.sampled_from(sorted(DOMAINS)))
    names = draw(st.lists(st.sampled_from(sorted(FACTS)), unique=True))
    return seed(
        domain=domain,
        language=draw(st.sampled_from(["es", "en", "es-MX"])),
        steps=draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=14)),
        facts={name: FACTS[name] for name in names},
        tools=draw(
            st.lists(st.sampled_from([tool.name for tool in tools_of(domain)]), unique=True, max_size=2)
        ),
        objective=draw(st.sampled_from(["x", "Elegir un auto", "Review the mortgage 2"])),
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seeds())
def test_any_plan_is_played_to_its_end(one: Seed) -> None:
    turns = played(one)
    assert turns
    assert all(turn.text or turn.tool for turn in turns)
