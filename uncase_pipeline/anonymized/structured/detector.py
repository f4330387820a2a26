"""All structured detectors as one. Knows which shapes there are; a new shape is one line here."""

import re
from collections.abc import Sequence
from dataclasses import replace

from uncase_pipeline.anonymized.spans import Span
from uncase_pipeline.anonymized.structured import (
    contact,
    cued,
    dates,
    financial,
    national,
    numbers,
    places,
    tails,
)
from uncase_pipeline.anonymized.structured.shapes import Shape, ShapeDetector

_WRITTEN_LIKE_NUMBERS = {"NATIONAL_ID", "TAX_ID", "BANK_ACCOUNT", "PHONE"}
"""Types that are written with dots or dashes as amounts and dates are: ``DNI 12.345.678``."""
_ONLY_NUMBER = re.compile(r"[\d.-]+")
_MANY_DIGITS = re.compile(r"\d(?:\D{0,6}\d){4}")
"""What every run of five digits is, whatever may stand between them."""
CLINICAL = "medical.consultation"
_CUED = {
    "PASSPORT",
    "DRIVING_LICENCE",
    "MEDICAL_LICENCE",
    "MEDICAL_RECORD",
    "POLICY_NUMBER",
    "BANK_ACCOUNT",
    "CREDIT_CARD",
    "PLATE",
    "ID",
    "POSTCODE",
    "VIN",
    "TAX_ID",
    "NATIONAL_ID",
    "PHONE",
    "ADDRESS",
}
"""Types whose match is dropped where it is an amount, a measure or a date."""

SHAPES: tuple[Shape, ...] = (
    *contact.SHAPES,
    *national.SHAPES,
    *financial.SHAPES,
    *cued.SHAPES,
    *places.SHAPES,
    *dates.SHAPES,
)


class StructuredDetector:
    """Shapes plus digit runs, without what amounts and masks only look like."""

    version = "structured/1"

    def __init__(self) -> None:
        self._shapes = ShapeDetector(SHAPES)
        self._clinical = ShapeDetector(dates.PARTIAL)

    def detect_all(self, texts: Sequence[str], *, domain: str | None = None) -> list[list[Span]]:
        """Return the spans of each normalized text."""
        told = self._shapes.detect_all(texts)
        partial = self._clinical.detect_all(texts) if domain == CLINICAL else [[]] * len(texts)
        return [self._told(*each, domain) for each in zip(texts, told, partial, strict=True)]

    def _told(self, text: str, shapes: list[Span], partial: list[Span], domain: str | None) -> list[Span]:
        found = [*shapes, *(numbers.detect(text) if _MANY_DIGITS.search(text) else ()), *partial]
        if not found:
            return found
        if domain != CLINICAL:
            found = [span for span in found if span.entity != "DATE"]
        if any(span.entity in _CUED for span in found):
            found = _without_amounts(text, found)
        return [_with_tail(text, span) if span.entity == "ADDRESS" else span for span in found]


def _with_tail(text: str, span: Span) -> Span:
    return replace(span, end=tails.end_of(text, span.end))


def _without_amounts(text: str, found: list[Span]) -> list[Span]:
    harmless = numbers.amounts(text)
    plain = [(start, end) for start, end in harmless if _ONLY_NUMBER.fullmatch(text, start, end)]
    return [
        span
        for span in found
        if span.entity not in _CUED
        or (span.entity in _WRITTEN_LIKE_NUMBERS and any(_within(span, place) for place in plain))
        or not any(_within(span, place) for place in harmless)
    ]


def _within(span: Span, place: tuple[int, int]) -> bool:
    return place[0] <= span.start and span.end <= place[1]
