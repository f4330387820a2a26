"""The headers of one WhatsApp export and the stretch of text behind each. Knows shapes, not what messages say.

The first 64 KiB fix one shape for the whole file, so that a header of another shape inside a message is text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from uncase_pipeline.raw.clock import ANY_MONTH, MONTHS
from uncase_pipeline.raw.formats.whatsapp_stamps import HALF, SPACE
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.stretches import stretches

AUTHOR_LIMIT = 100
_LOOKED_AT = 300
_AN_EXPORT = 20
"""So many headers of another shape in one message are an export that was appended; less is what people paste."""
_MARKS = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*"
_SEP = r"\u200f?(?:[/-]|\.(?: (?=\d))?)"
_MONTH = f"(?i:{ANY_MONTH})"
_NO_SPAN = r"(?!\d{1,2}[:.]\d\d\b)"
"""``9:00 - 10:00`` in a message says how long something takes; nobody is called so."""
_SECONDS = rf"(?:[:.]|{SPACE}min{SPACE})(\d{{2}})(?:{SPACE}s)?"


def _date(number: int) -> str:
    """Return what finds a date: numbers, a month by its name, Chinese, Japanese and Korean; no year if pasted."""
    return (
        rf"(?P<date{number}>\d{{1,4}}(?P<dsep{number}>{_SEP})\d{{1,2}}(?P=dsep{number})\d{{1,4}}\.?(?:{SPACE}г\.)?|"
        rf"\d{{1,2}}\.?(?:{SPACE}de{SPACE}|{SPACE}|-){_MONTH}\.?,?(?:{SPACE}del?{SPACE}|{SPACE}|-)\d{{2,4}}|"
        rf"{_MONTH}\.?{SPACE}\d{{1,2}}(?:,{SPACE}\d{{4}})?|"
        rf"\d{{4}}[年년]{SPACE}?\d{{1,2}}[月월]{SPACE}?\d{{1,2}}[日일]|(?<=\[)\d{{1,2}}[/.-]\d{{1,2}}(?=,))"
    )


_TIME = re.compile(
    rf"(?P<before>(?:{HALF}){SPACE}?)?\d{{1,2}}(?P<tsep>[:.]|{SPACE}?h{SPACE}?)\d{{2}}"
    rf"(?P<seconds>{_SECONDS})?(?P<after>{SPACE}*(?:{HALF}))?(?P<unit>{SPACE}ч\.)?"
)
_ANY_TIME = re.sub(r"\(\?P<\w+>", "(?:", _TIME.pattern).replace(r"(\d{2})", r"\d{2}")
_WEEKDAY = rf"(?:(?P<weekday>[^\W\d_]{{2,10}}\.?,?){SPACE})?"
_TO_TIME = rf"[,،]?{SPACE}{{1,2}}(?:(?:klo|às|à|um|alle|at|om|kl\.?|a las){SPACE})?"
HEADER = re.compile(
    rf"^{_MARKS}(?:\[{SPACE}?)?{_WEEKDAY}(?:{_date(1)}{_TO_TIME}(?P<time1>{_ANY_TIME})|(?P<time2>{_ANY_TIME}),?{SPACE}{_date(2)})"
    rf"(?P<end>{SPACE}?\]{SPACE}?|{SPACE}[-\u2013\u2014]{SPACE}|:{SPACE})",
    re.MULTILINE,
)
"""Digits of any script; the time behind the date, or before it as in Vietnamese and what was copied from the web."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the headers of one file are written, and the expression that finds only those.

    Attributes:
        pattern: From the line end before a header, which is found fastest. Groups: ``date``, ``time``, author,
            the space after the colon.
        year_first: Dates begin with the year.
        named: The month is a word.
        american: ``12/1/24`` beside ``AM``: what phones set to American English write, and few others.
        european: Dots, hyphens or ``a. m.``: no locale writes these with the month first.
        words: For the sentence that says why.
    """

    pattern: re.Pattern[str]
    year_first: bool
    named: bool
    american: bool
    european: bool
    words: str


def find_shape(head: str) -> Shape | None:
    """Return the shape of the headers: that of the first where an export has it, else that of most in the head."""
    found: dict[str, list[re.Match[str]]] = {}
    for match in islice(HEADER.finditer(head), _LOOKED_AT):
        found.setdefault(_pattern(match), []).append(match)
    if not found:
        return None
    first, most = next(iter(found)), max(found, key=lambda key: len(found[key]))
    pattern = first if len(found[first]) >= _AN_EXPORT else most
    return _shape(pattern, found[pattern][0])


def another_export(body: str) -> int | None:
    """Return where an export in another shape begins in what seems to be one message, None where none does."""
    found: dict[str, list[int]] = {}
    for match in islice(HEADER.finditer(body), _LOOKED_AT):
        if match["date1"]:  # the time stands first where messages were copied and pasted
            found.setdefault(_pattern(match), []).append(match.start())
    starts = max(found.values(), key=len, default=[])
    return starts[0] if len(starts) >= _AN_EXPORT else None


def _pattern(match: re.Match[str]) -> str:
    """Return what finds headers that are written as this one."""
    header = match.group()
    stamps = {"date": match["date1"] or match["date2"], "time": match["time1"] or match["time2"]}
    first, second = sorted(stamps, key=lambda name: match.start(name + ("1" if match["date1"] else "2")))
    lead, _, rest = header.partition(stamps[first])
    between, _, end = rest.partition(stamps[second])
    made = {"date": f"(?P<date>{_dated(stamps['date'])})", "time": f"(?P<time>{_timed(stamps['time'])})"}
    weekday = rf"[^\W\d_]{{2,10}}\.?,?{SPACE}" if match["weekday"] else ""
    return (
        rf"\n{_MARKS}"
        + (rf"\[{SPACE}?" if "[" in lead else "")
        + f"{weekday}{made[first]}{_literal(between)}{made[second]}{_ending(end)}{_NO_SPAN}"
        + rf"(?:([^:\n]{{1,{AUTHOR_LIMIT}}}+):( ?))?"
    )


def _dated(text: str) -> str:
    """Return what finds dates that are written as this one."""
    found = ""
    for part in re.findall(rf"\d+|[^\W\d_]+|{SPACE}|.", text):
        if part.isdigit():
            found += r"\d{1,2}" if len(part) < 3 else rf"\d{{{len(part)}}}"
        elif part.casefold() in MONTHS:
            found += r"[^\W\d_]{3,10}\.?"
        elif part != "." or not found.endswith(r"\.?"):
            found += _literal(part)
    return found


def _timed(text: str) -> str:
    """Return what finds times that are written as this one."""
    match = _TIME.fullmatch(text)
    assert match is not None
    return (
        (rf"(?:{HALF}){SPACE}?" if match["before"] else "")
        + rf"\d{{1,2}}{SPACE}?{re.escape(_bare(match['tsep']))}{SPACE}?\d{{2}}"
        + (_SECONDS.replace("(\\d", "(?:\\d") if match["seconds"] else "")
        + (rf"{SPACE}*(?:{HALF})" if match["after"] else "")
        + (rf"{SPACE}ч\." if match["unit"] else "")
    )


def _ending(text: str) -> str:
    mark = re.escape(_bare(text))
    if mark == re.escape("]"):
        return rf"{SPACE}?\]{SPACE}?"
    return rf"{mark}{SPACE}" if mark == ":" else rf"{SPACE}{mark}{SPACE}"


def _literal(text: str) -> str:
    parts = re.split(f"({SPACE}+)", text)
    return "".join(rf"{SPACE}{{1,2}}" if re.match(SPACE, part) else re.escape(part) for part in parts)


def _bare(text: str) -> str:
    return text.strip(" \u00a0\u202f\u2009")


def _shape(pattern: str, match: re.Match[str]) -> Shape:
    dated = match["date1"] or match["date2"]
    time = _TIME.fullmatch(match["time1"] or match["time2"])
    assert time is not None
    half = _bare(time["before"] or time["after"] or "")
    numbers = re.findall(r"\d+", dated)
    separator = match["dsep1"] or match["dsep2"] or ""
    year_first = len(numbers[0]) == 4
    words = f"{'bracketed' if ']' in match['end'] else 'dashed'} headers, {'12' if half else '24'} h clock"
    return Shape(
        re.compile(pattern),
        year_first,
        named=not separator and not year_first and len(numbers) < 3 and any(map(str.isalpha, dated)),
        american=half in {"AM", "PM"} and separator == "/" and len(numbers[-1]) == 2,
        european=not year_first and (separator[:1] in {".", "-"} or "." in half),
        words=words,
    )


@dataclass(slots=True)
class Messages:
    """Messages that follow each other, column by column, as ``str.split`` leaves them.

    Attributes:
        dates: As the headers have them.
        times: As the headers have them.
        candidates: What stands before the first colon, if there is one near.
        spaces: The space behind that colon.
        bodies: The rest, up to the next header.
        suspect: Whether bytes of them can't be decoded or are null.
        too_long: Whether this is one message that is beyond the limit.
    """

    dates: list[str]
    times: list[str]
    candidates: list[str | None]
    spaces: list[str | None]
    bodies: list[str]
    suspect: bool
    too_long: bool = False

    def one_by_one(self) -> Iterator["Messages"]:
        """Yield each message alone."""
        for row in zip(self.dates, self.times, self.candidates, self.spaces, self.bodies, strict=True):
            date, time, candidate, space, body = row
            yield Messages([date], [time], [candidate], [space], [body], self.suspect, self.too_long)


def ending_at(found: Iterator[Messages], end: int) -> Iterator[Messages]:
    """Yield messages, of the last only what stands before a place in it."""
    held: Messages | None = None
    for block in found:
        if held is not None:
            yield held
        held = block
    if held is not None:
        held.bodies[-1] = held.bodies[-1][:end].rstrip("\n")
        yield held


@dataclass(slots=True)
class _Open:
    """The message that is not over yet at the end of a stretch."""

    header: list[str]
    suspect: bool
    pieces: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, suspect: bool, limit: int) -> None:
        self.length += len(text)
        self.suspect = self.suspect or suspect
        if self.length <= limit:
            self.pieces.append(text)
        else:
            self.pieces.clear()

    def closed(self, shape: Shape, limit: int) -> Messages:
        whole = ["", *self.header, "".join(self.pieces)]
        return _columns(whole, shape, self.suspect, too_long=self.length > limit)


def has_preface(source: Source, shape: Shape) -> bool:
    """Whether something stands before the first header: the rest of a message whose header was cut off."""
    before = shape.pattern.search("\n" + source.head())
    return before is not None and bool(before.string[: before.start()].strip(" \n\ufeff\u200e"))


def messages(source: Source, shape: Shape, limit: int) -> Iterator[Messages]:
    """Yield every message with its header, many at a time. A message beyond the limit is not held."""
    pending: _Open | None = None
    for lines, dirty in stretches(source, limit):
        suspect = dirty or "\x00" in lines
        found = shape.pattern.split("\n" + lines.removesuffix("\n"))
        if pending is not None:
            pending.add(found[0], suspect, limit)
        if len(found) == 1:
            continue
        if pending is not None:
            yield pending.closed(shape, limit)
        *header, body = found[-_FIELDS:]
        pending = _Open(header, suspect)
        pending.add(body, suspect, limit)
        if len(found) > 1 + _FIELDS:
            yield _columns(found[:-_FIELDS], shape, suspect)
    if pending is not None:
        yield pending.closed(shape, limit)


_FIELDS = 5


def _columns(found: list[str], shape: Shape, suspect: bool, *, too_long: bool = False) -> Messages:
    at = shape.pattern.groupindex
    return Messages(
        found[at["date"] :: _FIELDS],
        found[at["time"] :: _FIELDS],
        found[3::_FIELDS],  # type: ignore[arg-type]  # a group that is not there is None
        found[4::_FIELDS],  # type: ignore[arg-type]
        found[5::_FIELDS],
        suspect,
        too_long,
    )
