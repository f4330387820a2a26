"""WhatsApp chats exported as text, iOS and Android. Knows headers, dates and authors; phrases are next door.

A file is read twice: once for what only the whole file can tell (day or month first, authors whose name holds a
colon), once for the messages. The first header fixes the shape of all headers, so that a header of another shape
quoted inside a message stays text.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice, pairwise

from uncase_pipeline.raw import roles
from uncase_pipeline.raw.clock import hour_of
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.whatsapp_phrases import classify, is_notice, notice_kind, placeholder
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.stretches import is_clean, stretches
from uncase_pipeline.records.conversation import Message
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.rejection import Rejection

_MARKS = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*"
_SP = "[ \u00a0\u202f\u2009]"
_HEADER = re.compile(
    rf"^{_MARKS}(?P<open>\[?)(?P<date>\d{{1,4}}(?P<dsep>[./-])\d{{1,2}}(?P=dsep)\d{{1,4}}\.?)"
    rf"(?P<comma>,?){_SP}(?P<word>(?:klo|às|à|um|alle|at|om|kl\.?|a las){_SP})?"
    rf"(?P<time>\d{{1,2}}(?P<tsep>[:.]|{_SP}?h{_SP}?)\d{{2}}(?P<seconds>[:.]\d{{2}})?)"
    rf"(?P<half>{_SP}*[AaPp]\.?{_SP}?[Mm]\.?)?"
    rf"(?P<end>{_SP}?\]{_SP}?|{_SP}[-\u2013\u2014]{_SP}|:{_SP})",
    re.MULTILINE,
)
_HALF = rf"{_SP}*([AaPp])\.?{_SP}?[Mm]\.?"
_INVISIBLE = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_CLEAN = str.maketrans("\u00a0\u202f\u2009", "   ", _INVISIBLE)
_LRM = "\u200e"
_LEADING = "\u200e\u200f"
_MARKED = frozenset(_LEADING)
_NAMED_AFTER = re.compile(
    r"^(?:whatsapp chat (?:with|-)|chat de whatsapp con|conversa do whatsapp com|whatsapp[ -]chat mit|"
    r"discussion whatsapp avec|chat whatsapp con|whatsapp-chat met)\s+(.+?)(?:\s\(\d+\))?\.(?:txt|zip)$",
    re.IGNORECASE,
)
_ENGLISH = re.compile(r"(?:end-to-end encrypt|message was deleted|created group|omitted|security code)")
_AUTHOR_LIMIT = 100
_ROLE_SAMPLE = 4_000


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


@dataclass(slots=True)
class Survey:
    """What the whole file says.

    Attributes:
        day_first: Order of day and month.
        decided_by: ``file``, ``format`` (year first) or ``locale``.
        authors: Clean author per string that stands before a colon; None where it is a notice.
        extended: Rest of a name that itself holds a colon, per such string.
    """

    day_first: bool = True
    decided_by: str = "locale"
    authors: dict[str, str | None] = field(default_factory=dict)
    extended: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Name:
    """A string that stands before a colon, and what follows it everywhere."""

    spaced: int = 0
    count: int = 0
    common: str | None = None
    proven: bool = False


def find_shape(head: str) -> Shape | None:
    """Return the shape of the headers: the one that most lines of the head have."""
    found = Counter(_key(match) for match in _HEADER.finditer(head))
    if not found:
        return None
    key = max(found, key=lambda shape: found[shape])
    return _shape(key)


_Key = tuple[bool, str, bool, int, bool, str, str, bool, str, str]


def _key(match: re.Match[str]) -> _Key:
    first, *_, last = re.split(r"[./-]", match["date"].rstrip("."))
    year_first = len(first) == 4
    end = match["end"].strip(" \u00a0\u202f\u2009")
    return (
        bool(match["open"]),
        match["dsep"],
        year_first,
        4 if year_first else len(last),
        bool(match["comma"]),
        (match["word"] or "").strip(" \u00a0\u202f\u2009"),
        match["tsep"].strip(" \u00a0\u202f\u2009"),
        match["seconds"] is not None,
        _half_style(match["half"]),
        end,
    )


def _half_style(half: str | None) -> str:
    """Return ``AM``, ``am`` or ``a.m.`` for either half of the day, empty for a 24 h clock."""
    bare = re.sub(_SP, "", half or "")
    return "a.m." if "." in bare else bare.replace("P", "A").replace("p", "a")


def _shape(key: _Key) -> Shape:
    bracket, dsep, year_first, year_digits, comma, word, tsep, seconds, half_style, end = key
    sep = re.escape(dsep)
    day = rf"\d{{1,2}}{sep}\d{{1,2}}"
    dated = rf"(\d{{4}}{sep}{day}\.?)" if year_first else rf"({day}{sep}\d{{{year_digits}}}\.?)"
    clock = rf"(\d{{1,2}}){_SP}?{re.escape(tsep)}{_SP}?(\d{{2}})" + (r"[:.](\d{2})" if seconds else "()")
    closing = {"]": rf"{_SP}?\]{_SP}?", ":": rf":{_SP}"}.get(end, rf"{_SP}{re.escape(end)}{_SP}")
    pattern = (
        rf"\n{_MARKS}"
        + (r"\[" if bracket else "")
        + dated
        + ("," if comma else "")
        + _SP
        + (rf"{re.escape(word)}{_SP}" if word else "")
        + clock
        + (_HALF if half_style else "()")
        + closing
        + rf"(?:([^:\n]{{1,{_AUTHOR_LIMIT}}}+):( ?))?"
    )
    words = f"{'bracketed' if bracket else 'dashed'} headers, {'12' if half_style else '24'} h clock"
    american = half_style == "AM" and dsep == "/" and year_digits == 2
    european = not year_first and (dsep in ".-" or "." in half_style)
    return Shape(re.compile(pattern), year_first, american, european, words)


_Found = tuple[re.Match[str], str, int, int, bool, bool]
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

    def closed(self, limit: int) -> _Found:
        text = "".join(self._pieces)
        return self.match, text, 0, len(text), self.dirty, self._length > limit


def _headers(source: Source, shape: Shape, limit: int) -> Iterator[_Found]:
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


def survey_file(source: Source, shape: Shape, options: ReadOptions) -> Survey:
    """Read the whole file for the order of day and month, and for its authors."""
    dates: dict[str, None] = {}
    names: dict[str, _Name] = {}
    for found in _headers(source, shape, options.max_record_bytes):
        dated, _, _, _, _, candidate, _ = found[0].groups()
        dates[dated] = None
        if candidate is None:
            continue
        name = names.get(candidate)
        if name is None:
            name = names[candidate] = _Name()
        elif name.spaced and name.common is None:  # nothing more to learn of this author
            continue
        _note(name, found)
    survey = Survey()
    english = _ENGLISH.search(source.head()) is not None
    _decide_order(survey, shape, list(dates), options, english=english)
    _decide_authors(survey, names)
    return survey


def _note(name: _Name, found: _Found) -> None:
    match, text, start, end, *_ = found
    name.count += 1
    name.spaced += match[7] == " " or start == end
    if name.count > 1 and name.common is None:
        return
    line_end = text.find("\n", start, end)
    colon = text.find(": ", start, line_end if line_end >= 0 else end)
    rest = text[start:colon] if 0 <= colon - start <= _AUTHOR_LIMIT else None
    if name.count == 1:
        name.common = rest
    elif name.common != rest:
        name.common = None
    if rest is not None and rest == name.common:
        name.proven = name.proven or placeholder(text[colon + 2 : end]) is not None


def _decide_order(
    survey: Survey, shape: Shape, dates: list[str], options: ReadOptions, *, english: bool
) -> None:
    if shape.year_first:
        survey.day_first, survey.decided_by = True, "format"
        return
    fields = [tuple(int(part) for part in re.split(r"[./-]", text.rstrip("."))) for text in dates]
    day_first = any(first > 12 >= second for first, second, *_ in fields)
    month_first = any(second > 12 >= first for first, second, *_ in fields)
    if day_first != month_first:
        survey.day_first, survey.decided_by = day_first, "file"
        return
    back = {order: _steps_back(fields, day_first=order) for order in (True, False)}
    if back[True] != back[False] and min(back.values()) == 0:
        survey.day_first, survey.decided_by = back[True] == 0, "file-order"
        return
    american = shape.american and any(1 < len(text) < 8 for text in dates)
    if american and (english or not options.locale_chosen):
        survey.day_first, survey.decided_by = False, "file-language"
    elif shape.european:
        survey.day_first, survey.decided_by = True, "format"
    else:
        survey.day_first = options.day_first


def _steps_back(fields: list[tuple[int, ...]], *, day_first: bool) -> int:
    days = [(year, second, first) if day_first else (year, first, second) for first, second, year in fields]
    return sum(later < earlier for earlier, later in pairwise(days))


def _decide_authors(survey: Survey, names: dict[str, _Name]) -> None:
    for candidate, name in names.items():
        if is_notice(candidate) or not name.spaced:
            survey.authors[candidate] = None
            continue
        if name.common and (name.proven or name.count >= 4) and name.count > 1:
            survey.extended[candidate] = f"{name.common}: "
            survey.authors[candidate] = clean_author(f"{candidate}: {name.common}")
        else:
            survey.authors[candidate] = clean_author(candidate)


def clean_author(raw: str) -> str:
    """Return an author without the marks around numbers and the tilde before self-given names."""
    name = raw.translate(_CLEAN).strip().removeprefix("~").strip()
    return name if is_clean(name) else name.encode("utf-8", "replace").decode()


class _Days:
    """Turns the dates of one file into ISO dates and day numbers, each once."""

    def __init__(self, shape: Shape, survey: Survey) -> None:
        self._year_first = shape.year_first
        self._day_first = survey.day_first
        self._known: dict[str, tuple[str, int] | None] = {}

    def of(self, text: str) -> tuple[str, int] | None:
        if text not in self._known:
            self._known[text] = self._read(text)
        return self._known[text]

    def _read(self, text: str) -> tuple[str, int] | None:
        first, second, third = (int(part) for part in re.split(r"[./-]", text.rstrip(".")))
        if self._year_first:
            year, month, day = first, second, third
        else:
            year = third if third > 99 else 2000 + third
            day, month = (first, second) if self._day_first else (second, first)
            if month > 12 >= day:
                day, month = month, day
        try:
            day_of = date(year, month, day)
        except ValueError:
            return None
        return day_of.isoformat(), day_of.toordinal() * 86_400


_Timed = tuple[int, Message]


def _messages(source: Source, shape: Shape, survey: Survey, options: ReadOptions) -> Iterator[_Timed | str]:
    """Yield messages with their second, or the reason why one was set aside."""
    days = _Days(shape, survey)
    clocks = _Clocks()
    for match, text, start, end, dirty, too_long in _headers(source, shape, options.max_record_bytes):
        dated, hours, minutes, seconds, half, candidate, space = match.groups()
        day = days.of(dated)
        clock = clocks.of(hours, minutes, seconds, half)
        if day is None or clock is None:
            yield "bad-date"
            continue
        body = text[start:end]
        author = survey.authors.get(candidate) if candidate is not None else None
        if author is None and candidate is not None:
            body = f"{candidate}:{space}{body}"
        elif candidate in survey.extended:
            body = body[len(survey.extended[candidate]) :]
        if too_long or dirty or "\x00" in body:
            reason = _unreadable(match, body, too_long)
            if reason:
                yield reason
                continue
        yield day[1] + clock[1], _message(body, author, day[0] + clock[0])


class _Clocks:
    """Turns the times of one file into ISO times and seconds of the day, each once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], tuple[str, int] | None] = {}

    def of(self, *parts: str) -> tuple[str, int] | None:
        if parts not in self._known:
            self._known[parts] = self._read(*parts)
        return self._known[parts]

    def _read(self, hours: str, minutes: str, seconds: str, half: str) -> tuple[str, int] | None:
        hour, minute, second = hour_of(int(hours), half) % 24, int(minutes), int(seconds or 0)
        if int(hours) > 24 or minute > 59 or second > 59:
            return None
        return f"T{hour:02d}:{minute:02d}:{second:02d}", hour * 3600 + minute * 60 + second


