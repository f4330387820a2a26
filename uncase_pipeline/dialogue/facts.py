"""Facts that a text states as values: amounts, shares, terms, quantities, ages, years, dates, yes and no.

Deterministic, es and en, figures and number words. Knows values and units, not which of them a plan asked
for: that is for extraction (value to range) and certification (value against range), which share ``agrees``.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from uncase_pipeline.dialogue.dates import dates, without_clock, without_list_marks
from uncase_pipeline.dialogue.numerals import Number, numbers
from uncase_pipeline.dialogue.sentences import REMEMBERED, sentences
from uncase_pipeline.dialogue.tokens import fold, without_placeholders
from uncase_pipeline.dialogue.units import age_end, counts_after_article, currency_before, unit_after
from uncase_pipeline.records.seed import FactValue, NumberRange, OneOf

KINDS: dict[str, str] = {
    "money": "an amount; unit is the ISO currency, where '$' is MXN in Spanish and USD elsewhere",
    "percent": "a share; unit '%'",
    "duration": "a term or a span of time; unit second, minute, hour, day, week, month or year",
    "age": "a person's age; unit 'year_old'",
    "quantity": "a measured amount; unit such as km, mg, kg, degC, V, bar",
    "year": "a calendar year from 1900 to 2099",
    "date": "a calendar date, ISO: 2025-03-15, or --03-15 where no year is given",
    "yes_no": "a turn that begins with yes or no; True or False. A fact only with the question before it",
    "number": "a figure without a unit: weak, since it may be a label or a position",
}
"""Every kind of fact and what its value and unit are."""


class Fact(NamedTuple):
    """A value in a text.

    Attributes:
        kind: One of ``KINDS``.
        value: A float for numbers, an ISO string for a date, True or False for yes and no.
        unit: Canonical unit, None where the kind has none.
        start: First character in the text.
        end: One past the last character.
    """

    kind: str
    value: float | str | bool
    unit: str | None
    start: int
    end: int


_ANSWER = re.compile(
    r"[\s¡¿\"']*(?:(?P<yes>si|yes|yeah|yep|claro|correcto|afirmativo)|(?P<no>no|nope|nah))\b(?=\s*(?:[,.!;]|$))"
)
_DIGIT = re.compile(r"\d")
_JOINS = re.compile(r"\s*(?:-|–|/|a|y|o|e|to|and|or|hasta)\s*")
_DATE = re.compile(r"(?:\d{4}|-)-\d\d(?:-\d\d)?")
_FIRST_YEAR, _LAST_YEAR = 1900, 2099
_SMALLEST_BARE_WORD = 20


def extract_facts(text: str, language: str | None = None) -> list[Fact]:
    """Return the facts of one text in order; masks such as ``[DATE_1]`` are none.

    Args:
        text: What one turn says.
        language: ``es`` or ``en``; decides what ``$`` and ``1.500`` mean. None reads as English.
    """
    spoken = "es" if (language or "")[:2].lower() == "es" else "en"
    facts: list[Fact] = []
    for sentence, start in sentences(text):
        if found := _facts_of_sentence(sentence, spoken):
            facts += _moved(found, start) if start else found
    return facts


def _moved(facts: Iterable[Fact], by: int) -> Iterator[Fact]:
    """Place the facts of a later sentence in its turn; yes and no are answers only where the turn begins."""
    for kind, value, unit, start, end in facts:
        if kind != "yes_no":
            yield Fact(kind, value, unit, start + by, end + by)


def agrees(fact: Fact, value: FactValue) -> bool | None:
    """Judge a stated fact by one value of a seed.

    Returns:
        True if the value allows the fact, False if it is about the same unit and does not, None if it is
        about something else or can't be told. A month (``2025-03``) allows its days. A fact of a text is
        supported when any value of the seed returns True, contradicted when none does and some return False.
    """
    if isinstance(value, bool) or isinstance(fact.value, bool):
        return True if fact.value is value else None
    if isinstance(fact.value, str):
        return _agrees_date(fact.value, value)
    if isinstance(value, NumberRange):
        return _agrees_range(fact, fact.value, value)
    if isinstance(value, int | float):
        return float(value) == fact.value or (False if fact.unit is None else None)
    return True if fact.value in _figures_in(value) else None


def _agrees_range(fact: Fact, stated: float, value: NumberRange) -> bool | None:
    """Compare a number with a range of its unit; a calendar year says nothing of a range of other figures."""
    if value.unit != fact.unit:
        return None
    if value.minimum <= stated <= value.maximum:
        return True
    calendar = value.unit is None and value.minimum >= _FIRST_YEAR and value.maximum <= _LAST_YEAR
    return False if calendar == (fact.kind == "year") else None


def _agrees_date(stated: str, value: FactValue) -> bool | None:
    values = value.values if isinstance(value, OneOf) else [value]
    days = [item for item in values if isinstance(item, str) and _DATE.fullmatch(item)]
    return any(stated.startswith(item) for item in days) if days else None


def _figures_in(value: str | OneOf) -> frozenset[float]:
    """Return the figures that a value in words holds (``1/2 + 1/4``)."""
    return _figures_of(tuple(value.values) if isinstance(value, OneOf) else (value,))


@lru_cache(maxsize=1_024)
def _figures_of(values: tuple[str, ...]) -> frozenset[float]:
    return frozenset(number.value for item in values for number in numbers(fold(item), "en"))


@lru_cache(maxsize=REMEMBERED)
def _facts_of_sentence(text: str, language: str) -> tuple[Fact, ...]:
    visible = without_placeholders(text)
    folded = fold(visible)
    if len(folded) != len(text):
        folded = visible
    facts = [*_polarity(folded), *_measures(folded, language)]
    return tuple(sorted(facts, key=lambda fact: fact.start))


def _polarity(folded: str) -> Iterator[Fact]:
    if match := _ANSWER.match(folded):
        yield Fact("yes_no", match.lastgroup == "yes", None, *match.span(match.lastgroup or 0))


def _measures(folded: str, language: str) -> Iterator[Fact]:
    rest = folded
    if _DIGIT.search(folded):
        for day, (start, end) in dates(folded, language):
            yield Fact("date", day, None, start, end)
            rest = rest[:start] + " " * (end - start) + rest[end:]
        rest = without_list_marks(without_clock(rest))
    later: Fact | None = None
    for number in reversed(numbers(rest, language)):
        fact = _fact(number, rest, language)
        if fact and fact.kind == "number" and later and _JOINS.fullmatch(rest, fact.end, later.start):
            fact = _like(fact, later)
        later = fact
        if fact:
            yield fact


def _fact(number: Number, folded: str, language: str) -> Fact | None:
    """Return the fact that a number states, None where it is an idiom or a bare small number word."""
    kind, unit, start, end = _kind(number, folded, language)
    article = number.written == "article"
    if unit is None and folded[end : end + 1].isalpha():
        return None
    if unit is None and (article or (number.written == "words" and number.value < _SMALLEST_BARE_WORD)):
        return None
    if article and unit is not None and not counts_after_article(unit, folded, start):
        return None
    return Fact(kind, number.value, unit, start, end)


def _kind(number: Number, folded: str, language: str) -> tuple[str, str | None, int, int]:
    before = currency_before(folded, number.start, language)
    after = unit_after(folded, number.end, language)
    if before and not (after and after[0][0] == "money"):
        return *before[0], before[1], number.end
    if after:
        (kind, unit), end = after
        start = before[1] if before else number.start
        age = age_end(folded, number.start, end) if unit == "year" else None
        return ("age", "year_old", start, age) if age else (kind, unit, start, end)
    if number.whole and _FIRST_YEAR <= number.value <= _LAST_YEAR:
        return "year", None, number.start, number.end
    return "number", None, number.start, number.end


def _like(first: Fact, second: Fact) -> Fact:
    """Give the first number of "10 to 15 km" or "entre 10 y 15 mil" what the second one says."""
    if not isinstance(first.value, float) or not isinstance(second.value, float):
        return first
    return Fact(second.kind, first.value, second.unit, first.start, first.end)
