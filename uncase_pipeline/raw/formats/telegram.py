"""Telegram Desktop's JSON export, of one chat or of the whole account (``chats.list``)."""

from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.records.conversation import Kind

_MARKS = {"date_unixtime", "from_id", "actor_id", "text_entities"}
_MEDIA = (
    "photo",
    "file",
    "media_type",
    "sticker_emoji",
    "contact_information",
    "game_title",
    "invoice_information",
)
_SORTS = (
    ("photo", "photo"),
    ("contact_information", "contact"),
    ("game_title", "game"),
    ("invoice_information", "invoice"),
)


def _matches(record: Any) -> str | None:
    messages = record.get("messages") if isinstance(record, dict) else None
    if not isinstance(messages, list) or not messages:
        return None
    first = messages[:20]
    marked = sum(isinstance(item, dict) and bool(_MARKS & item.keys()) for item in first)
    typed = sum(isinstance(item, dict) and item.get("type") in {"message", "service"} for item in first)
    return "with Telegram messages" if marked and typed >= len(first) / 2 else None


def _drafts(record: Any, options: ReadOptions) -> Iterator[Draft]:
    said = [_said(item) for item in record["messages"] if isinstance(item, dict)]
    named = record.get("name") if record.get("type") == "personal_chat" else None
    yield from chat(
        said, options, thread=("telegram", record.get("id"), record.get("name")), counterpart=named
    )


def _said(item: dict[str, Any]) -> Said:
    when = clock.iso(item.get("date")) or clock.iso(item.get("date_unixtime"))
    author = item.get("from") or item.get("from_id")
    text = _text(item.get("text"))
    if item.get("type") == "service":
        call = item.get("action") in {"phone_call", "group_call"}
        actor = item.get("actor") if call else None
        return Said(actor, text or str(item.get("action", "")), when, "call" if call else "system")
    kind = _kind(item, text)
    return Said(
        str(author) if author else None, text or _placeholder(item, kind), when, kind, _identity(item)
    )


def _identity(item: dict[str, Any]) -> str | None:
    identity = item.get("from_id")
    return str(identity) if identity else None


def _text(value: Any) -> str:
    """Join plain text and marked-up pieces."""
    if isinstance(value, list):
        return "".join(_text(piece) for piece in value)
    if isinstance(value, dict):
        return _text(value.get("text"))
    return value if isinstance(value, str) else ""


def _kind(item: dict[str, Any], text: str) -> Kind:
    if "poll" in item:
        return "poll"
    if "location_information" in item or "live_location_period_seconds" in item:
        return "location"
    if any(name in item for name in _MEDIA) and not text:
        return "media"
    return "edited" if item.get("edited") or item.get("edited_unixtime") else "text"


def _placeholder(item: dict[str, Any], kind: Kind) -> str:
    if kind == "poll" and isinstance(item["poll"], dict):
        return _text(item["poll"].get("question"))
    if kind != "media":
        return ""
    sort = next((sort for name, sort in _SORTS if name in item), "file")
    return str(item.get("media_type") or sort)


TELEGRAM = Shape("telegram", _matches, _drafts, confidence=0.97)
