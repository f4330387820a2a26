"""Dialogue acts, es and en."""

import pytest

from uncase_pipeline.dialogue.acts import ACTS, Step, detect_acts, detect_turn
from uncase_pipeline.dialogue.cues import ANYWHERE, LEADING, OPENERS, QUESTION, STATEMENT
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Message, ToolCall
from uncase_pipeline_tests.builders import conversation


@pytest.mark.parametrize(
    ("language", "text", "acts"),
    [
        ("es", "Hola, buenas tardes.", ["greet"]),
        ("es", "Busco un sedán automático", ["request"]),
        ("es", "¿Cuánto sería el enganche?", ["ask"]),
        ("es", "cuanto cuesta el versa", ["ask"]),
        ("es", "Sí, de acuerdo.", ["confirm"]),
        ("es", "Lo siento, no puedo bajar el precio.", ["apologize", "refuse"]),
        ("es", "¿Se refiere al modelo anterior?", ["clarify"]),
        ("es", "Le recomiendo la versión básica.", ["propose"]),
        ("es", "Eso se debe al desgaste del rodamiento.", ["explain"]),
        ("es", "No tengo fiebre, gracias.", ["inform", "thank"]),
        ("es", "Gracias por su tiempo. Hasta luego.", ["thank", "close"]),
        ("en", "Hi there, how are you?", ["greet"]),
        ("en", "I'd like to see the blue one", ["request"]),
        ("en", "does it have a warranty", ["ask"]),
        ("en", "Yeah, that works.", ["confirm"]),
        ("en", "No, I can't do that.", ["refuse"]),
        ("en", "I recommend the longer term.", ["propose"]),
        ("en", "Because the pump runs dry.", ["explain"]),
        ("en", "The pump runs dry.", ["inform"]),
        ("en", "Okay. Got it. Thanks, bye.", ["acknowledge", "thank", "close"]),
    ],
)
def test_a_turn_is_read_as_its_acts(language: str, text: str, acts: list[str]) -> None:
    assert detect_turn(Message("user", text), language) == acts


def test_cues_match_whole_words_only() -> None:
    assert detect_turn(Message("user", "Nohemí sin holanes", kind="text"), "es") == ["inform"]


def test_masks_are_no_words() -> None:
    masked = detect_turn(Message("user", "Hola [PERSON_1], busco un auto"), "es")
    assert masked == ["greet", "request"]


@pytest.mark.parametrize("text", ["[PERSON_1], [PHONE_1]", "👍", "..."])
def test_a_turn_of_masks_or_signs_informs(text: str) -> None:
    assert detect_turn(Message("user", text), "es") == ["inform"]
    assert detect_turn(Message("user", "  "), "es") == []


def test_accents_and_case_do_not_matter() -> None:
    assert (
        detect_turn(Message("user", "ADIÓS"), "es")
        == detect_turn(Message("user", "adios"), "es")
        == ["close"]
    )


def test_a_decimal_point_or_an_abbreviation_ends_no_clause() -> None:
    assert detect_turn(Message("user", "La tasa es 12.5 anual según el Lic. encargado"), "es") == ["inform"]


def test_calls_and_results_are_read_from_structure() -> None:
    call = Message(
        "assistant", "Permítame un momento.", tool_calls=[ToolCall("c1", "x", {}), ToolCall("c2", "x", {})]
    )
    assert detect_turn(call, "es") == ["acknowledge", "call"]
    assert detect_turn(Message("tool", '{"hola": "adiós"}', tool_call_id="c1"), "es") == ["result"]


def test_a_step_that_repeats_the_one_before_is_left_out() -> None:
    talk = conversation("u: Tengo un auto. Es rojo.", "u: Es viejo.", "a: Entiendo.")
    assert [step.token for step in detect_acts(talk)] == ["user:inform", "assistant:acknowledge"]


def test_turns_in_which_nobody_wrote_give_no_step() -> None:
    talk = conversation("s: Eres un asesor", "u: hola")
    talk.messages.append(Message("user", "foto", kind="media"))
    assert [step.token for step in detect_acts(talk)] == ["user:greet"]


def test_an_unknown_language_is_read_with_the_cues_of_both() -> None:
    assert detect_turn(Message("user", "hola, thanks"), None) == ["greet", "thank"]


@pytest.mark.parametrize("token", ["user", "user:dance", "nobody:ask", ""])
def test_a_token_that_is_no_step_is_refused(token: str) -> None:
    with pytest.raises(UncaseError, match="form role:act"):
        Step.parse(token)


def test_every_cue_names_an_act_that_exists() -> None:
    for place in (LEADING, STATEMENT, QUESTION, ANYWHERE, OPENERS):
        for cues in place.values():
            assert {cue.act for cue in cues.every()} <= set(ACTS) - {"call", "result"}
