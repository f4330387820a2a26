"""Times as exports write them, to ISO 8601 as local as the source was. Knows no format."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_NUMBERS = re.compile(
    r"^\s*(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})"
    r"(?:[,T\s]+(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?\s*m?\.?\s*(?:Z|UTC)?)?\s*$",
    re.IGNORECASE,
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
    match = _NUMBERS.match(text)
    if match is None:
        return None
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


def hour_of(hour: int, half: str | None) -> int:
    """Return the hour of 0 to 23, given ``a`` or ``p`` for a twelve-hour clock."""
    if not half or hour > 12:
        return hour
    return hour % 12 + (12 if half.lower() == "p" else 0)


def seconds_between(earlier: str | None, later: str | None) -> float | None:
    """Return the seconds from one ISO time to another, None where one is missing or they can't be compared."""
    if earlier is None or later is None:
        return None
    try:
        return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
    except (TypeError, ValueError):
        return None
