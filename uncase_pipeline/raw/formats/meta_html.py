"""Messenger and Instagram as pages (``message_1.html``): what Meta's download is unless JSON is asked for."""

import re
from collections.abc import Iterator

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.gathered import Held
from uncase_pipeline.raw.formats.markup import Element, elements
from uncase_pipeline.raw.formats.messenger import kind_of_text
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import BadRecordError
from uncase_pipeline.records.rejection import Rejection

_AUTHOR, _BODY, _TIME, _REACTIONS = "_a6-h", "_a6-p", "_a6-o", "_a6-q"
"""What Meta's pages have called these for years; their posts, likes and comments have the same boxes."""
_NAME = re.compile(r'<(\w+) class="[^"]*\b_a6-h\b[^"]*">([^<]*)</\1>')
_MESSAGES = re.compile(r"message_\d+\.html$")
_SENT = {"img": "photo", "video": "video", "audio": "audio", "a": "attachment"}


def _claim(probe: Probe) -> Claim | None:
    if not all(name in probe.head for name in (_AUTHOR, _BODY, _TIME)):
        return None
    names = [name for _, name in _NAME.findall(probe.head)]
    is_chat = _MESSAGES.search(probe.source.name) or len(set(names)) <= max(2, len(names) // 2)
    return Claim(0.96, "a page of messages from Meta") if names and is_chat else None


def _wanted(_tag: str, classes: frozenset[str]) -> bool:
    return "_a6-g" in classes


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    said: list[Said] = []
    held = Held()
    for position, element in enumerate(elements(source, _wanted, options.max_record_bytes)):
        if isinstance(element, str):
            yield set_aside(source, element, position)
        elif (body := element.first(_BODY)) is not None:
            said.append(_said(element, body))
            held.add(said[-1].text)
        elif element.text():
            yield set_aside(source, "not-a-message", position)
    people = sorted({item.author for item in said if item.author})
    try:
        yield from chat(said[::-1], options, thread=("meta", people))
    except BadRecordError as error:
        yield set_aside(source, error.reason)


def _said(element: Element, body: Element) -> Said:
    author, time = element.first(_AUTHOR), element.first(_TIME)
    text = body.without(_REACTIONS).text()
    when = clock.iso(time.text()) if time else None
    name = author.text() or None if author else None
    if text:
        return Said(name, text, when, kind_of_text(text))
    tags = {part.tag for part in body.inside()}
    return Said(name, next((sent for tag, sent in _SENT.items() if tag in tags), ""), when, "media")


META_HTML = Format("messenger-html", _claim, _read)
