"""OpenAI messages: fine-tune lines, requests with tools, batch lines. Roles are the format's own."""

from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw.clock import iso
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import BadRecordError, arguments, text_of, tool_calls, tools
from uncase_pipeline.records.conversation import Message, Role, ToolCall

_ROLES: dict[str, Role] = {
    "user": "user", "assistant": "assistant", "system": "system", "developer": "system", "tool": "tool",
    "function": "tool",
}  # fmt: skip
_KNOWN = {
    "messages", "tools", "functions", "id", "conversation_id", "body", "input", "request", "domain", "language",
    "preferred_output",
}  # fmt: skip
_KNOWN_TURN = {"role", "content", "tool_calls", "tool_call_id", "function_call", "name"}


def _messages_of(record: Any) -> list[Any] | None:
    """Return the turns of a request, a fine-tune line, a batch line or a preference line."""
    if not isinstance(record, dict):
        return None
    messages = record.get("messages")
    if messages is None:
        holders = (record.get(name) for name in ("body", "input", "request"))
        messages = next((holder.get("messages") for holder in holders if isinstance(holder, dict)), None)
    if not isinstance(messages, list):
        return None
    preferred = record.get("preferred_output")
    return messages + preferred if isinstance(preferred, list) else messages


def _matches(record: Any) -> str | None:
    messages = _messages_of(record)
    if not messages:
        return None
    first = messages[0]
    if not isinstance(first, dict) or first.get("role") not in _ROLES:
        return None
    spoken = "content" in first or "tool_calls" in first or "function_call" in first
    return "with messages of role and content" if spoken else None


def _drafts(record: Any, _options: ReadOptions) -> Iterator[Draft]:
    messages = _messages_of(record)
    assert messages is not None
    holder = (
        record
        if "messages" in record
        else next(value for key in ("body", "input", "request") if isinstance(value := record.get(key), dict))
    )
    key = record.get("conversation_id") or record.get("id") or record.get("custom_id")
    yield Draft(
        messages=[
            Message(_ROLES[turn["role"]], turn["content"])
            if len(turn) == 2 and type(turn.get("content")) is str and turn.get("role") in _ROLES
            else _message(turn)
            for turn in messages
        ],
        position=0,
        key=str(key) if isinstance(key, str | int) else None,
        roles_rule="format",
        content=(messages, holder.get("tools")),
        domain=record["domain"] if isinstance(record.get("domain"), str) else None,
        language=record["language"] if isinstance(record.get("language"), str) else None,
        tools=tools(holder.get("tools") or holder.get("functions")),
        metadata={name: value for name, value in record.items() if name not in _KNOWN}
        if len(record) > 1
        else {},
    )


def _message(record: dict[str, Any]) -> Message:
    role = _ROLES.get(record["role"])
    if role is None:
        raise BadRecordError("unknown-role")
    content = record.get("content")
    if content is not None and not isinstance(content, str):
        content = _parts(content)
    calls = tool_calls(record.get("tool_calls")) or _function_call(record.get("function_call"))
    extra = {name: value for name, value in record.items() if name not in _KNOWN_TURN and value is not None}
    name = record.get("name")
    if role == "tool" and isinstance(name, str):
        extra["name"], name = name, None
    return Message(
        role=role,
        content=content or "",
        speaker=name if isinstance(name, str) else None,
        timestamp=iso(record.get("timestamp")),
        kind="media" if content == "" and isinstance(record.get("content"), list) else "text",
        tool_calls=calls,
        tool_call_id=record.get("tool_call_id"),
        metadata=extra,
    )


def _parts(content: Any) -> str:
    text = text_of(content)
    if text is None and not isinstance(content, list):
        raise BadRecordError("bad-content")
    return text or ""


def _function_call(call: Any) -> list[ToolCall] | None:
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        return None
    return [ToolCall("call_0", call["name"], arguments(call.get("arguments")))]


OPENAI = Shape("openai", _matches, _drafts, confidence=0.95)
