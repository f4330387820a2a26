"""The dates and times in the headers of one WhatsApp export, each read once. Knows calendars, no headers."""

import re
from datetime import date

from uncase_pipeline.raw.clock import MONTHS, hour_of

SPACE = "[ \u00a0\u202f\u2009]"
HALF = (
    rf"[AaPp]\.?{SPACE}?[Mm]\.?|[صم](?!\w)|[قب]\.ظ\.?|[πμ]\.?μ\.?|पूर्वाह्न|अपराह्न|"
    r"e (?:paradites|pasdites)|ÖÖ|ÖS|上午|下午|凌晨|早上|清晨|中午|晚上|午前|午後|오전|오후|"
    r"vorm\.|nachm\.|d[ae] (?:manhã|tarde|noite|madrugada)|PG|PTG|SA|CH|[fenv]m\.?|d[eu]\.|(?:dop|odp|ap|ip)\.|"
    "לפנה״צ|אחה״צ|[дп]п"
)
"""The half of the day, before or behind the time, as phones of any locale write it."""
_AFTERNOON = re.compile(
    r"[Pp]\.?[ \u00a0\u202f\u2009]?[Mm]|م|ب|μ\.?μ|अपराह्न|e pasdites|ÖS|下午|中午|晚上|午後|오후|"
    r"nachm|d[ae] (?:tarde|noite)|PTG|CH|[en]m|du|odp|ip|אחה״צ|пп"
)
_HALF = re.compile(HALF)
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_DAY = 86_400
_BUDDHIST = 2400
"""No chat is from later: such a year is one of the Thai calendar."""
_IRANIAN = range(1300, 1500)
_ANY_LEAP_YEAR = 2000

Day = tuple[str | None, int]
"""ISO date, None where the header has no year; and the day as a number of seconds."""


def date_fields(text: str) -> tuple[int, int, int]:
    """Return the three numbers of a date, in the order in which it writes them; 0 for a year that is not there."""
    first, second, *rest = (int(part) for part in _NUMBER.findall(text))
    return first, second, rest[0] if rest else 0


Clock = tuple[str, int]
"""ISO time, and the second of the day."""


class Days(dict[str, Day | None]):
    """The dates of one file; None for those that do not exist."""

    def __init__(self, *, year_first: bool, day_first: bool) -> None:
        super().__init__()
        self._year_first = year_first
        self._day_first = day_first

    def __missing__(self, text: str) -> Day | None:
        found = self[text] = self._read(text)
        return found

    def _read(self, text: str) -> Day | None:
        year, month, day = self._named(text) or self._numbered(text)
        try:
            found = (
                _iranian(year, month, day) if year in _IRANIAN else date(year or _ANY_LEAP_YEAR, month, day)
            )
        except ValueError:
            return None
        return found.isoformat() if year else None, found.toordinal() * _DAY

    def _numbered(self, text: str) -> tuple[int, int, int]:
        first, second, third = date_fields(text)
        if self._year_first:
            year, month, day = first, second, third
        else:
            year = third if third > 99 or not third else 2000 + third
            day, month = (first, second) if self._day_first else (second, first)
            if month > 12 >= day:
                day, month = month, day
        return (year - 543 if year > _BUDDHIST else year), month, day

    @staticmethod
    def _named(text: str) -> tuple[int, int, int] | None:
        """Return the fields of a date whose month is a word."""
        words = _WORD.findall(text)
        if not words:
            return None
        day, year = (*map(int, _NUMBER.findall(text)), 0)[:2]
        months = (MONTHS.get(word.casefold()) for word in words)
        return (2000 + year if 0 < year < 100 else year), next(filter(None, months), 0), day


def _iranian(year: int, month: int, day: int) -> date:
    """Return a day of the solar Hijri calendar, whose leap years follow each other in cycles of 33 years.

    Raises:
        ValueError: There is no such day.
    """
    if not (1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        raise ValueError
    years = year + 1595
    before = 31 * (month - 1) if month < 7 else 30 * (month - 7) + 186
    return date.fromordinal(365 * years + years // 33 * 8 + (years % 33 + 3) // 4 + before + day - 356_033)


class Clocks(dict[str, Clock | None]):
    """The times of one file as ISO times and seconds of the day; None for those that do not exist."""

    def __missing__(self, text: str) -> Clock | None:
        found = self[text] = self._read(text)
        return found

    @staticmethod
    def _read(text: str) -> Clock | None:
        written, minute, *rest = map(int, _NUMBER.findall(text))
        half = _HALF.search(text)
        hour = hour_of(written, ("p" if _AFTERNOON.match(half[0]) else "a") if half else None) % 24
        second = rest[0] if rest else 0
        if written > 24 or minute > 59 or second > 59:
            return None
        return f"T{hour:02d}:{minute:02d}:{second:02d}", hour * 3600 + minute * 60 + second