def _unreadable(match: re.Match[str], body: str, too_long: bool) -> str | None:
    if too_long:
        return "record-too-long"
    if not is_clean(match.group() + body):
        return "bad-encoding"
    return "null-byte" if "\x00" in body else None


def _message(body: str, author: str | None, stamp: str) -> Message:
    marked = body[:1] in _MARKED
    text = body.lstrip(_LEADING) if marked else body
    if author is None:
        return Message("system", text, None, stamp, notice_kind(text))
    kind = classify(text, marked=marked and body[0] == _LRM)
    if kind == "system":
        return Message("system", text, None, stamp, kind)
    return Message("user", text, author, stamp, kind)


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    shape = find_shape(source.head())
    if shape is None:
        yield set_aside(source, "no-messages")
        return
    survey = survey_file(source, shape, options)
    found = _messages(source, shape, survey, options)
    sample = list(islice(found, _ROLE_SAMPLE))
    decision = _decide_roles([item for item in sample if not isinstance(item, str)], source, options)
    thread = _thread(sample, survey)
    position = 0
    for part in _split(chain(sample, found), options.gap_seconds):
        if isinstance(part, str):
            yield set_aside(source, part, position)
            position += 1
            continue
        roles.apply(part, decision)
        yield Draft(
            messages=part,
            position=position,
            thread=thread,
            roles_rule=decision.rule,
            openings=True,
            named=True,
            metadata={
                "dates": {
                    "order": "day-first" if survey.day_first else "month-first",
                    "decided_by": survey.decided_by,
                }
            },
        )
        position += len(part)


