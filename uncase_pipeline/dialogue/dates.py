"""Calendar dates in folded text, es and en; and the clock times and list marks that are no figures."""

import re
from collections.abc import Iterator

import re2

_MONTHS_ES = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
_MONTHS_EN = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTHS = {
    **{month: number for number, month in enumerate(_MONTHS_ES, start=1)},
    **{month: number for number, month in enumerate(_MONTHS_EN, start=1)},
}
_NAMES = "|".join(_MONTHS)
_MONTH = re2.compile(_NAMES)
_CUT = re2.compile(r"\d[/-]\d")
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?:del?\s+)?(?P<year>(?:19|20)\d\d))?"

_ISO = re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?:t[\d:.]+z?)?\b")
_SLASHED = re.compile(r"\b(?P<first>[0-3]?\d)[/-](?P<second>[0-3]?\d)[/-](?P<year>(?:19|20)?\d\d)\b")
_DAY_MONTH = re.compile(rf"\b{_DAY}\s+(?:de\s+|of\s+)?(?P<name>{_NAMES})\b{_YEAR}")
_MONTH_DAY = re.compile(rf"\b(?P<name>{_NAMES})\s+(?:the\s+)?{_DAY}\b{_YEAR}")
_MAY_BE_CLOCK = re2.compile(r"\d:\d|\d\s?[ap]\.?m")
_CLOCK = re.compile(r"\b[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?m\b\.?)?|\b[01]?\d\s?[ap]\.?m\b\.?")

_LIST_MARK = re.compile(r"(?:^|\n)\s*\d{1,2}[.)](?=\s)")

Span = tuple[int, int]


def dates(folded: str, language: str) -> Iterator[tuple[str, Span]]:
    """Yield each date as ISO 8601 with its span: ``2025-03-15``, or ``--03-15`` without a year.

    ``03/04/2025`` is the third of April in Spanish and the fourth of March in English.
    """
    if _CUT.search(folded) is not None:
        for match in _ISO.finditer(folded):
            yield f"{match['year']}-{match['month']}-{match['day']}", match.span()
        for match in _SLASHED.finditer(folded):
            day, month = int(match["first"]), int(match["second"])
            if (language == "en" and day <= 12) or month > 12:
                day, month = month, day
            if 1 <= month <= 12 and 1 <= day <= 31:
                year = match["year"] if len(match["year"]) == 4 else f"20{match['year']}"
                yield f"{year}-{month:02}-{day:02}", match.span()
    if _MONTH.search(folded) is None:
        return
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        for match in pattern.finditer(folded):
            if 1 <= int(match["day"]) <= 31:
                yield (
                    f"{match['year'] or '-'}-{_MONTHS[match['name']]:02}-{int(match['day']):02}",
                    match.span(),
                )


def without_clock(folded: str) -> str:
    """Blank out times of day, keeping every offset: they are no figures of a plan."""
    return _CLOCK.sub(_blank, folded) if _MAY_BE_CLOCK.search(folded) is not None else folded


def without_list_marks(folded: str) -> str:
    """Blank out the numbers of a list ("1. …"), keeping every offset."""
    listed = "\n" in folded or folded.lstrip()[:1].isdigit()
    return _LIST_MARK.sub(_blank, folded) if listed else folded


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())
