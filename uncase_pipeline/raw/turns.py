"""Tolerant reading of the values of a turn: text, markup, tool calls. Knows shapes of values, no names of fields."""

import html
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from uncase_pipeline.records.conversation import Json, ToolCall

_TAG_BREAK = re.compile(r"<\s*(?:br\s*/?|/p|/div|/li|/tr|/h[1-6])\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_MARKUP = re.compile(
    r"\s*<(?:p|div|html|body|span|br|table)\b|.*?(?:<br\s*/?>|</(?:p|div|span|b|strong|i|em|a|u|li)>)",
    re.IGNORECASE | re.DOTALL,
)
_UNSEEN = re.compile(r"<(style|script|head|title)\b[^<>]*>|<(!--)", re.IGNORECASE)
_UNSEEN_ENDS = {
    **{name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("style", "script", "head", "title")},
    "!--": re.compile("-->"),
}
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


def is_markup(text: str) -> bool:
    """Whether a text is an HTML fragment: it begins with a block, or a tag of writing ends in it."""
    return "<" in text and _MARKUP.match(text) is not None


def plain(markup: str) -> str:
    """Return the text of an HTML fragment, or of a whole page, as people see it."""
    markup = without_blocks(markup, _UNSEEN, _UNSEEN_ENDS)
    text = _TAG.sub("", _TAG_BREAK.sub("\n", markup))
    return _BLANKS.sub("\n\n", html.unescape(text)).strip()


def without_blocks(markup: str, begin: re.Pattern[str], ends: Mapping[str, re.Pattern[str]]) -> str:
    """Return a text without the blocks that begin so, up to the first end of each, in one pass.

    Args:
        markup: The text.
        begin: How a block begins; its last group that matched is its name.
        ends: How a block of that name, in lower case, ends. One that never ends is left as it is.
    """
    kept: list[str] = []
    endless: set[str] = set()
    at = 0
    for match in begin.finditer(markup):
        name = match[match.lastindex or 0].lower()
        if match.start() < at or name in endless:
            continue
        end = ends[name].search(markup, match.end())
        if end is None:
            endless.add(name)
            continue
        kept.append(markup[at : match.start()])
        at = end.end()
    return "".join([*kept, markup[at:]])


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


def short_values(record: Mapping[str, Any], known: Collection[str]) -> Json:
    """Return what else an object says in short: text, numbers and truths, but no nested matter."""
    return {
        str(name): value
        for name, value in record.items()
        if name not in known and isinstance(value, str | int | float) and len(str(value)) <= _SHORT
    }
