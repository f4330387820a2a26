"""WhatsApp chats exported as text, iOS and Android. Knows messages; headers, survey and phrases are next door.

A file is read twice: once for what only the whole file can tell (day or month first, authors whose name holds a
colon), once for the messages. The first header fixes the shape of all headers, so that a header of another shape
quoted inside a message stays text.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import chain, islice

from uncase_pipeline.raw import roles
from uncase_pipeline.raw.clock import hour_of
from uncase_pipeline.raw.draft import Draft, Turns
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.whatsapp_headers import (
    HEADER,
    Shape,
    date_fields,
    find_shape,
    halved,
    headers,
)
from uncase_pipeline.raw.formats.whatsapp_phrases import classify, notice_kind
from uncase_pipeline.raw.formats.whatsapp_survey import Survey, survey_file
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.stretches import is_clean
from uncase_pipeline.records.conversation import Kind
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.rejection import Rejection

_LRM = "\u200e"
_LEADING = "\u200e\u200f"
_MARKED = frozenset(_LEADING)
_NAMED_AFTER = re.compile(
    r"^(?:whatsapp chat (?:with|-)|chat de whatsapp (?:con|-)|conversa do whatsapp (?:com|-)|"
    r"whatsapp[ -]chat (?:mit|met|-)|discussion whatsapp (?:avec|-)|chat whatsapp (?:con|-))"
    r"\s+(.+?)(?:\s\(\d+\))?\.(?:txt|zip)$",
    re.IGNORECASE,
)
_ROLE_SAMPLE = 4_000
_BUDDHIST = 2400
"""No chat is from later: such a year is one of the Thai calendar."""


class _Days(dict[str, tuple[str, int] | None]):
    """The dates of one file as ISO dates and day numbers, each read once."""

    def __init__(self, shape: Shape, survey: Survey) -> None:
        super().__init__()
        self._year_first = shape.year_first
        self._day_first = survey.day_first

    def __missing__(self, text: str) -> tuple[str, int] | None:
        found = self[text] = self._read(text)
        return found

    def _read(self, text: str) -> tuple[str, int] | None:
        first, second, third = date_fields(text)
        if self._year_first:
            year, month, day = first, second, third
        else:
            year = third if third > 99 else 2000 + third
            day, month = (first, second) if self._day_first else (second, first)
            if month > 12 >= day:
                day, month = month, day
        if year > _BUDDHIST:
            year -= 543
        try:
            day_of = date(year, month, day)
        except ValueError:
            return None
        return day_of.isoformat(), day_of.toordinal() * 86_400


_Timed = tuple[int, str | None, str, str, Kind]
"""A message: its second, author, text, time and kind."""


def _messages(source: Source, shape: Shape, survey: Survey, options: ReadOptions) -> Iterator[_Timed | str]:
    """Yield messages with their second, or the reason why one was set aside."""
    days = _Days(shape, survey)
    clocks = _Clocks()
    for match, text, start, end, dirty, too_long in headers(source, shape, options.max_record_bytes):
        dated, hours, minutes, seconds, half, candidate, space = match.groups()
        day = days[dated]
        clock = clocks[hours, minutes, seconds, half]
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
        marked = body[:1] in _MARKED
        said = body.lstrip(_LEADING) if marked else body
        kind = notice_kind(said) if author is None else classify(said, marked=marked and body[0] == _LRM)
        yield day[1] + clock[1], None if kind == "system" else author, said, day[0] + clock[0], kind


class _Clocks(dict[tuple[str, ...], tuple[str, int] | None]):
    """The times of one file as ISO times and seconds of the day, each read once."""

    def __missing__(self, parts: tuple[str, ...]) -> tuple[str, int] | None:
        found = self[parts] = self._read(*parts)
        return found

    def _read(self, hours: str, minutes: str, seconds: str, half: str) -> tuple[str, int] | None:
        written, part = halved(hours, half)
        hour, minute, second = hour_of(written, part) % 24, int(minutes), int(seconds or 0)
        if written > 24 or minute > 59 or second > 59:
            return None
        return f"T{hour:02d}:{minute:02d}:{second:02d}", hour * 3600 + minute * 60 + second


def _unreadable(match: re.Match[str], body: str, too_long: bool) -> str | None:
    if too_long:
        return "record-too-long"
    if not is_clean(match.group() + body):
        return "bad-encoding"
    return "null-byte" if "\x00" in body else None


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
        _, authors, contents, times, kinds = map(list, zip(*part, strict=True))
        yield Draft(
            messages=Turns(roles.of_turns(authors, kinds, decision), authors, contents, times, kinds),
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


def _split(found: Iterator[_Timed | str], gap: int) -> Iterator[list[_Timed] | str]:
    """Split at silences; notices join what follows them, and do not break a silence."""
    held: list[_Timed] = []
    notices: list[_Timed] = []
    last: int | None = None
    for item in found:
        if isinstance(item, str):
            yield item
            continue
        if item[4] == "system":
            notices.append(item)
            continue
        second = item[0]
        if last is not None and abs(second - last) > gap:
            yield held
            held = []
        if notices:
            held += notices
            notices = []
        held.append(item)
        last = second
    if held or notices:
        yield held + notices


def _decide_roles(sample: list[_Timed], source: Source, options: ReadOptions) -> roles.Decision:
    openers: Counter[str] = Counter()
    authors: dict[str, None] = {}
    last: int | None = None
    for second, author, *_ in sample:
        if author is None:
            continue
        authors[author] = None
        if last is None or abs(second - last) > options.gap_seconds:
            openers[author] += 1
        last = second
    named = _NAMED_AFTER.match(source.name.replace("_", " "))
    return roles.decide(authors, options, openers=openers, counterpart=named[1] if named else None)


def _thread(sample: list[_Timed | str], survey: Survey) -> str:
    """Return what names a chat however its file is called: its first message, and both people if they are two."""
    people = sorted({author for author in survey.authors.values() if author})
    first = next((item for item in sample if not isinstance(item, str)), None)
    opening = (first[3], first[1], first[2]) if first else ()
    return content_id("chat", opening, people if len(people) < 3 else ())


def _claim(probe: Probe) -> Claim | None:
    headers = list(islice(HEADER.finditer(probe.head), 1000))
    if not headers:
        return None
    shape = find_shape(probe.head)
    starts_there = not probe.head[: headers[0].start()].strip()
    confidence = 0.95 if starts_there else 0.6
    if not any(probe.head[match.end() :].split("\n", 1)[0].strip() for match in headers[:5]):
        return None
    return Claim(confidence, f"{len(headers)} {shape.words if shape else ''} in its first 64 KiB")


WHATSAPP = Format("whatsapp", _claim, _read)