def _split(found: Iterator[_Timed | str], gap: int) -> Iterator[list[Message] | str]:
    """Split at silences; notices join what follows them, and do not break a silence."""
    held: list[Message] = []
    notices: list[Message] = []
    last: int | None = None
    for item in found:
        if isinstance(item, str):
            yield item
            continue
        second, message = item
        if message.kind == "system":
            notices.append(message)
            continue
        if last is not None and abs(second - last) > gap:
            yield held
            held = []
        held += notices
        held.append(message)
        notices = []
        last = second
    if held or notices:
        yield held + notices


def _decide_roles(sample: list[_Timed], source: Source, options: ReadOptions) -> roles.Decision:
    openers: Counter[str] = Counter()
    authors: dict[str, None] = {}
    last: int | None = None
    for second, message in sample:
        if message.speaker is None:
            continue
        authors[message.speaker] = None
        if last is None or abs(second - last) > options.gap_seconds:
            openers[message.speaker] += 1
        last = second
    named = _NAMED_AFTER.match(source.name)
    return roles.decide(authors, options, openers=openers, counterpart=named[1] if named else None)


def _thread(sample: list[_Timed | str], survey: Survey) -> str:
    """Return what names a chat however its file is called: its first message, and both people if they are two."""
    people = sorted({author for author in survey.authors.values() if author})
    first = next((item[1] for item in sample if not isinstance(item, str)), None)
    opening = (first.timestamp, first.speaker, first.content) if first else ()
    return content_id("chat", opening, people if len(people) < 3 else ())


def _claim(probe: Probe) -> Claim | None:
    headers = list(islice(_HEADER.finditer(probe.head), 1000))
    if not headers:
        return None
    shape = find_shape(probe.head)
    starts_there = not probe.head[: headers[0].start()].strip()
    confidence = 0.95 if starts_there else 0.6
    if not any(probe.head[match.end() :].split("\n", 1)[0].strip() for match in headers[:5]):
        return None
    return Claim(confidence, f"{len(headers)} {shape.words if shape else ''} in its first 64 KiB")


WHATSAPP = Format("whatsapp", _claim, _read)
