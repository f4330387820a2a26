import re

import pytest

from uncase_pipeline.anonymized import checksums
from uncase_pipeline.anonymized.anonymizer import Anonymized, Anonymizer
from uncase_pipeline.anonymized.audit import Auditor
from uncase_pipeline.anonymized.moved import moved
from uncase_pipeline.anonymized.spans import Span
from uncase_pipeline.anonymized.surrogates import Surrogates
from uncase_pipeline.anonymized.tokens import People
from uncase_pipeline_tests.builders import conversation

KEY = b"k" * 32


def stand_in(text, entity="PERSON", *, key=KEY, language="es", subject="s1"):
    talk = conversation("u: hola", subject_id=subject)
    return Surrogates(key).of(talk, People([]), language)(Span(entity, 0, len(text), 0.9), text)


def test_the_same_person_gets_the_same_name_in_every_conversation_and_case():
    assert stand_in("Ana López", subject="s1") == stand_in("Ana López", subject="s2")
    assert stand_in("ana lópez") == stand_in("Ana López").lower()


def test_another_key_gives_other_names():
    assert [stand_in(n) for n in ("Ana López", "Luis Ortega", "Eva Ruiz")] != [
        stand_in(n, key=b"x" * 32) for n in ("Ana López", "Luis Ortega", "Eva Ruiz")
    ]


def test_a_name_never_stands_in_for_itself():
    from uncase_pipeline.anonymized.names.stand_ins import STAND_INS

    for language, (women, men, _) in STAND_INS.items():
        assert not [name for name in (*women, *men) if stand_in(name, language=language) == name]


def test_gender_and_language_of_a_name_are_kept():
    from uncase_pipeline.anonymized.names.stand_ins import STAND_INS

    women, men, _ = STAND_INS["es"]
    assert stand_in("Esperanza") in women
    assert stand_in("Francisco") in men
    assert stand_in("Emily", language="en") in STAND_INS["en"][0]


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("maria fernanda gutierrez", 0),
        ("María José Ortega", 0),
        ("José María Ortega", 1),
        ("Juan Guadalupe Ruiz", 1),
        ("Guadalupe Alejandra Ruiz", 0),
    ],
)
def test_every_word_of_a_given_name_keeps_the_gender_of_the_whole(name, whose):
    from uncase_pipeline.anonymized.names.stand_ins import STAND_INS

    first, second, _ = stand_in(name).split()
    assert {first.title(), second.title()} <= set(STAND_INS["es"][whose])


@pytest.mark.parametrize(
    ("entity", "check", "value"),
    [("CREDIT_CARD", checksums.luhn, "4111 1111 1111 1111"), ("CURP", checksums.curp, "HEGG560427MVZRRL04")],
)
def test_check_digits_are_wrong_on_purpose_and_the_shape_stays(entity, check, value):
    for key in range(40):
        made = stand_in(value, entity, key=bytes([key]) * 32)
        assert not check(made)
        assert [c.isdigit() for c in made] == [c.isdigit() for c in value]


def test_dates_move_by_one_shift_per_subject():
    first, second = stand_in("01/03/2020", "DATE"), stand_in("11/03/2020", "DATE")
    from datetime import datetime

    gap = datetime.strptime(second, "%d/%m/%Y") - datetime.strptime(first, "%d/%m/%Y")
    assert gap.days == 10
    assert first != "01/03/2020"
    assert (
        stand_in("01/03/2020", "DATE", subject="s2") != first
        or stand_in("01/03/2020", "DATE", subject="s3") != first
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("31/12/2019", "05/01/2020"),
        ("2019-12-31", "2020-01-05"),
        ("12/31/2019", "01/05/2020"),
        ("31-12-99", "05-01-00"),
        ("3 de marzo de 2021", "8 de marzo de 2021"),
        ("28 de FEBRERO del 2020", "4 de MARZO del 2020"),
        ("30 dic 1999", "4 ene 2000"),
        ("March 3rd", "March 8th"),
        ("March 28th, 2021", "April 2nd, 2021"),
        ("28 Feb 2021", "5 Mar 2021"),
        ("19850312", "19850317"),
        ("marzo de 1985", "abril de 1985"),
        ("1985", "1986"),
    ],
)
def test_a_moved_date_keeps_the_form_in_which_it_was_written(written, expected):
    assert moved(written, 5, english="Feb" in written) == expected


def test_which_number_is_the_month_follows_the_language_only_where_both_could_be():
    assert moved("12/03/2021", 1) == "13/03/2021"
    assert moved("12/03/2021", 1, english=True) == "12/04/2021"
    assert moved("25/03/2021", 1, english=True) == "26/03/2021"


def test_written_and_numeric_dates_of_one_subject_move_by_the_same_days():
    numeric, written = stand_in("01/03/2020", "DATE"), stand_in("1 de marzo de 2020", "BIRTH_DATE")
    day, month, year = numeric.split("/")
    assert written.split()[0] == str(int(day))
    assert written.endswith(year)
    assert month != "03" or "marzo" in written


@pytest.mark.parametrize("text", ["45/45/2020", "31 de febrero de 2020"])
def test_a_date_that_is_none_is_left_to_be_scrambled(text):
    assert moved(text, 1) is None
    assert stand_in(text, "DATE") != text


def test_an_address_stays_an_address_and_none_of_its_names_and_numbers_stay():
    made = stand_in("C/ Rubio, 14, 3º izda, 28013 Madrid", "ADDRESS")
    assert re.fullmatch(r"C/ [A-ZÁÉÍÓÚ]\w+, \d\d, \dº izda, \d{5} [A-ZÁÉÍÓÚ]\w+", made)
    assert not {"Rubio", "14", "28013", "Madrid"} & set(re.findall(r"\w+", made))
    assert made == stand_in("C/ Rubio, 14, 3º izda, 28013 Madrid", "ADDRESS", subject="s2")


def test_the_surrogate_conversation_holds_no_original_and_passes_beside_the_tokens(chain, gate):
    masker = Anonymizer(chain, Auditor(gate), surrogates=Surrogates(KEY))
    outcome = masker.anonymize(
        conversation("u: soy Ana López, tel 55 1234 5678, mail ana.lopez@correo.mx", "a: Gracias Ana")
    )
    assert isinstance(outcome, Anonymized)
    first, second = (message.content for message in outcome.surrogates.messages)
    assert "[" not in first + second
    for original in ("Ana", "López", "1234 5678", "correo.mx"):
        assert original not in first + second
    assert second.removeprefix("Gracias ") in first
