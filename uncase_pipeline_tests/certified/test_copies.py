"""Memorization: what counts as copied from the source, and what is anyone's."""

import pytest

from uncase_pipeline.certified.metrics.measured import Evidence
from uncase_pipeline.certified.metrics.memorization import memorization
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.certified.source import Source
from uncase_pipeline.records.control_group import held_out
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.certified.examples import VAULT, dialogue, seed_of, with_turn

GREETING = "le agradecemos su llamada, ¿hay algo más en lo que le pueda ayudar hoy?"
SCRIPT = (
    "le informamos que esta llamada puede ser grabada para fines de calidad y que el aviso de privacidad "
    "completo está a su disposición en cualquiera de nuestras sucursales del país"
)
OWN = "heredé de mi abuela siete gallinas y una carreta, vieja, que ya no rueda"


def person(number: int, *more: str) -> Conversation:
    own = (
        f"mi asunto{number} es con el vecino{number} de la calle{number} desde abril{number} y sigue{number}"
    )
    return conversation(f"u: {own}", "a: con gusto", *more, subject_id=f"p{number}")


def measured(copied: str, people: list[Conversation]) -> float:
    row = dialogue()
    text = f"{row.messages[4].content} {copied}"
    source = Source.read(people, VAULT).fingerprints
    value = memorization(Reading(with_turn(row, 4, text)), seed_of(row), Evidence(source=source)).value
    assert value is not None
    return value


def control(count: int) -> list[int]:
    """Numbers of people whom the key holds out, so that a test can choose who said a thing."""
    key = VAULT.derive("control-group")
    return [number for number in range(2_000) if held_out(f"p{number}", key)][:count]


@pytest.mark.parametrize("words", [8, 9, 12])
def test_eight_words_of_one_person_are_a_copy(words: int) -> None:
    run = " ".join(OWN.split()[:words])
    assert measured(run, [person(n) for n in range(40)] + [person(99, f"u: {OWN}")]) >= 0.01


def test_a_copy_with_other_punctuation_and_case_is_a_copy() -> None:
    people = [person(99, f"u: {OWN}")]
    assert measured("SIETE GALLINAS Y UNA CARRETA VIEJA QUE YA", people) >= 0.01
    assert measured("siete; gallinas... y una carreta (vieja) que ya", people) >= 0.01


def test_a_copy_over_the_border_of_two_source_turns_is_a_copy() -> None:
    people = [person(99, "u: siete gallinas y una", "a: carreta que ya no rueda")]
    assert measured("siete gallinas y una carreta que ya no rueda", people) >= 0.01


def test_marks_between_spaces_are_words_and_others_are_not() -> None:
    people = [person(99, "u: pues , me dijo , siete gallinas ; así es")]
    assert measured("me dijo , siete gallinas ; así es", people) >= 0.01
    assert measured("me dijo, siete gallinas; así es.", people) == 0.0


def test_a_phrase_of_ten_people_is_no_ones() -> None:
    nine, ten = ([person(n, f"a: {GREETING}") for n in range(count)] for count in (9, 10))
    several = [person(n) for n in range(100)]
    assert measured(GREETING, [*nine, *several[9:]]) >= 0.01
    assert measured(GREETING, [*ten, *several[10:]]) == 0.0


def test_a_phrase_of_several_people_is_anyones_where_the_control_group_says_it_too() -> None:
    outside = control(1)[0]
    insiders = [n for n in range(10) if n not in control(500)][:3]
    train = [person(n, f"a: {GREETING}") for n in insiders]
    assert measured(GREETING, train) >= 0.01
    assert measured(GREETING, [*train, person(outside, f"a: {GREETING}")]) == 0.0


def test_a_phrase_of_one_train_person_and_one_of_the_control_group_is_still_theirs() -> None:
    insider = next(n for n in range(10) if n not in control(500))
    both = [person(insider, f"u: {OWN}"), person(control(1)[0], f"u: {OWN}")]
    assert measured(OWN, both) >= 0.01


@pytest.mark.parametrize(("words", "is_copy"), [(12, False), (19, False), (20, True), (26, True)])
def test_twenty_words_are_a_copy_however_many_people_said_them(words: int, is_copy: bool) -> None:
    people = [person(n, f"a: {SCRIPT}") for n in range(30)]
    assert (measured(" ".join(SCRIPT.split()[:words]), people) >= 0.01) is is_copy
