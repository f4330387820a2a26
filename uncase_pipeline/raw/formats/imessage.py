"""iMessage, as ``imessage-exporter`` writes it: a page or a text file for each chat.

Answers in a thread stand twice there, below what they answer and at their own time; they are read at their time.
"""

import re
from collections.abc import Iterator
from itertools import takewhile

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe
from uncase_pipeline.raw.formats.chat import Said
from uncase_pipeline.raw.formats.lined import Turn, turns
from uncase_pipeline.raw.formats.markup import Element
from uncase_pipeline.raw.formats.one_chat import one_chat, told_on_page
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.conversation import Kind
from uncase_pipeline.records.rejection import Rejection

_STAMP = r"(?P<time>[A-Z][a-z]{2} \d{2}, \d{4} {1,2}\d{1,2}:\d{2}:\d{2} [AP]M)"
_HEADING = re.compile(rf"^{_STAMP}(?P<read> \(Read by .*\))?(?: (?P<notice>(?!\(Read by )\S.*))?$")
_PAGE = re.compile(r'<div class="(?:sent|received) \w+">')
_SHOWN_APART = ("replies", "tapbacks", "reply_context", "reply_anchor")
_FILE = re.compile(r"^(?:/|~/|\.{0,2}/|attachments/|[A-Z]:\\)\S.*\.\w{2,5}$")
_UNSENT = re.compile(r"unsent (?:this|a) message|unsent this message part")
_EDITED = re.compile(r"^Edited .{1,40} later: (?P<text>.*)$")
_THREAD = "This message responded to an earlier message."
_TAPBACKS = ("Tapbacks:", "Reactions:")


def _claim_text(probe: Probe) -> Claim | None:
    lines = probe.head.lstrip("\n").split("\n")[:2]
    first = _HEADING.match(lines[0])
    known = first is not None and (first["notice"] is not None or (len(lines) > 1 and lines[1].strip()))
    return (
        Claim(0.95, "messages under lines of time and name, as imessage-exporter writes") if known else None
    )


def _claim_page(probe: Probe) -> Claim | None:
    known = _PAGE.search(probe.head) and 'class="timestamp"' in probe.head
    return Claim(0.97, "a page of imessage-exporter") if known else None


def _begin(line: str) -> Turn | None:
    """Return the message that a line of time begins; who wrote it stands in the next."""
    heading = _HEADING.match(line)
    if heading is None:
        return None
    time = clock.iso(heading["time"])
    return Turn(None, time, [heading["notice"]]) if heading["notice"] else Turn("", time)


def _told(turn: Turn) -> Said:
    if turn.author is None:
        return Said(None, turn.text, turn.time, "system")
    author, *lines = turn.lines or [""]
    text, kind = _text(lines)
    return Said(author.strip() or None, text, turn.time, kind)


def _text(lines: list[str]) -> tuple[str, Kind]:
    """Return what a message says, without what is shown with it, and its kind."""
    said = takewhile(lambda line: line not in _TAPBACKS, lines)
    own = [line for line in said if line != _THREAD and not line.startswith("    ")]
    edits = [match["text"] for line in own if (match := _EDITED.match(line))]
    if edits:
        return edits[-1], "edited"
    text = "\n".join(own).strip("\n")
    if _UNSENT.search(text) and "\n" not in text:
        return text, "deleted"
    files = [line for line in own if line.strip()]
    return text, "media" if not text or all(map(_FILE.match, files)) else "text"


def _read_text(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    told = (turn if isinstance(turn, Rejection) else _told(turn) for turn in turns(source, options, _begin))
    yield from one_chat(source, told, options, "imessage")


def _wanted(_tag: str, classes: frozenset[str]) -> bool:
    return bool(classes & {"message", "announcement"})


def _read_page(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    told = told_on_page(source, options, _wanted, lambda one: [_shown(one.without(*_SHOWN_APART))])
    yield from one_chat(source, told, options, "imessage")


def _shown(element: Element) -> Said:
    """Read a message of a page."""
    stamp = element.first("timestamp")
    when = re.search(_STAMP, stamp.text()) if stamp else None
    time = clock.iso(when["time"]) if when else None
    if "announcement" in element.classes or element.first("announcement"):
        return Said(None, element.without("timestamp").text(), time, "system")
    sender = element.first("sender")
    text, kind = _bubbles(element)
    return Said(sender.text() or None if sender else None, text, time, kind)


def _bubbles(element: Element) -> tuple[str, Kind]:
    """Return what the parts of a message say."""
    parts = list(element.outermost("message_part"))
    if any(part.first("unsent") for part in parts):
        return "\n".join(part.text() for part in parts), "deleted"
    edits = [
        row for part in parts if (table := part.first("edited")) for row in table.inside() if row.tag == "td"
    ]
    if edits:
        return edits[-1].text(), "edited"
    bubbles = [bubble.text() for part in parts for bubble in part.outermost("bubble")]
    text = "\n".join(filter(None, bubbles))
    return (text, "text") if text else ("\n".join(filter(None, (part.text() for part in parts))), "media")


IMESSAGE = Format("imessage", _claim_text, _read_text)
IMESSAGE_HTML = Format("imessage-html", _claim_page, _read_page)
