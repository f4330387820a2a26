"""Moves a date by some days and writes it in the form in which it stood. Knows Spanish and English months, no policy.

``3 de marzo de 2021`` stays a written date, ``Mar 3rd`` an abbreviated one, ``2021-03-03`` a numeric one; what
can't be read as a date is left to the caller.
"""

# ruff: noqa: SIM905 - word lists read better as text

import re
from datetime import date, timedelta

_ES = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
_EN = "january february march april may june july august september october november december".split()
_NUMBERS = {
    **{name[:letters]: at for names in (_EN, _ES) for at, name in enumerate(names, 1) for letters in (3, 20)},
    "sept": 9,
    "set": 9,
    "setiembre": 9,
}
_NUMERIC = re.compile(r"(\d{1,4})([/. -])(\d{1,2})\2(\d{1,4})")
_UNBROKEN = re.compile(r"(19|20)\d{6}|\d{4}(19|20)\d{2}")
_YEAR_ALONE = re.compile(r"(19|20)\d\d")
_MONTH = re.compile(r"[^\W\d_]{3,}")
_DAY = re.compile(r"\b(\d{1,2})(st|nd|rd|th|º|ero?|\.)?(?!\d)", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d{2}|(?<=[ '/-])\d{2}$")
_LEAPLESS = 2001
"""The year of a date that names none."""
_DAYS_OF_MONTH = 30


def moved(text: str, days: int, *, english: bool = False) -> str | None:
    """Return the date moved, or None where it can't be read.

    A month without a day moves by whole months and a year alone by one year, so that neither ever stays.

    Args:
        text: One date, as found.
        days: At least 1.
        english: Whether 03/04 is read as the fourth of March, and ``mar`` as March.
    """
    text = text.strip()
    try:
        if _YEAR_ALONE.fullmatch(text):
            return f"{int(text) + 1}"
        return (
            _numeric(text, days, month_first=english)
            or _unbroken(text, days)
            or _written(text, days, english=english)
        )
    except (ValueError, OverflowError):
        return None


def _numeric(text: str, days: int, *, month_first: bool) -> str | None:
    parts = _NUMERIC.fullmatch(text)
    if not parts:
        return None
    first, mark, second, third = parts.groups()
    year_first = len(first) == 4
    year, one, other = (first, second, third) if year_first else (third, first, second)
    month_first = year_first or int(other) > 12 or (month_first and int(one) <= 12)
    month, day = (one, other) if month_first else (other, one)
    new = date(_full_year(year), int(month), int(day)) + timedelta(days)
    new_year = f"{new.year:04d}"[-len(year) :]
    new_month, new_day = f"{new.month:0{len(month)}d}", f"{new.day:0{len(day)}d}"
    pair = (new_month, new_day) if month_first else (new_day, new_month)
    return mark.join((new_year, *pair) if year_first else (*pair, new_year))


def _unbroken(text: str, days: int) -> str | None:
    if not _UNBROKEN.fullmatch(text):
        return None
    if text[:2] in {"19", "20"} and 1 <= int(text[4:6]) <= 12:
        return f"{date(int(text[:4]), int(text[4:6]), int(text[6:])) + timedelta(days):%Y%m%d}"
    return f"{date(int(text[4:]), int(text[2:4]), int(text[:2])) + timedelta(days):%d%m%Y}"


def _written(text: str, days: int, *, english: bool) -> str | None:
    name = next((word for word in _MONTH.finditer(text) if word[0].lower() in _NUMBERS), None)
    if name is None:
        return None
    year = next(iter([*_YEAR.finditer(text)][-1:]), None)
    day = next((found for found in _DAY.finditer(text) if not year or found.start() != year.start()), None)
    written_year = _full_year(year[0]) if year else _LEAPLESS
    month = _NUMBERS[name[0].lower()]
    if day:
        new = date(written_year, month, int(day[1])) + timedelta(days)
    else:
        months = month - 1 + -(-days // _DAYS_OF_MONTH)
        new = date(written_year + months // 12, months % 12 + 1, 1)
    parts = [(name.span(), _month_like(new.month, name[0], english=english))]
    if day:
        number = f"{new.day:02d}" if day[1].startswith("0") else str(new.day)
        parts.append((day.span(), number + _ordinal(new.day, day[2])))
    if year:
        parts.append((year.span(), f"{new.year}"[-len(year[0]) :]))
    for (start, end), part in sorted(parts, reverse=True):
        text = text[:start] + part + text[end:]
    return text


def _full_year(written: str) -> int:
    """Read two digits as the latest such year that a birth date may have."""
    if len(written) > 2:
        return int(written)
    return int(written) + (1900 if int(written) > 30 else 2000)


def _month_like(month: int, like: str, *, english: bool) -> str:
    written = like.lower()
    only_english = written not in {short for name in _ES for short in (name, name[:3])}
    only_spanish = written not in {short for name in _EN for short in (name, name[:3])}
    names = _EN if only_english or (english and not only_spanish) else _ES
    name = names[month - 1] if len(like) > 4 or written in names else names[month - 1][:3]
    return name.upper() if like.isupper() else name.title() if like[0].isupper() else name


def _ordinal(day: int, suffix: str | None) -> str:
    if suffix is None or suffix.lower() not in {"st", "nd", "rd", "th"}:
        return "" if suffix and suffix.lower().startswith("er") else suffix or ""
    kind = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return kind.upper() if suffix.isupper() else kind
