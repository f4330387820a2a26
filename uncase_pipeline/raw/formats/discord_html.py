"""Discord as pages, as DiscordChatExporter writes them: messages in groups, the first of which names the author."""

from collections.abc import Iterator

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe
from uncase_pipeline.raw.formats.chat import Said
from uncase_pipeline.raw.formats.markup import Element
from uncase_pipeline.raw.formats.one_chat import one_chat, told_on_page
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.conversation import Kind
from uncase_pipeline.records.rejection import Rejection

_GROUP = "chatlog__message-group"
_CONTAINER = ("chatlog__message-container", "chatlog__message")
_TIMES = ("chatlog__timestamp", "chatlog__short-timestamp", "chatlog__system-notification-timestamp")
_SENT = ("chatlog__attachment", "chatlog__sticker", "chatlog__embed")


def _claim(probe: Probe) -> Claim | None:
    known = _GROUP in probe.head and "chatlog__" in probe.head.partition(_GROUP)[2]
    return Claim(0.97, "a page of DiscordChatExporter") if known or _is_titled(probe) else None


def _is_titled(probe: Probe) -> bool:
    """Whether the page says what it is before its styles and pictures, which may be longer than what we look at."""
    start = probe.head[:4_000].lower()
    return "<html" in start and ".chatlog__" in probe.head


def _wanted(_tag: str, classes: frozenset[str]) -> bool:
    return _GROUP in classes


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    told = told_on_page(source, options, _wanted, _group)
    yield from one_chat(source, told, options, "discord-html")


def _group(group: Element) -> Iterator[Said]:
    """Yield the messages of one author that stand together."""
    author = None
    time = None
    for element in group.outermost(*_CONTAINER):
        named = element.first(
            "chatlog__author", "chatlog__author-name", "chatlog__system-notification-author"
        )
        author = named.text() if named else author
        time = _time(element) or time
        yield _said(element, author, time)


def _time(element: Element) -> str | None:
    """Return when a message was written: its short time is read by the full one behind it."""
    found = (part for part in element.inside() if part.classes & set(_TIMES))
    said = (text for part in found for text in (part.attributes.get("title", ""), part.text()))
    return next(filter(None, map(clock.iso, said)), None)


def _said(element: Element, author: str | None, when: str | None) -> Said:
    notice = element.first("chatlog__system-notification-content")
    if notice is not None:
        return Said(None, " ".join(filter(None, (author, notice.text()))), when, "system")
    content = element.without("chatlog__reply").first("chatlog__content")
    text = content.without("chatlog__edited-timestamp").text() if content else ""
    kind: Kind = "edited" if element.first("chatlog__edited-timestamp") else "text"
    if text:
        return Said(author, text, when, kind)
    sent = next((name.removeprefix("chatlog__") for name in _SENT if element.first(name)), "")
    return Said(author, sent, when, "media")


DISCORD_HTML = Format("discord-html", _claim, _read)
