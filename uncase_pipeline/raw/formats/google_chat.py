"""Google Chat, as Takeout exports it (``messages.json``): a topic with answers is a conversation of its own."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.records.conversation import Json, Kind

_ROOM = ""
"""What stands in a topic alone: a direct message, or a space without threads."""


def _is_message(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and "message_id" in item
        and bool({"created_date", "creator"} & item.keys())
        and isinstance(item.get("creator", {}), dict)
    )


def _matches(record: Any) -> str | None:
    messages = record.get("messages") if isinstance(record, dict) else None
    if not isinstance(messages, list) or not messages:
        return None
    ours = sum(map(_is_message, messages[:20]))
    return "with messages of Google Chat" if 2 * ours >= len(messages[:20]) else None


def _drafts(record: Any, options: ReadOptions) -> Iterator[Draft]:
    messages = [item for item in record["messages"] if isinstance(item, dict)]
    sizes = Counter(str(item.get("topic_id")) for item in messages)
    topics: dict[str, list[Json]] = {}
    for item in messages:
        topic = str(item.get("topic_id"))
        topics.setdefault(topic if sizes[topic] > 1 else _ROOM, []).append(item)
    people = list(dict.fromkeys(part for item in messages for part in _names(item)))
    for topic, items in topics.items():
        named = ("google-chat", topic or items[0].get("message_id"))
        yield from chat([_said(item) for item in items], options, thread=named, participants=people)


def _names(item: Json) -> list[str]:
    creator = item.get("creator")
    found = creator if isinstance(creator, dict) else {}
    return [str(found[part]) for part in ("name", "email") if found.get(part)]


def _said(item: Json) -> Said:
    text = str(item.get("text") or "")
    names = _names(item)
    author, identity = (names[0], names[-1]) if names else (None, None)
    return Said(author, text, clock.iso(item.get("created_date")), _kind(item, text), identity)


def _kind(item: Json, text: str) -> Kind:
    if item.get("message_state") == "DELETED" or item.get("deletion_metadata"):
        return "deleted"
    if not text:
        return "media"
    return "edited" if item.get("updated_date") or item.get("previous_message_versions") else "text"


GOOGLE_CHAT = Shape("google-chat", _matches, _drafts, confidence=0.97)
