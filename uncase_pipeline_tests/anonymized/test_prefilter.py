"""The prefilter leaves out what can't match, and never what does."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uncase_pipeline.anonymized.prefilter import digits_needed, which_may_match
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


@settings(deadline=None)
@given(_SOME.map(" ".join))
def test_no_shape_that_matches_is_left_out(text):
    worth = set(possible(text))
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
    chain._seen.clear()
    assert chain.find_all(texts) == alone
