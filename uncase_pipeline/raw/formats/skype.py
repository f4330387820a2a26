"""Skype's export of an account (``messages.json``): a list of messages for each conversation, newest first."""

import html
import re
from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import without_blocks
from uncase_pipeline.records.conversation import Json, Kind

_QUOTED = re.compile(r"<(quote|legacyquote)\b")
_QUOTED_ENDS = {name: re.compile(f"</{name}>") for name in ("quote", "legacyquote")}
_TAG = re.compile(r"</?[a-zA-Z_][^<>]*>")
_FILE = re.compile(r'<OriginalName v="([^"]*)"')
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("RichText/Location", "location"),
    ("RichText/", "media"),
    ("RichText", "text"),
    ("Text", "text"),
    ("Event/Call", "call"),
    ("Poll", "poll"),
)
"""By how a type of message begins; every other tells of what happened."""


def _matches(record: Any) -> str | None:
    messages = record.get("MessageList") if isinstance(record, dict) else None
    if not isinstance(messages, list) or not messages:
        return None
    ours = sum(isinstance(item, dict) and "messagetype" in item for item in messages[:20])
    return "with messages of Skype" if 2 * ours >= len(messages[:20]) else None


def _drafts(record: Any, options: ReadOptions) -> Iterator[Draft]:
    name = str(record.get("displayName") or "") or None
    said = [_said(item, record.get("id"), name) for item in record["MessageList"] if isinstance(item, dict)]
    yield from chat(said[::-1], options, thread=("skype", record.get("id")), counterpart=name)


def _said(item: Json, conversation: Any, name: str | None) -> Said:
    sort = str(item.get("messagetype") or "")
    kind: Kind = next((kind for start, kind in _KINDS if sort.startswith(start)), "system")
    content = str(item.get("content") or "")
    when = clock.iso(item.get("originalarrivaltime") or item.get("composetime"))
    account = str(item.get("from") or "") or None
    if kind == "system":
        return Said(None, sort.rpartition("/")[2], when, kind)
    author = item.get("displayName") or (name if account == conversation else None) or account
    properties = item.get("properties")
    text, kind = _text(content, kind, properties if isinstance(properties, dict) else {})
    return Said(str(author) if author else None, text, when, kind, account)


def _text(content: str, kind: Kind, properties: Json) -> tuple[str, Kind]:
    """Return what people saw of a message, and its kind."""
    if kind == "call":
        return "call", kind
    if file := _FILE.search(content):
        return html.unescape(file[1]), "media"
    own = _seen(without_blocks(content, _QUOTED, _QUOTED_ENDS)) or _seen(content)
    if kind != "text":
        return own, kind
    if not own:
        return "", "deleted" if properties.get("deletetime") else "media"
    return own, "edited" if properties.get("edittime") or "<e_m " in content else "text"


def _seen(content: str) -> str:
    return html.unescape(_TAG.sub("", content)).strip()


SKYPE = Shape("skype", _matches, _drafts, confidence=0.97)
