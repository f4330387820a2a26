"""One person, one id, however an export spells them; and no id without the key."""

from uncase_pipeline.records.subject import identity, subject_id

KEY = bytes(32)


def test_spellings_of_one_number_are_one_person() -> None:
    spellings = ["+52 55 1234 5678", "+525512345678", "\u202a+52 55 1234-5678\u202c"]
    assert len({subject_id(spelling, KEY) for spelling in spellings}) == 1


def test_case_spaces_and_the_mark_of_an_unsaved_contact_do_not_split_a_person() -> None:
    assert identity("~\u202fAna  Pérez") == identity("ana pérez")


def test_two_people_stay_two() -> None:
    assert subject_id("Ana Pérez", KEY) != subject_id("Ana Peña", KEY)


def test_the_id_can_not_be_made_without_the_key() -> None:
    assert subject_id("Ana Pérez", KEY) != subject_id("Ana Pérez", bytes(31) + b"x")
    assert "ana" not in subject_id("Ana Pérez", KEY)
