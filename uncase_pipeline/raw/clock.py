"""Times as exports write them, to ISO 8601 as local as the source was. Knows no format."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")
_NUMBERS = re.compile(
    r"^\s*(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})"
    r"(?:[,T\s]+(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?\s*m?\.?\s*(?:Z|UTC)?)?\s*$",
    re.IGNORECASE,
)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene enero january janeiro janvier januar gennaio gen januari janv",
            "feb febrero february fev fevereiro février fév februar febbraio februari févr",
            "mar marzo march março mars märz mrt maart mär",
            "apr abr abril april avr avril aprile",
            "may mayo mai maio maggio mag mei",
            "jun junio june junho juin juni giugno giu",
            "jul julio july julho juil juillet juli luglio lug",
            "aug ago agosto august août aoû augustus",
            "sep sept septiembre september setembro set septembre settembre",
            "oct octubre october out outubro okt oktober octobre ottobre ott",
            "nov noviembre november novembro novembre",
            "dec dic diciembre december dez dezembro décembre déc dezember dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
ANY_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
"""Matches the name of a month as a phone or a person writes it; letters in lower case."""
_WRITTEN = re.compile(
    r"^\s*(?:[^\W\d_]{2,10}\.?,?\s+)?(?:(?P<day>\d{1,2})(?:st|nd|rd|th|\.|º)?[\s/-]+(?:de\s+)?(?P<month>[^\W\d_]{3,10})|"
    r"(?P<month2>[^\W\d_]{3,10})\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?)\.?,?[\s/-]*"
    r"(?:(?:de|del)\s+)?(?P<early>\d{4}|\d{2}(?=\s+\d{1,2}:\d\d))?(?:,|\s+at|\s+a las|\s+um)?\s*"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?:(?P<half>[ap])\.?\s*m\.?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?\s*(?P<late>\d{4})?\s*$",
    re.IGNORECASE,
)
_ZONED = re.compile(
    r"^(?P<local>.*\d)\s*(?:(?P<utc>UTC|GMT)|(?P<offset>[+-]\d{2}):?(?P<minutes>\d{2}))$", re.IGNORECASE
)
_EPOCH = re.compile(r"^\s*-?\d{9,19}(?:\.\d+)?\s*$")
_EARLIEST, _LATEST = 0, 4_102_444_800
"""1970 to 2100: a number outside is no time."""


def iso(value: Any, *, day_first: bool = True) -> str | None:
    """Return a time in ISO 8601, or None where it can't be read as one.

    Args:
        value: Text, or seconds, milliseconds, microseconds or nanoseconds since 1970.
        day_first: How ``03/04/2024`` is read.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _from_epoch(float(value))
    return _from_text(value, day_first) if isinstance(value, str) and len(value) < 64 else None


def _from_epoch(number: float) -> str | None:
    for _ in range(3):
        if number < _LATEST:
            break
        number /= 1000
    if not _EARLIEST <= number < _LATEST:
        return None
    return datetime.fromtimestamp(number, UTC).isoformat()


@lru_cache(maxsize=4096)
def _from_text(text: str, day_first: bool) -> str | None:
    if _EPOCH.match(text):
        return _from_epoch(float(text))
    try:
        return datetime.fromisoformat(text.strip()).isoformat() if len(text.strip()) > 7 else None
    except ValueError:
        return _from_numbers(text, day_first)


def _from_numbers(text: str, day_first: bool) -> str | None:
    zoned = _ZONED.match(text)
    if zoned and _NUMBERS.match(zoned["local"]):
        local = _from_text(zoned["local"], day_first)
        offset = f"{zoned['offset']}:{zoned['minutes']}" if zoned["offset"] else "+00:00"
        return f"{local}{offset}" if local else None
    match = _NUMBERS.match(text)
    if match is None:
        return _from_words(text)
    first, second, third = (int(part) for part in match.group(1, 2, 3))
    if len(match[1]) == 4:
        year, month, day = first, second, third
    else:
        year = third if third > 99 else 2000 + third
        day, month = (first, second) if day_first else (second, first)
        if month > 12 >= day:
            day, month = month, day
    try:
        moment = datetime(
            year, month, day, hour_of(int(match[4] or 0), match[7]), int(match[5] or 0), int(match[6] or 0)
        )
    except ValueError:
        return None
    return moment.isoformat()


def _from_words(text: str) -> str | None:
    """Read ``Mon, 15 Jan 2024 09:05:00 +0000``, ``Jan 15, 2024, 9:05 AM`` or ``15 de enero de 2024``."""
    match = _WRITTEN.match(text)
    month = MONTHS.get((match["month"] or match["month2"]).casefold()) if match else None
    year = (match["early"] or match["late"]) if match else None
    if match is None or month is None or year is None:
        return None
    day, hour, minute, second = (int(match[name] or 0) for name in ("day", "hour", "minute", "second"))
    full = int(year) if len(year) > 2 else 2000 + int(year)
    try:
        moment = datetime(
            full, month, day or int(match["day2"]), hour_of(hour, match["half"]), minute, second
        )
    except ValueError:
        return None
    zone = match["zone"] or ""
    offset = "" if not zone else f"{zone[:3]}:{zone[-2:]}" if zone[0] in "+-" else "+00:00"
    return f"{moment.isoformat()}{offset}"


def hour_of(hour: int, half: str | None) -> int:
    """Return the hour of 0 to 23, given ``a`` or ``p`` for a twelve-hour clock."""
    if not half or hour > 12:
        return hour
    return hour % 12 + (12 if half.lower() == "p" else 0)


def oldest_first(items: list[T], when: Callable[[T], str | None]) -> list[T]:
    """Return what has times in their order, whatever their zones; as it lies where one has none.

    Args:
        items: What is put in order.
        when: Returns the ISO time of an item; one without a zone counts as UTC.
    """
    try:
        moments = [_moment(when(item)) for item in items]
    except ValueError:
        return items
    return [items[at] for at in sorted(range(len(items)), key=moments.__getitem__)]


def _moment(said: str | None) -> float:
    moment = datetime.fromisoformat(said or "")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def seconds_between(earlier: str | None, later: str | None) -> float | None:
    """Return the seconds from one ISO time to another, None where one is missing or they can't be compared."""
    if earlier is None or later is None:
        return None
    try:
        return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
    except (TypeError, ValueError):
        return None
