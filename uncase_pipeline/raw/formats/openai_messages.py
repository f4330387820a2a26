"""OpenAI messages: fine-tune lines, requests with tools, batch lines. Roles are the format's own."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from uncase_pipeline.raw.clock import iso
from uncase_pipeline.raw.draft import Draft, Turns
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.plain_records import Plainly
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import BadRecordError, arguments, text_of, tool_calls, tools
from uncase_pipeline.records.conversation import Message, Role, ToolCall

_ROLES: dict[str, Role] = {
    "user": "user", "assistant": "assistant", "system": "system", "developer": "system", "tool": "tool",
    "function": "tool",
}  # fmt: skip
_KNOWN = {
    "messages", "tools", "functions", "id", "conversation_id", "body", "input", "request", "domain", "language",
    "preferred_output", "response", "system", "choices",
}  # fmt: skip
_ROLE_AND_TEXT = itemgetter("role", "content")
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
    if len(record) == 1:
        return messages
    preferred = record.get("preferred_output")
    return [*messages, *_answer(record), *(preferred if isinstance(preferred, list) else ())]


def _answer(record: dict[str, Any]) -> list[Any]:
    """Return the message that a logged response adds to its request."""
    response = record.get("response", record)
    response = response.get("body", response) if isinstance(response, dict) else {}
    choices = response.get("choices") if isinstance(response, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    return [message] if isinstance(message, dict) else []


def _matches(record: Any) -> str | None:
    messages = _messages_of(record)
    if not messages:
        return None
    first = messages[0]
    if not isinstance(first, dict) or first.get("role") not in _ROLES or "conversation_id" in first:
        return None
    spoken = "content" in first or "tool_calls" in first or "function_call" in first
    return "with messages of role and content" if spoken else None


def _drafts(record: Any, options: ReadOptions) -> Iterator[Draft]:
    messages = _messages_of(record)
    assert messages is not None
    holder = (
        record
        if "messages" in record
        else next(value for key in ("body", "input", "request") if isinstance(value := record.get(key), dict))
    )
    key = record.get("conversation_id") or record.get("id") or record.get("custom_id")
    system = holder.get("system")
    plain = None if system else _plain(messages, options.labels)
    yield Draft(
        messages=plain or _messages(messages, system),
        position=0,
        key=str(key) if isinstance(key, str | int) else None,
        roles_rule="format",
        anonymous=plain is not None,
        content=(messages, holder.get("tools")),
        domain=record["domain"] if isinstance(record.get("domain"), str) else None,
        language=record["language"] if isinstance(record.get("language"), str) else None,
        tools=tools(holder.get("tools") or holder.get("functions")),
        metadata={name: value for name, value in record.items() if name not in _KNOWN}
        if len(record) > 1
        else {},
    )


def _plain(messages: list[Any], labels: dict[str, str]) -> Turns | None:
    """Return the turns in columns where each is a role and a text and nothing else, as most are."""
    try:
        names, texts = zip(*map(_ROLE_AND_TEXT, messages), strict=True)
        roles = [_ROLES[name] for name in names]
    except (KeyError, TypeError):
        return None
    count = len(messages)
    if sum(map(len, messages)) > 2 * count or set(map(type, texts)) != {str}:
        return None
    return Turns(roles, [labels[role] for role in roles], list(texts), [None] * count, ["text"] * count)


def _messages(messages: list[Any], system: Any) -> list[Message]:
    said = [_message(part) for turn in messages for part in _blocks(turn)]
    return [Message("system", text_of(system) or ""), *said] if system else said


def _message(record: dict[str, Any]) -> Message:
    role = _ROLES.get(record["role"])
    if role is None:
        raise BadRecordError("unknown-role")
    content = record.get("content")
    if content is None and isinstance(record.get("refusal"), str):
        content = record["refusal"]
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


def _blocks(turn: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a turn of Anthropic's content blocks as OpenAI turns; others as they are."""
    if not isinstance(turn.get("content"), list):
        yield turn
        return
    blocks = [block for block in turn["content"] if isinstance(block, dict)]
    results = [block for block in blocks if block.get("type") == "tool_result"]
    uses = [block for block in blocks if block.get("type") == "tool_use"]
    for block in results:
        yield {
            "role": "tool",
            "tool_call_id": block.get("tool_use_id"),
            "content": text_of(block.get("content")) or "",
        }
    rest = [block for block in turn["content"] if block not in results and block not in uses]
    if rest or uses or not results:
        calls = [{"id": block.get("id"), "function": block} for block in uses]
        yield {**turn, "content": rest, **({"tool_calls": calls} if calls else {})}


def _parts(content: Any) -> str:
    text = text_of(content)
    if text is None and not isinstance(content, list):
        raise BadRecordError("bad-content")
    return text or ""


def _function_call(call: Any) -> list[ToolCall] | None:
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        return None
    return [ToolCall("call_0", call["name"], arguments(call.get("arguments")))]


_PLAINLY = Plainly("messages", "role", "content", _ROLES, content=lambda turns: (turns, None))

OPENAI = Shape("openai", _matches, _drafts, confidence=0.95, plainly=_PLAINLY)
