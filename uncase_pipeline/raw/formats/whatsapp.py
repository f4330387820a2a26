"""WhatsApp chats exported as text, iOS and Android. Knows messages; headers, survey and phrases are next door.

A file is read twice: once for what only the whole file can tell (day or month first, authors whose name holds a
colon), once for the messages. The first header fixes the shape of all headers, so that a header of another shape
quoted inside a message stays text.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain, islice, pairwise

from uncase_pipeline.raw import roles
from uncase_pipeline.raw.draft import Draft, Turns
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.whatsapp_headers import (
    HEADER,
    Messages,
    Shape,
    another_export,
    ending_at,
    find_shape,
    has_preface,
    messages,
)
from uncase_pipeline.raw.formats.whatsapp_phrases import ENDS, STARTS, classify, notice_kind
from uncase_pipeline.raw.formats.whatsapp_stamps import Clock, Clocks, Day, Days
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
_HEAD = 1 << 16


@dataclass(slots=True)
class _Said:
    """Messages column by column; ``positions`` are their numbers in the file."""

    positions: list[int]
    seconds: list[int]
    authors: list[str | None]
    contents: list[str]
    times: list[str | None]
    kinds: list[Kind]

    def __len__(self) -> int:
        return len(self.positions)

    def part(self, start: int, end: int | None = None) -> "_Said":
        """Return the messages from ``start`` up to ``end``."""
        return _Said(
            self.positions[start:end],
            self.seconds[start:end],
            self.authors[start:end],
            self.contents[start:end],
            self.times[start:end],
            self.kinds[start:end],
        )

    def extend(self, other: "_Said") -> None:
        """Put other messages behind these."""
        self.positions += other.positions
        self.seconds += other.seconds
        self.authors += other.authors
        self.contents += other.contents
        self.times += other.times
        self.kinds += other.kinds


class _Reader:
    """Reads the messages of one file, whose shape and survey are known."""

    def __init__(
        self,
        source: Source,
        shape: Shape,
        survey: Survey,
        options: ReadOptions,
        *,
        first: int,
        end: int | None,
    ) -> None:
        self._source = source
        self._survey = survey
        self._days = Days(year_first=shape.year_first, day_first=survey.day_first)
        self._clocks = Clocks()
        self._found = messages(source, shape, options.max_record_bytes)
        if end is not None:
            self._found = ending_at(self._found, end)
        self.count = first

    def blocks(self) -> Iterator[_Said | Rejection]:
        """Yield the messages, many at a time, and those that are set aside."""
        for found in self._found:
            stamps = self._stamps(found)
            if stamps is not None and not found.suspect and not found.too_long:
                yield self._said(found, *stamps)
                continue
            for message in found.one_by_one():
                stamps = self._stamps(message)
                reason = "bad-date" if stamps is None else _unreadable(message)
                if stamps is not None and reason is None:
                    yield self._said(message, *stamps)
                else:
                    yield set_aside(self._source, reason or "bad-date", self.count)
                    self.count += 1

    def _stamps(self, found: Messages) -> tuple[list[Day], list[Clock]] | None:
        """Return the dates and times of messages, None where one of them does not exist."""
        days = list(map(self._days.__getitem__, found.dates))
        clocks = list(map(self._clocks.__getitem__, found.times))
        return None if None in days or None in clocks else (days, clocks)  # type: ignore[return-value]

    def _said(self, found: Messages, days: list[Day], clocks: list[Clock]) -> _Said:
        """Return messages of which each can be read."""
        authors = list(map(self._survey.authors.get, found.candidates))
        bodies = self._bodies(found, authors)
        contents = [body.lstrip(_LEADING) if body[:1] in _MARKED else body for body in bodies]
        kinds = list(map(_kind, authors, contents, bodies))
        first, self.count = self.count, self.count + len(bodies)
        return _Said(
            list(range(first, self.count)),
            [day[1] + clock[1] for day, clock in zip(days, clocks, strict=True)],
            [None if kind == "system" else author for kind, author in zip(kinds, authors, strict=True)],
            contents,
            [day[0] and day[0] + clock[0] for day, clock in zip(days, clocks, strict=True)],
            kinds,
        )

    def _bodies(self, found: Messages, authors: list[str | None]) -> list[str]:
        """Return what was said: with what is no author before it, without the rest of a name."""
        extended = self._survey.extended
        if None not in authors and not extended:
            return found.bodies
        rows = zip(authors, found.candidates, found.spaces, found.bodies, strict=True)
        return [
            f"{candidate}:{space}{body}"
            if author is None and candidate is not None
            else body[len(extended[candidate]) :]
            if candidate in extended
            else body
            for author, candidate, space, body in rows
        ]


def _unreadable(message: Messages) -> str | None:
    if message.too_long:
        return "record-too-long"
    text = f"{message.candidates[0]}{message.bodies[0]}"
    if not is_clean(text):
        return "bad-encoding"
    return "null-byte" if "\x00" in text else None


def _kind(author: str | None, text: str, body: str) -> Kind:
    """Return the kind of a message; ``body`` still has its leading mark."""
    if author is None:
        return notice_kind(text)
    if text and text[:4] not in STARTS and text[-1] not in ENDS and _LRM not in body:
        return "text"
    return classify(text, marked=body[:1] == _LRM)


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    yield from _exports(source, options, 0)


def _exports(source: Source, options: ReadOptions, first: int) -> Iterator[Draft | Rejection]:
    """Yield what the export holds, and then what one holds that was appended to it in another shape.

    Args:
        source: The export.
        options: How to read.
        first: Number of its first message.
    """
    shape = find_shape(source.head())
    if shape is None:
        yield set_aside(source, "no-messages")
        return
    if has_preface(source, shape):
        yield set_aside(source, "text-before-first-message")
    survey = survey_file(source, shape, options)
    end = another_export(survey.last)
    reader = _Reader(source, shape, survey, options, first=first, end=end)
    yield from _drafts(reader.blocks(), source, survey, options)
    if end is not None:
        rest = survey.last[end:].encode("utf-8", "surrogateescape")
        appended = replace(source, encoding="utf-8", bom=0, sample=rest[:_HEAD], stream=BytesIO(rest))
        yield from _exports(appended, options, reader.count)


def _drafts(
    blocks: Iterator[_Said | Rejection], source: Source, survey: Survey, options: ReadOptions
) -> Iterator[Draft | Rejection]:
    sample, begun = _sample(blocks)
    decision = _decide_roles(sample, source, options)
    roles_of = roles.RolesOf(decision)
    thread = _thread(sample, survey)
    dates = {"order": "day-first" if survey.day_first else "month-first", "decided_by": survey.decided_by}
    for part in _split(chain(begun, blocks), options.gap_seconds):
        if isinstance(part, Rejection):
            yield part
            continue
        yield Draft(
            messages=Turns(
                list(map(roles_of.__getitem__, part.authors)),
                part.authors,
                part.contents,
                part.times,
                part.kinds,
            ),
            position=part.positions[0],
            thread=thread,
            roles_rule=decision.rule,
            openings=True,
            named=True,
            metadata={"dates": dict(dates)},
        )


def _sample(blocks: Iterator[_Said | Rejection]) -> tuple[_Said, list[_Said | Rejection]]:
    """Return the first messages, by which the roles are decided, and the blocks that were read for them."""
    sample, begun = _Said([], [], [], [], [], []), []
    for block in blocks:
        begun.append(block)
        if isinstance(block, _Said):
            sample.extend(block)
            if len(sample) >= _ROLE_SAMPLE:
                break
    return sample.part(0, _ROLE_SAMPLE), begun


def _split(blocks: Iterable[_Said | Rejection], gap: int) -> Iterator[_Said | Rejection]:
    """Split at silences; notices join what follows them, and do not break a silence."""
    held = _Said([], [], [], [], [], [])
    spoken = 0
    last: int | None = None
    for block in blocks:
        if isinstance(block, Rejection):
            yield block
            continue
        cuts = [0]
        for at, (second, kind) in enumerate(zip(block.seconds, block.kinds, strict=True), start=len(held)):
            if kind == "system":
                continue
            if last is not None and abs(second - last) > gap:
                cuts.append(spoken)
            spoken, last = at + 1, second
        held.extend(block)
        for start, end in pairwise(cuts):
            yield held.part(start, end)
        held = held.part(cuts[-1])
        spoken -= cuts[-1]
    if held:
        yield held


def _decide_roles(sample: _Said, source: Source, options: ReadOptions) -> roles.Decision:
    openers: Counter[str] = Counter()
    authors: dict[str, None] = {}
    last: int | None = None
    for second, author in zip(sample.seconds, sample.authors, strict=True):
        if author is None:
            continue
        authors[author] = None
        if last is None or abs(second - last) > options.gap_seconds:
            openers[author] += 1
        last = second
    named = _NAMED_AFTER.match(source.name.replace("_", " "))
    return roles.decide(authors, options, openers=openers, counterpart=named[1] if named else None)


def _thread(sample: _Said, survey: Survey) -> str:
    """Return what names a chat however its file is called: its first message, and both people if they are two."""
    people = sorted({author for author in survey.authors.values() if author})
    opening = (sample.times[0], sample.authors[0], sample.contents[0]) if sample else ()
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
    if shape and not any(match[3] for match in shape.pattern.finditer("\n" + probe.head)):
        confidence = 0.4  # nobody speaks
    return Claim(confidence, f"{len(headers)} {shape.words if shape else ''} in its first 64 KiB")


WHATSAPP = Format("whatsapp", _claim, _read)
