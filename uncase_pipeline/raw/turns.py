"""Tolerant reading of one turn out of a JSON object or a row. Knows the names that products give their fields."""

import html
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.records.conversation import Json, Message, Role, ToolCall

AUTHOR_KEYS = (
    "role", "from", "speaker", "author", "sender", "user", "sender_type", "author_type", "role_name", "agent",
    "participant", "who", "actor", "sender_name", "from_name", "name", "rol", "remitente", "autor", "emisor",
    "hablante", "interlocutor", "event", "direction",
)  # fmt: skip
NAME_KEYS = ("name", "sender_name", "author_name", "from_name", "display_name", "nombre")
TEXT_KEYS = (
    "content", "value", "text", "utterance", "message", "body", "plain_body", "body_text", "msg", "contenido",
    "parts", "texto", "mensaje", "cuerpo", "transcript", "markdown", "data",
)  # fmt: skip
TIME_KEYS = (
    "timestamp", "ts", "time", "created_at", "createdAt", "date", "datetime", "create_time", "sent_at", "sentAt",
    "timestamp_ms", "start_time", "fecha", "fecha_hora", "hora",
)  # fmt: skip

_TAG_BREAK = re.compile(r"<\s*(?:br\s*/?|/p|/div|/li|/tr|/h[1-6])\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_SHORT = 200
_BLANKS = re.compile(r"\n{3,}")


class BadRecordError(Exception):
    """A record can't be read; ``reason`` is the code it is set aside with."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def first_of(record: Mapping[str, Any], keys: Sequence[str]) -> Any:
    """Return the first value that is there and not None."""
    for key in keys:
        value = record.get(key)
        if value is not None:
            return value
    return None


def text_of(value: Any) -> str | None:
    """Return the text of a content field: a string, parts of the OpenAI kind, or an object that holds a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = [text_of(part) for part in value]
        return "".join(part for part in parts if part) if any(part is not None for part in parts) else None
    if isinstance(value, Mapping):
        return text_of(first_of(value, ("text", "value", "content", "body", "parts")))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def plain(markup: str) -> str:
    """Return the text of an HTML fragment."""
    text = _TAG.sub("", _TAG_BREAK.sub("\n", markup))
    return _BLANKS.sub("\n\n", html.unescape(text)).strip()


def arguments(value: Any) -> Json:
    """Return the arguments of a call as an object.

    Raises:
        BadRecordError: ``bad-tool-arguments``.
    """
    if isinstance(value, str):
        try:
            value = orjson.loads(value) if value.strip() else {}
        except orjson.JSONDecodeError:
            raise BadRecordError("bad-tool-arguments") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRecordError("bad-tool-arguments")
    return value


def tool_calls(value: Any) -> list[ToolCall] | None:
    """Return calls of the OpenAI shape, with or without the ``function`` level."""
    if not value:
        return None
    calls = []
    for number, call in enumerate(value if isinstance(value, list) else [value]):
        function = call.get("function", call) if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise BadRecordError("bad-tool-call")
        given = first_of(function, ("arguments", "parameters", "input"))
        calls.append(ToolCall(str(call.get("id") or f"call_{number}"), function["name"], arguments(given)))
    return calls


def tools(value: Any) -> list[Json] | None:
    """Return tool definitions in the OpenAI shape; text that holds JSON is parsed."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value) if value.strip() else None
        except orjson.JSONDecodeError:
            raise BadRecordError("bad-tools") from None
    if not value:
        return None
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(tool, dict) for tool in listed):
        raise BadRecordError("bad-tools")
    return [
        tool if "function" in tool or "type" in tool else {"type": "function", "function": tool}
        for tool in listed
    ]


_WAYS: dict[str, Role] = {
    "incoming": "user", "inbound": "user", "received": "user", "0": "user",
    "outgoing": "assistant", "outbound": "assistant", "sent": "assistant", "1": "assistant",
}  # fmt: skip
_OURS = ("from_me", "fromMe", "is_from_me", "isFromMe", "is_agent", "isAgent", "is_bot", "isBot", "outgoing")
_THEIRS = ("incoming", "is_incoming", "from_customer", "fromCustomer")


def _way_of(record: Mapping[str, Any]) -> Role | None:
    """Return the role that the direction of a message says: what comes in is the customer's."""
    for names, yes, no in ((_OURS, "assistant", "user"), (_THEIRS, "user", "assistant")):
        for name in names:
            if isinstance(record.get(name), bool):
                return yes if record[name] else no  # type: ignore[return-value]
    way = first_of(record, ("direction", "message_type"))
    return _WAYS.get(str(way).casefold()) if isinstance(way, str | int) else None


def short_values(record: Mapping[str, Any], known: Collection[str]) -> Json:
    """Return what else an object says in short: text, numbers and truths, but no nested matter."""
    return {
        str(name): value
        for name, value in record.items()
        if name not in known and isinstance(value, str | int | float) and len(str(value)) <= _SHORT
    }


def message_of(record: Mapping[str, Any], *, day_first: bool = True) -> Message | None:
    """Read a turn from an object whose field names we know, None where it holds no text.

    The author stays in ``speaker``; ``role`` is set where the author is a word for one.
    """
    text = text_of(first_of(record, TEXT_KEYS))
    if text is None:
        return None
    author = _author(first_of(record, AUTHOR_KEYS))
    name = first_of(record, NAME_KEYS)
    way = _way_of(record)
    role = way or (role_of_word(author) if author else None)
    if way:
        author = _named(record) or author
    return Message(
        role=role or "user",
        content=text,
        speaker=name if role and isinstance(name, str) and name.strip() else author,
        timestamp=clock.iso(first_of(record, TIME_KEYS), day_first=day_first),
        tool_calls=tool_calls(record.get("tool_calls")),
        tool_call_id=record.get("tool_call_id") if isinstance(record.get("tool_call_id"), str) else None,
    )


def _named(record: Mapping[str, Any]) -> str | None:
    """Return the name of an author that is an object of its own."""
    for key in AUTHOR_KEYS:
        person = record.get(key)
        if isinstance(person, Mapping) and isinstance(person.get("name"), str):
            return str(person["name"])
    return None


def _author(value: Any) -> str | None:
    if isinstance(value, Mapping):
        value = first_of(value, ("role", "type", "name", "id"))
    if isinstance(value, bool) or value is None:
        return None
    return str(value).strip() or None
