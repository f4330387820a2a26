"""What is remembered is asked for once, and never grows without end."""

from uncase_pipeline.dialogue import clauses as clauses_module
from uncase_pipeline.dialogue.remembered import LONGEST, Remembered


def _noted(most):
    asked = []

    def answer(text):
        asked.append(text)
        return len(text)

    return asked, Remembered(answer, most)


def test_a_string_that_recurs_is_asked_about_once():
    asked, lengths = _noted(10)
    assert [*lengths.of_pieces("la casa de la abuela")] == [2, 4, 2, 2, 6]
    assert asked == ["la", "casa", "de", "abuela"]


def test_no_more_is_remembered_than_there_is_room_for_and_the_answers_stay_right():
    _, lengths = _noted(3)
    texts = ["a", "bb", "ccc", "dddd", "a", "bb"] * 3
    assert [lengths.of(text) for text in texts] == [len(text) for text in texts]
    assert len(lengths) <= 3


def test_nothing_of_a_text_with_a_very_long_piece_is_remembered():
    asked, lengths = _noted(10)
    long = "x" * (LONGEST + 1)
    assert [*lengths.of_pieces(f"see {long}")] == [3, LONGEST + 1]
    assert [*lengths.of_each({long})] == [LONGEST + 1]
    assert asked == ["see", long, long]
    assert not lengths


def test_a_very_long_string_asked_about_by_itself_is_answered_and_not_remembered():
    asked, lengths = _noted(10)
    short, long = "x" * LONGEST, "x" * (LONGEST + 1)
    assert [lengths.of(text) for text in (short, long, short, long)] == [LONGEST, LONGEST + 1] * 2
    assert asked == [short, long, long]
    assert [*lengths] == [short]


def test_clauses_of_a_very_long_text_are_not_remembered() -> None:
    long = "quiero una cita, por favor. " * 500
    before = clauses_module._remembered.cache_info().currsize
    assert len(clauses_module.clauses(long)) >= 500
    assert clauses_module._remembered.cache_info().currsize == before
