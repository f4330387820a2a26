"""Sentences: what of a turn can be read alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uncase_pipeline.dialogue.clauses import clauses
from uncase_pipeline.dialogue.facts import extract_facts
from uncase_pipeline.dialogue.sentences import sentences


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hola. ¿Cuánto cuesta? Gracias!", ["Hola.", "¿Cuánto cuesta?", "Gracias!"]),
        ("Pregunte por la Sra. López. Ella sabe.", ["Pregunte por la Sra. López.", "Ella sabe."]),
        ("See (Dr. Smith) vs. Jones", ["See (Dr. Smith) vs. Jones"]),
        ("It costs approx. 500. 3 left. Then 2.5 more", ["It costs approx. 500. 3 left.", "Then 2.5 more"]),
        ("1. Open it. 2. Close it", ["1. Open it. 2. Close it"]),
        ("Well... Yes", ["Well...", "Yes"]),
        ("", [""]),
    ],
)
def test_a_sentence_ends_before_a_letter_and_no_abbreviation_ends_one(text: str, said: list[str]) -> None:
    assert [sentence for sentence, _ in sentences(text)] == said


PIECES = st.sampled_from(
    ["Hola", "si", "¿cuánto es", "sr", "10", "3.5 kg", ".", "?", "!", ",", "...", "¿", "no"]
)


@given(st.lists(PIECES, max_size=20).map(" ".join), st.sampled_from(["", " ", "  "]))
def test_every_sentence_stands_where_it_says_and_nothing_but_space_is_between(text: str, end: str) -> None:
    text, at = text + end, 0
    for sentence, start in sentences(text):
        assert not text[at:start].strip() and text.startswith(sentence, start)
        at = start + len(sentence)
    assert at == len(text)


@given(
    st.lists(st.sampled_from(["Bien, gracias", "¿Qué tal", "sr", "el 5", "ya no"]), min_size=1, max_size=8)
)
def test_the_clauses_of_the_sentences_are_those_of_the_turn(parts: list[str]) -> None:
    text = "? ".join(parts) + ". " + "! ".join(parts)
    assert [c.words for s, _ in sentences(text) for c in clauses(s)] == [c.words for c in clauses(text)]


def test_facts_of_a_later_sentence_have_their_place_in_the_turn_and_it_answers_nothing() -> None:
    text = "Sí. No, cuesta 500 pesos. Son 3 años."
    facts = extract_facts(text, "es")
    assert [(fact.value, text[fact.start : fact.end]) for fact in facts] == [
        (True, "Sí"), (500.0, "500 pesos"), (3.0, "3 años"),
    ]  # fmt: skip
