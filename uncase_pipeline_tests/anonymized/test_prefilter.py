"""The prefilter leaves out what can't match, and never what does."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uncase_pipeline.anonymized.detect import Detectors
from uncase_pipeline.anonymized.prefilter import (
    _CHARACTERS,
    _TOGETHER,
    _handfuls,
    digits_needed,
    which_may_match,
)
from uncase_pipeline.anonymized.structured.detector import SHAPES
from uncase_pipeline.anonymized.structured.shapes import Shape
from uncase_pipeline_tests.anonymized.test_engine import _TEXTS

_NUMBERS = st.from_regex(
    re.compile(r"[A-Za-z]{0,4}[ -]?\d{1,8}([ .-]\d{1,6}){0,3}", re.ASCII), fullmatch=True
)
_SOME = st.lists(
    _TEXTS | _NUMBERS | st.sampled_from(["póliza", "calle Mayor", "DNI", "a@b.mx", "C.P."]), max_size=6
)
_PATTERNS = [re.compile(p.pattern, re.ASCII | p.flags & re.IGNORECASE) for p in map(Shape.compiled, SHAPES)]
possible = which_may_match(shape.regex for shape in SHAPES)


@pytest.mark.parametrize(
    ("regex", "needs"),
    [
        (r"\d", 1),
        (r"a[0-9]+b", 1),
        (r"(?:ab\d|\d{2}c)x", 1),
        (r"(?:ab\d|c)x", 0),
        (r"a\d*", 0),
        (r"(?:\d)?a", 0),
        (r"[0-9a-f]{8}", 0),
        (r"(?P<id>\d{5}),?\s+", 5),
        (r"(?:\d{4}[ -]?){3}\d{1,7}|3[47]\d{2}", 4),
        (r"(?i:no 7)", 1),
        (r"\w+", 0),
        (r"(unclosed", 0),
    ],
)
def test_an_expression_needs_as_many_digits_as_the_way_through_it_that_has_fewest(regex, needs):
    assert digits_needed(regex) == needs


@given(st.lists(st.integers(1, _CHARACTERS + 99), max_size=99))
def test_an_automaton_gets_no_more_than_it_can_hold_and_every_expression_has_one(lengths):
    handfuls = [*_handfuls(range(len(lengths)), ["x" * length for length in lengths])]
    assert [number for some in handfuls for number in some] == [*range(len(lengths))]
    assert all(some for some in handfuls)
    for some in handfuls:
        assert len(some) <= _TOGETHER
        assert len(some) == 1 or sum(lengths[number] for number in some) <= _CHARACTERS


def test_as_few_automata_are_made_as_hold_all_expressions_in_their_order():
    half = "x" * (_CHARACTERS // 2)
    assert [[*some] for some in _handfuls([0, 1, 2, 3], [half, half, half, "y"])] == [[0, 1], [2, 3]]
    assert [len(some) for some in _handfuls(range(2 * _TOGETHER), ["x"] * 2 * _TOGETHER)] == [
        _TOGETHER,
        _TOGETHER,
    ]


def test_a_digit_that_re2_does_not_take_for_one_counts_neither_in_expressions_nor_in_texts():
    assert digits_needed("a٣b") == digits_needed("[٠-٩]") == 0
    assert [[*numbers] for numbers in which_may_match(["a٣b", r"a\d"])(["a٣b"])] == [[0]]


@settings(deadline=None)
@given(_SOME.map(" ".join))
def test_no_shape_that_matches_is_left_out(text):
    worth = set(possible([text])[0])
    assert not [
        shape
        for number, (shape, pattern) in enumerate(zip(SHAPES, _PATTERNS, strict=True))
        if number not in worth and pattern.search(text)
    ]


def test_texts_read_together_give_what_each_gives_alone(chain):
    texts = [
        "soy Ana López",
        "",
        "  ",
        "hola",
        "tel 55 1234 5678",
        "soy Ana López",
        "[PERSON_1] y luego Luis Ortega",
    ]
    alone = [chain.find(text) for text in texts]
    assert Detectors().find_all(texts) == alone


def test_texts_are_remembered_up_to_a_bound_and_those_of_a_look_ahead_until_they_are_asked_about(monkeypatch):
    monkeypatch.setattr("uncase_pipeline.anonymized.detect._REMEMBERED", 20)
    chain = Detectors()
    looked: list[str] = []
    look = chain._look
    monkeypatch.setattr(
        chain, "_look", lambda texts, domain: [*(looked.extend(texts) or look(texts, domain))]
    )
    for number in range(60):
        ahead = [f"soy Ana{number}", f"tel 55 1234 56{number}", f"son {number}"]
        chain.look_ahead(ahead)
        assert chain.find_all(ahead, profile="gate") == [chain.find(text, profile="gate") for text in ahead]
        assert sum(len(texts) for seen in (chain._seen, chain._before) for texts in seen.values()) <= 40
    assert len(looked) == len({*looked}) == 180
