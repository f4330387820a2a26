"""Chats whose messages stand under a line of name and time, as they are copied from Teams, Telegram or Slack.

Reads ``[time] name``, ``time name``, ``name, [time]`` and ``name time``, one of them for a whole file, and Zoom's
``time From name to …``. Knows lines, no product.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.clock import ANY_MONTH
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.gathered import Held
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import BadRecordError
from uncase_pipeline.records.rejection import Rejection

_DAY = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|"
    rf"\d{{1,2}}\.? (?:de )?(?:{ANY_MONTH})\.?,? (?:de )?\d{{4}}|(?:{ANY_MONTH})\.? \d{{1,2}},? \d{{4}})"
)
_HOUR = r"\d{1,2}:\d{2}(?::\d{2})?(?:[ \u00a0\u202f]?[ap]\.?[ \u00a0\u202f]?m\.?)?"
_TIME = rf"(?:{_DAY}(?:,| at| a las| um| à)? +)?{_HOUR}"
_NAME = r"[^\W\d_][^\n:\[\]<>{}|=]{0,38}?|\+\d[\d ()-]{7,20}"
_STYLES = {
    "[time] name": rf"\[(?P<time>{_TIME})\] (?P<name>{_NAME})",
    "time name": rf"(?P<time>{_TIME}) ++(?P<name>{_NAME})",
    "name, [time]": rf"(?P<name>{_NAME}),? ++\[(?P<time>{_TIME})\]:?",
    "name time": rf"(?P<name>{_NAME}),? ++(?P<time>{_TIME})",
    "time From name": rf"(?P<time>{_TIME})[ \t]+From[ \t]+(?P<name>.{{1,60}}?)(?: to .{{1,60}}?)?[ \t]*:(?P<text>.*)",
}
_PATTERNS = {
    style: re.compile(rf"^[ \t]*{pattern}[ \t]*$", re.IGNORECASE) for style, pattern in _STYLES.items()
}
_NO_NAME = re.compile(r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|[AaPp]\.?[Mm])\b")
_RULE = re.compile(r"^={20,}$")
"""What Discord's exporter writes around its title and its end."""
_FOLLOWED = 0.8


@dataclass(slots=True)
class _Turn:
    """A message while its lines are gathered; its time as it is written."""

    name: str
    time: str
    lines: list[str]

    def said(self, *, day_first: bool) -> Said:
        text = "\n".join(self.lines).strip()
        when = clock.iso(self.time, day_first=day_first)
        return Said(self.name, text, when, "text" if text else "media")


def _style_of(lines: list[str]) -> str | None:
    """Return the style in which the first line that says something, and others, name who speaks."""
    headings = {
        style: {at: match["name"] for at, line in enumerate(lines) if (match := _heading(style, line))}
        for style in _PATTERNS
    }
    style = max(headings, key=lambda name: len(headings[name]))
    found = headings[style]
    if len(set(found.values())) < 2:
        return None
    if style != "time From name":
        followed = sum(
            at + 1 < len(lines) and at + 1 not in found and bool(lines[at + 1].strip()) for at in found
        )
        if followed < _FOLLOWED * len(found):
            return None
    return style


def _heading(style: str, line: str) -> re.Match[str] | None:
    match = _PATTERNS[style].match(line)
    return None if match is None or _NO_NAME.match(match["name"]) or clock.iso(match["name"]) else match


def _claim(probe: Probe) -> Claim | None:
    style = _style_of(probe.head.split("\n")[:400])
    return Claim(0.75, f"messages under lines of the form {style}") if style else None


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    style = _style_of(source.head().split("\n")[:400])
    if style is None:
        yield set_aside(source, "no-messages")
        return
    found: list[_Turn] = []
    held = Held()
    begun = inside = False
    for number, raw in enumerate(source.lines(options.max_record_bytes)):
        if raw is None:
            yield set_aside(source, "record-too-long", number)
            continue
        line = raw.decode("utf-8", "replace").rstrip("\r").replace("\x00", "")
        heading = _heading(style, line)
        held.add(line)
        if heading is not None:
            found.append(_turn(heading))
            begun = inside = True
        elif _RULE.match(line):
            begun, inside = True, False
        elif inside:
            found[-1].lines.append(line)
        elif not begun and line.strip():
            yield set_aside(source, "text-before-first-message", number)
            begun = True
    day_first = _day_first([turn.time for turn in found], options)
    said = [turn.said(day_first=day_first) for turn in found]
    try:
        yield from chat(said, options, thread=("stamped", said[0].author, said[0].timestamp, said[0].text))
    except BadRecordError as error:
        yield set_aside(source, error.reason)


def _turn(heading: re.Match[str]) -> _Turn:
    text = heading.groupdict().get("text") or ""
    stamp = " ".join(re.sub(r"\b(?:at|a las|um|à)\b|,", " ", heading["time"]).split())
    return _Turn(heading["name"].strip(), stamp, [text.strip()] if text.strip() else [])


def _day_first(stamps: list[str], options: ReadOptions) -> bool:
    """Return the order of day and month: by a date that decides it, else by locale."""
    for stamp in stamps:
        match = re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]", stamp)
        if match and (int(match[1]) > 12) != (int(match[2]) > 12):
            return int(match[1]) > 12
    return options.day_first


STAMPED = Format("stamped", _claim, _read)
