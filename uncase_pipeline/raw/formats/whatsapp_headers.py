"""The headers of one WhatsApp export and the stretch of text behind each. Knows shapes, not what messages say.

The first 64 KiB fix one shape for the whole file, so that a header of another shape inside a message is text.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.stretches import stretches

AUTHOR_LIMIT = 100
_MARKS = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*"
_SP = "[ \u00a0\u202f\u2009]"
_SEP = r"\u200f?(?:[/-]|\.(?: (?=\d))?)"
_HALF = (
    rf"[AaPp]\.?{_SP}?[Mm]\.?|[صم](?!\w)|[قب]\.ظ\.?|[πμ]\.?μ\.?|पूर्वाह्न|अपराह्न|"
    r"e (?:paradites|pasdites)|ÖÖ|ÖS|上午|下午|凌晨|早上|清晨|中午|晚上|午前|午後|오전|오후"
)
_SECONDS = rf"(?:[:.]|{_SP}min{_SP})(\d{{2}})(?:{_SP}s)?"
_AFTERNOON = re.compile(r"[Pp]|م|ب|μ\.?μ|अपराह्न|e pasdites|ÖS|下午|中午|晚上|午後|오후")
HEADER = re.compile(
    rf"^{_MARKS}(?P<open>\[?)(?P<date>\d{{1,4}}(?P<dsep>{_SEP})\d{{1,2}}(?P=dsep)\d{{1,4}}\.?)"
    rf"(?P<era>{_SP}г\.)?(?P<comma>[,،]?){_SP}(?P<word>(?:klo|às|à|um|alle|at|om|kl\.?|a las){_SP})?"
    rf"(?P<before>(?:{_HALF}){_SP}?)?"
    rf"(?P<time>\d{{1,2}}(?P<tsep>[:.]|{_SP}?h{_SP}?)\d{{2}}(?P<seconds>{_SECONDS})?)"
    rf"(?P<after>{_SP}*(?:{_HALF}))?(?P<unit>{_SP}ч\.)?"
    rf"(?P<end>{_SP}?\]{_SP}?|{_SP}[-\u2013\u2014]{_SP}|:{_SP})",
    re.MULTILINE,
)
"""Digits of any script; the half of the day behind the time, or before it as in Chinese, Japanese and Korean."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the headers of one file are written, and the expression that finds only those.

    Attributes:
        pattern: From the line end before a header, which is found fastest. Groups: date, hours, minutes,
            seconds, a or p, author, the space after the colon.
        year_first: Dates begin with the year.
        american: ``12/1/24`` beside ``AM``: what phones set to American English write, and few others.
        european: Dots, hyphens or ``a. m.``: no locale writes these with the month first.
        words: For the sentence that says why.
    """

    pattern: re.Pattern[str]
    year_first: bool
    american: bool
    european: bool
    words: str


def find_shape(head: str) -> Shape | None:
    """Return the shape of the headers: the one that most lines of the head have."""
    found = Counter(_key(match) for match in HEADER.finditer(head))
    if not found:
        return None
    key = max(found, key=lambda shape: found[shape])
    return _shape(key)


_Key = tuple[bool, str, bool, int, str, str, str, str, bool, str, bool, str, str]


def _key(match: re.Match[str]) -> _Key:
    first, *_, last = re.findall(r"\d+", match["date"])
    year_first = len(first) == 4
    before, after = match["before"], match["after"]
    return (
        bool(match["open"]),
        match["dsep"],
        year_first,
        4 if year_first else len(last),
        match["era"] or "",
        match["comma"],
        _bare(match["word"]),
        _bare(match["tsep"]),
        match["seconds"] is not None,
        _half_style(before or after),
        before is not None,
        "ч." if match["unit"] else "",
        _bare(match["end"]),
    )


def _bare(text: str | None) -> str:
    return (text or "").strip(" \u00a0\u202f\u2009")


def _half_style(half: str | None) -> str:
    """Return ``AM``, ``am`` or ``a.m.`` for either half of the day, empty for a 24 h clock."""
    bare = re.sub(_SP, "", half or "")
    if bare and bare[0] not in "aApP":
        return "other"
    return "a.m." if "." in bare else bare.replace("P", "A").replace("p", "a")


def _shape(key: _Key) -> Shape:
    bracket, dsep, year_first, year_digits, era, comma, word, tsep, seconds, half, before, unit, end = key
    sep = re.escape(dsep)
    day = rf"\d{{1,2}}{sep}\d{{1,2}}"
    dated = rf"(\d{{4}}{sep}{day}\.?)" if year_first else rf"({day}{sep}\d{{{year_digits}}}\.?)"
    hours = rf"((?:{_HALF}){_SP}?\d{{1,2}})" if before else r"(\d{1,2})"
    clock = rf"{hours}{_SP}?{re.escape(tsep)}{_SP}?(\d{{2}})" + (_SECONDS if seconds else "()")
    closing = {"]": rf"{_SP}?\]{_SP}?", ":": rf":{_SP}"}.get(end, rf"{_SP}{re.escape(end)}{_SP}")
    pattern = (
        rf"\n{_MARKS}"
        + (r"\[" if bracket else "")
        + dated
        + re.escape(era)
        + comma
        + _SP
        + (rf"{re.escape(word)}{_SP}" if word else "")
        + clock
        + (rf"{_SP}*({_HALF})" if half and not before else "()")
        + (rf"{_SP}{re.escape(unit)}" if unit else "")
        + closing
        + rf"(?:([^:\n]{{1,{AUTHOR_LIMIT}}}+):( ?))?"
    )
    words = f"{'bracketed' if bracket else 'dashed'} headers, {'12' if half else '24'} h clock"
    american = half == "AM" and dsep == "/" and year_digits == 2
    european = not year_first and (dsep[0] in ".-" or "." in half)
    return Shape(re.compile(pattern), year_first, american, european, words)


def date_fields(text: str) -> tuple[int, int, int]:
    """Return the three numbers of a date, in the order in which it writes them."""
    first, second, third = (int(part) for part in re.findall(r"\d+", text))
    return first, second, third


def halved(hours: str, half: str) -> tuple[int, str]:
    """Return the hour as it is written, and ``a`` or ``p`` where its clock has twelve hours."""
    before, number = re.split(r"(?=\d)", hours, maxsplit=1) if not hours[0].isdigit() else ("", hours)
    said = half or before
    return int(number), ("p" if _AFTERNOON.match(said) else "a") if said else ""


Found = tuple[re.Match[str], str, int, int, bool, bool]
"""A header, the stretch of text that holds its message, where the message begins and ends there, whether bytes
of it can't be decoded, and whether it is beyond the limit."""


