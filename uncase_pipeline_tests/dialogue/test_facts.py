"""Facts in text, es and en, and how they are judged by the values of a seed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uncase_pipeline.dialogue.facts import Fact, agrees, extract_facts
from uncase_pipeline.records.seed import NumberRange, OneOf


def found(text: str, language: str) -> list[tuple[str, float | str | bool, str | None]]:
    return [(fact.kind, fact.value, fact.unit) for fact in extract_facts(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "facts"),
    [
        ("es", "cuesta $320,000", [("money", 320_000, "MXN")]),
        ("es", "320 mil pesos", [("money", 320_000, "MXN")]),
        ("es", "trescientos veinte mil pesos", [("money", 320_000, "MXN")]),
        ("es", "1.5 millones de pesos", [("money", 1_500_000, "MXN")]),
        ("es", "son 1.500 euros", [("money", 1_500, "EUR")]),
        ("es", "al 12.5 % anual", [("percent", 12.5, "%")]),
        ("es", "el 20 por ciento y un año de garantía", [("percent", 20, "%"), ("duration", 1, "year")]),
        ("es", "a cuarenta y ocho meses", [("duration", 48, "month")]),
        ("es", "tengo 45 años", [("age", 45, "year_old")]),
        ("es", "500 mg cada 8 horas", [("quantity", 500, "mg"), ("duration", 8, "hour")]),
        ("es", "entre 10 y 15 km", [("quantity", 10, "km"), ("quantity", 15, "km")]),
        ("es", "el 15 de marzo de 2025", [("date", "2025-03-15", None)]),
        ("es", "el 03/04/2025", [("date", "2025-04-03", None)]),
        ("es", "modelo 2022", [("year", 2022, None)]),
        ("es", "espere un segundo", []),
        ("es", "nos vemos a las 10:30", []),
        ("es", "No, gracias", [("yes_no", False, None)]),
        ("en", "it costs $8,900", [("money", 8_900, "USD")]),
        ("en", "one thousand four hundred and seventy bucks", [("money", 1_470, "USD")]),
        ("en", "65k miles", [("quantity", 65_000, "mi")]),
        ("en", "over twenty-four months", [("duration", 24, "month")]),
        ("en", "a 45-year-old man", [("age", 45, "year_old")]),
        ("en", "120/80 mmHg", [("quantity", 120, "mmHg"), ("quantity", 80, "mmHg")]),
        ("en", "on 03/04/2025", [("date", "2025-03-04", None)]),
        ("en", "March 3rd, 2024 or May 7", [("date", "2024-03-03", None), ("date", "--05-07", None)]),
        ("en", "part A4, code P0300, the CX-5 and the 2nd one", []),
        ("en", "1. first\n2) second", []),
        ("en", "one of the two", []),
        ("en", "[PHONE_1] and [DATE_2]", []),
        ("en", "Yes, it is", [("yes_no", True, None)]),
        ("en", "301 dollars a month", [("money", 301, "USD")]),
        ("en", "20 hours a week", [("duration", 20, "hour")]),
        ("en", "how much would I pay a month", []),
        ("en", "it is back in a month", [("duration", 1, "month")]),
        ("es", "hace un mes", [("duration", 1, "month")]),
    ],
)
def test_stated_values_are_found_with_their_units(language: str, text: str, facts: list[object]) -> None:
    assert found(text, language) == facts


def test_a_fact_knows_where_it_stands() -> None:
    text = "El enganche es de $65,000 hoy"
    (fact,) = extract_facts(text, "es")
    assert text[fact.start : fact.end] == "$65,000"


@given(st.text(max_size=200), st.sampled_from(["es", "en", None]))
def test_any_text_gives_facts_in_order_within_it(text: str, language: str | None) -> None:
    facts = extract_facts(text, language)
    assert all(0 <= fact.start < fact.end <= len(text) for fact in facts)
    assert [fact.start for fact in facts] == sorted(fact.start for fact in facts)


@given(st.integers(2_200, 999_999_999))
def test_a_price_survives_writing_and_reading(pesos: int) -> None:
    assert found(f"cuesta ${pesos:,}", "es") == [("money", pesos, "MXN")]


def fact(value: float | str | bool, unit: str | None = None, kind: str = "quantity") -> Fact:
    return Fact(kind, value, unit, 0, 1)


def test_a_range_supports_what_lies_in_it_and_contradicts_the_rest() -> None:
    price = NumberRange(minimum=300, maximum=400, unit="MXN")
    assert agrees(fact(350, "MXN"), price) is True
    assert agrees(fact(500, "MXN"), price) is False
    assert agrees(fact(350, "month"), price) is None


def test_a_calendar_year_does_not_contradict_a_range_of_other_figures() -> None:
    assert agrees(fact(2024, kind="year"), NumberRange(minimum=1, maximum=5)) is None
    assert agrees(fact(3, kind="number"), NumberRange(minimum=2020, maximum=2024)) is None
    assert agrees(fact(2010, kind="year"), NumberRange(minimum=2020, maximum=2024)) is False


def test_a_month_allows_its_days() -> None:
    month = OneOf(values=["2025-03"])
    assert agrees(fact("2025-03-15", kind="date"), month) is True
    assert agrees(fact("2025-04-15", kind="date"), month) is False


def test_figures_in_words_of_a_seed_are_supported() -> None:
    assert agrees(fact(4, kind="number"), OneOf(values=["1/2 + 1/4"])) is True
    assert agrees(fact(9, kind="number"), OneOf(values=["1/2 + 1/4"])) is None


def test_a_yes_or_no_can_support_a_seed_and_never_contradicts_it() -> None:
    assert agrees(fact(True, kind="yes_no"), True) is True
    assert agrees(fact(False, kind="yes_no"), True) is None
