"""Contradictions: what one side says and denies of the same thing, and what a tool said otherwise."""

import pytest

from uncase_pipeline.certified.metrics.contradictions import contradictions
from uncase_pipeline.certified.metrics.fidelity import fidelity
from uncase_pipeline.certified.metrics.measured import Evidence
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.certified.examples import dialogue, seed_of

HOTEL = 't: {"records": [{"name": "[PLACE_1]", "has_gym": true, "has_sauna": "False", "kind": "hostel"}]}'


def count(*turns: str, language: str = "en") -> int:
    return contradictions(Reading(conversation(*turns, language=language)))


@pytest.mark.parametrize(
    ("language", "turns"),
    [
        ("en", ["u: My lease covers the garage.", "a: I see.", "u: My lease doesn't cover the garage."]),
        ("en", ["a: The garage is never heated.", "u: Pity.", "a: The garage is heated."]),
        ("en", ["a: Is your roof damaged?", "u: Yes.", "a: How old is it?", "u: My roof is not damaged."]),
        ("en", ["u: The sign is not consistent with local law Can I show it?", "a: Is the sign inconsistent with"
                " local law?", "u: No."]),
        ("en", ["a: The policy includes dental care.", "u: Good.", "a: The policy excludes dental care."]),
        ("en", ["u: [PERSON_1] is my dentist.", "a: Fine.", "u: [PERSON_1] isn't my dentist."]),
        ("es", ["u: El seguro cubre la bodega.", "a: Bien.", "u: El seguro ya no cubre la bodega."]),
        ("es", ["a: ¿La máquina está encendida?", "u: No.", "a: ¿Y el panel?", "u: La máquina está encendida."]),
        ("es", ["a: El plan incluye dentista.", "u: Bien.", "a: El plan excluye dentista."]),
    ],
)  # fmt: skip
def test_what_one_side_says_and_denies_is_a_contradiction(language: str, turns: list[str]) -> None:
    assert count(*turns, language=language) == 1


@pytest.mark.parametrize(
    ("language", "turns"),
    [
        ("en", ["u: The garage is heated.", "a: The garage is not heated."]),  # two sides may disagree
        ("en", ["u: My roof is damaged.", "a: I see.", "u: Sorry, my roof is not damaged, the wall is."]),
        ("en", ["u: My roof is not damaged.", "a: I see.", "u: My roof is damaged now, after the storm."]),
        ("en", ["u: [PERSON_1] is my dentist.", "a: Fine.", "u: [PERSON_2] is not my dentist."]),
        ("en", ["a: The garage is heated.", "u: And?", "a: If the garage is not heated, you pay less."]),
        ("en", ["a: The garage is heated.", "u: Sure?", "a: The garage is heated without any doubt."]),
        ("en", ["a: Is the form complete?", "u: No.", "a: Is the form complete?", "u: Yes."]),  # it was, meanwhile
        ("en", ["u: It is 3 weeks to the trip.", "a: Yes.", "u: It is not 21 weeks to the trip."]),
        ("en", ["u: The pool is open.", "a: Yes.", "u: The pool bar serving snacks is not open."]),
        ("es", ["u: El seguro cubre la bodega.", "a: Bien.", "u: Creo que el seguro no cubre la bodega."]),
        ("es", ["a: El plan incluye dentista.", "u: Bien.", "a: El plan no excluye dentista."]),
    ],
)  # fmt: skip
def test_what_may_stand_side_by_side_is_none(language: str, turns: list[str]) -> None:
    assert count(*turns, language=language) == 0


@pytest.mark.parametrize(
    "said",
    ["The hotel has no gym.", "The hotel doesn't have a gym.", "There is a sauna.", "It is not a hostel."],
)
def test_the_assistant_may_not_deny_what_a_tool_said(said: str) -> None:
    assert count("u: What is there?", HOTEL, f"a: {said}") == 1


@pytest.mark.parametrize(
    "said",
    ["The hotel has a gym.", "There is no sauna.", "It is a hostel.", "It has no pool.", "Is there a sauna?"],
)
def test_what_agrees_with_a_tool_or_is_not_in_its_result_is_no_denial(said: str) -> None:
    assert count("u: What is there?", HOTEL, f"a: {said}") == 0


def test_results_that_disagree_deny_nothing() -> None:
    other = HOTEL.replace("true", "false")
    assert count("u: What is there?", HOTEL, other, "a: The hotel has no gym.") == 0


def test_results_that_are_no_json_deny_nothing() -> None:
    assert count("u: What is there?", "t: has_gym: true", "a: The hotel has no gym.") == 0


def test_a_contradiction_fails_fidelity_and_says_why() -> None:
    row = conversation(
        "u: Is there heating?",
        "a: The garage is heated.",
        "u: Sure?",
        "a: The garage isn't heated.",
        language="en",
    )
    measured = fidelity(Reading(row), seed_of(dialogue()), Evidence())
    assert (measured.value, measured.reasons) == (0.0, ("contradictions",))