class _Open:
    """The message that is not over yet at the end of a stretch."""

    def __init__(self, match: re.Match[str], rest: str, dirty: bool) -> None:
        self.match = match
        self.dirty = dirty
        self._pieces = [rest]
        self._length = len(rest)

    def add(self, text: str, dirty: bool, limit: int) -> None:
        self._length += len(text)
        self.dirty = self.dirty or dirty
        if self._length <= limit:
            self._pieces.append(text)
        else:
            self._pieces.clear()

    def closed(self, limit: int) -> Found:
        text = "".join(self._pieces)
        return self.match, text, 0, len(text), self.dirty, self._length > limit


def headers(source: Source, shape: Shape, limit: int) -> Iterator[Found]:
    """Yield every header with its message. A message beyond the limit is not held."""
    pending: _Open | None = None
    for lines, dirty in stretches(source, limit):
        text = "\n" + lines.removesuffix("\n")
        previous: re.Match[str] | None = None
        for match in shape.pattern.finditer(text):
            if previous is not None:
                yield previous, text, previous.end(), match.start(), dirty, False
            elif pending is not None:
                pending.add(text[: match.start()], dirty, limit)
                yield pending.closed(limit)
            previous = match
        if previous is not None:
            pending = _Open(previous, text[previous.end() :], dirty)
        elif pending is not None:
            pending.add(text, dirty, limit)
    if pending is not None:
        yield pending.closed(limit)
