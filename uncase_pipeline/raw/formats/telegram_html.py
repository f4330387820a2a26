"""Telegram Desktop's export as pages (``messages.html``, ``messages2.html``, ...): each page is read for itself."""

import re
from collections.abc import Iterator

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.gathered import Held
from uncase_pipeline.raw.formats.markup import Element, elements
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import BadRecordError
from uncase_pipeline.records.conversation import Kind
from uncase_pipeline.records.rejection import Rejection

_MESSAGE = re.compile(r'<div class="message (?:default|service)\b')
_ZONE = re.compile(r"(?:UTC|GMT)(?=[+-])")
_KINDS: dict[str, Kind] = {
    "media_poll": "poll",
    "media_location": "location",
    "media_live_location": "location",
    "media_venue": "location",
    "media_call": "call",
}
_PICTURES = {
    "photo_wrap": "photo",
    "video_file_wrap": "video_file",
    "animated_wrap": "animation",
    "sticker_wrap": "sticker",
}
"""Media that no word stands beside, by class; called as in the JSON export."""
_ONLY_SHOWN = ("userpic_wrap", "date", "reply_to", "reactions")


def _claim(probe: Probe) -> Claim | None:
    found = _MESSAGE.search(probe.head) and ("page_wrap" in probe.head or "from_name" in probe.head)
    return Claim(0.97, "a page of Telegram messages") if found else None


def _wanted(_tag: str, classes: frozenset[str]) -> bool:
    return bool(classes & {"message", "page_header"})


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    said: list[Said] = []
    held = Held()
    title = author = None
    for position, element in enumerate(elements(source, _wanted, options.max_record_bytes)):
        if isinstance(element, str):
            yield set_aside(source, element, position)
        elif "page_header" in element.classes:
            title = element.text() or None
        elif "service" in element.classes:
            for item in _notice(element):
                said.append(item)
                held.add(item.text)
        else:
            author = _author(element) or author
            said.append(_said(element, author))
            held.add(said[-1].text)
    try:
        yield from chat(said, options, thread=("telegram-html", title), counterpart=title)
    except BadRecordError as error:
        yield set_aside(source, error.reason)


def _notice(element: Element) -> Iterator[Said]:
    """Yield what happened; a day that only divides the page is nothing."""
    text = element.text()
    if text and not element.attributes.get("id", "").startswith("message-"):
        yield Said(None, text, None, "system")


def _author(element: Element) -> str | None:
    """Return who wrote a message, None where it is joined to the one above; not whose words it passes on."""
    named = element.without("forwarded").first("from_name")
    return re.sub(r"\s+via @\w+$", "", named.text()) or None if named else None


def _said(element: Element, author: str | None) -> Said:
    date = element.first("date")
    written = element.without(*_ONLY_SHOWN).first("text")
    text = written.text() if written else ""
    when = _time(date.attributes.get("title", "")) if date else None
    if text:
        return Said(author, text, when)
    kind, placeholder = _media(element.without(*_ONLY_SHOWN))
    return Said(author, placeholder, when, kind)


def _time(title: str) -> str | None:
    return clock.iso(_ZONE.sub("", title))


def _media(element: Element) -> tuple[Kind, str]:
    """Return the kind of what was sent without words, and what stands for it."""
    for part in element.inside():
        for name in sorted(part.classes):
            if name in _PICTURES:
                return "media", _PICTURES[name]
            if name.startswith("media_") and name != "media_wrap":
                shown = part.first("status" if name == "media_call" else "title", "question")
                return _KINDS.get(name, "media"), (shown.text() if shown else "") or name[6:]
    return "media", "media"


TELEGRAM_HTML = Format("telegram-html", _claim, _read)
