from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from uncase_pipeline.anonymized.merge import tidy
from uncase_pipeline.anonymized.spans import Span, replaced, union

TEXT = "al +1 555-123-4567, clave 9876 y más texto para las pruebas"


@st.composite
def spans(draw):
    start = draw(st.integers(0, len(TEXT) - 1))
    end = draw(st.integers(start + 1, len(TEXT)))
    return Span(draw(st.sampled_from(["PHONE", "ID", "PERSON"])), start, end, draw(st.floats(0, 1)))


@given(st.lists(spans(), max_size=12))
def test_united_spans_are_disjoint_and_cover_every_character_that_any_span_covered(found):
    merged = union(found)
    assert all(a.end <= b.start for a, b in pairwise(merged))
    before = {i for span in found for i in range(span.start, span.end)}
    after = {i for span in merged for i in range(span.start, span.end)}
    assert before == after


@given(st.lists(spans(), max_size=12))
def test_replacing_leaves_every_other_character_as_it_was(found):
    merged = union(found)
    kept = "".join(c for i, c in enumerate(TEXT) if not any(s.start <= i < s.end for s in merged))
    assert replaced(TEXT, merged, lambda _span, _text: "") == kept


def test_a_longer_token_before_a_second_identifier_does_not_shift_it():
    merged = [Span("PHONE", 3, 18, 0.9), Span("CREDENTIAL", 26, 30, 0.9)]
    assert replaced(TEXT[:30], merged, lambda span, _: f"[{span.entity}]") == "al [PHONE], clave [CREDENTIAL]"


def test_a_merged_span_carries_the_label_of_its_longest_part():
    merged = union([Span("ID", 0, 6, 0.4), Span("CREDIT_CARD", 0, 19, 0.9), Span("PHONE", 2, 10, 0.5)])
    assert [(span.entity, span.start, span.end) for span in merged] == [("CREDIT_CARD", 0, 19)]


def test_parts_of_one_name_become_one_span_without_white_space_at_its_edges():
    text = "soy Ana de la Cruz "
    joined = tidy(text, [Span("PERSON", 3, 7, 0.5), Span("PERSON", 14, 19, 0.9)])
    assert [text[span.start : span.end] for span in joined] == ["Ana de la Cruz"]
