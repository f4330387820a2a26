"""Topic: whether both sides of a dialogue speak of the same things."""

from uncase_pipeline.certified.metrics.coherence import coherence
from uncase_pipeline.certified.metrics.measured import Evidence
from uncase_pipeline.certified.metrics.topic import topic
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.certified.examples import seed_of

MORTGAGE = (
    "u: I would like to refinance my mortgage, since rates are lower than when we bought the house.",
    "u: We still owe a large balance on that mortgage and want a smaller monthly payment.",
    "u: What closing costs should we expect, and how long does the process take?",
    "u: Please lock the rate today, then send the closing paperwork.",
)
BANK = (
    "a: I can refinance that mortgage. What balance do you owe on the house?",
    "a: The new rate makes the monthly payment smaller on that balance.",
    "a: Closing costs are two percent and the process takes six weeks.",
    "a: The rate is locked and the closing paperwork follows tomorrow.",
)
CLINIC = (
    "a: Tell me where it hurts. Does the pain spread to the shoulder or the neck?",
    "a: I see some swelling, and the joint is warm. Take ibuprofen after meals.",
    "a: Rest the knee, put ice on it, and avoid stairs during two weeks.",
    "a: Come back if fever appears. The nurse will give you a bandage.",
)


def row_of(users: tuple[str, ...], answers: tuple[str, ...]) -> Conversation:
    return conversation(*(turn for pair in zip(users, answers, strict=True) for turn in pair), language="en")


def spoken(users: tuple[str, ...], answers: tuple[str, ...], fit: float) -> float:
    return topic(Reading(row_of(users, answers)), fit)


def test_a_dialogue_about_one_thing_is_told_from_answers_about_another() -> None:
    assert spoken(MORTGAGE, BANK, 0.0) > 0.95
    assert spoken(MORTGAGE, CLINIC, 0.0) < 0.85


def test_who_keeps_to_the_plan_exactly_is_believed_more() -> None:
    assert spoken(MORTGAGE, CLINIC, 1.0) > spoken(MORTGAGE, CLINIC, 0.0)


def test_who_just_fits_the_plan_is_believed_no_more() -> None:
    assert spoken(MORTGAGE, CLINIC, 0.2) == spoken(MORTGAGE, CLINIC, 0.0)


def test_masks_are_no_topic() -> None:
    users, answers = (tuple(f"{turn} [PERSON_1]" for turn in turns) for turns in (MORTGAGE, CLINIC))
    assert spoken(users, answers, 0.0) == spoken(MORTGAGE, CLINIC, 0.0)


def test_few_words_prove_nothing() -> None:
    assert spoken(("u: hello there",), ("a: good morning",), 0.0) > 0.85


def test_coherence_counts_the_topic_and_believes_more_who_keeps_to_the_plan() -> None:
    row = Reading(row_of(MORTGAGE, CLINIC))
    kept, missed = (seed_of(row_of(MORTGAGE, answers)) for answers in (CLINIC, BANK))
    assert "topic 1.00" in coherence(row, kept, Evidence()).why
    assert float(coherence(row, missed, Evidence()).why.partition("topic ")[2][:4]) < 0.9
