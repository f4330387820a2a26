"""ShareGPT: ``conversations`` of ``from`` and ``value``, with function_call and observation turns."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import orjson

from uncase_pipeline.raw.draft import Draft, Turns
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.plain_records import Plainly
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.raw.turns import BadRecordError, arguments, text_of, tools
from uncase_pipeline.records.conversation import Message, Role, ToolCall

_LISTS = ("conversations", "conversation", "items", "messages")
_KNOWN = {*_LISTS, "tools", "id", "conversation_id", "system"}
_ROLE_AND_TEXT = itemgetter("from", "value")
_CALLS = {"function_call", "tool_call", "function-call"}
_ROLES: dict[Any, Role] = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "system": "system",
}


def _turns_of(record: Any) -> list[Any] | None:
    if not isinstance(record, dict):
        return None
    return next((record[name] for name in _LISTS if isinstance(record.get(name), list)), None)


def _matches(record: Any) -> str | None:
    turns = _turns_of(record)
    if not turns or not isinstance(turns[0], dict):
        return None
    return "with conversations of from and value" if {"from", "value"} <= turns[0].keys() else None


def _drafts(record: Any, _options: ReadOptions) -> Iterator[Draft]:
    turns = _turns_of(record) or []
    system = record.get("system")
    spoken = isinstance(system, str) and bool(system.strip())
    key = record.get("id") or record.get("conversation_id")
    yield Draft(
        messages=(None if spoken else _plain(turns)) or _messages(turns, system if spoken else None),
        position=0,
        key=str(key) if isinstance(key, str | int) else None,
        roles_rule="format",
        content=(system, turns, record.get("tools")),
        tools=tools(record.get("tools")),
        metadata={name: value for name, value in record.items() if name not in _KNOWN}
        if len(record) > 1
        else {},
    )


def _plain(turns: list[Any]) -> Turns | None:
    """Return the turns in columns where each is a role and a text and nothing else, as most are."""
    try:
        names, texts = zip(*map(_ROLE_AND_TEXT, turns), strict=True)
        roles = [_ROLES[name] for name in names]
    except (KeyError, TypeError):
        return None
    count = len(turns)
    if sum(map(len, turns)) > 2 * count or set(map(type, texts)) != {str}:
        return None
    return Turns(roles, [None] * count, list(texts), [None] * count, ["text"] * count)


def _messages(turns: list[Any], system: str | None) -> list[Message]:
    messages = [Message("system", system)] if system else []
    for turn in turns:
        messages.append(_message(turn, messages))
    return messages


def _message(turn: Any, before: list[Message]) -> Message:
    if not isinstance(turn, dict):
        raise BadRecordError("bad-turn")
    word, value = turn.get("from"), turn.get("value")
    if word in _ROLES and isinstance(value, str) and len(turn) == 2:
        return Message(_ROLES[word], value)
    role = role_of_word(word) if isinstance(word, str) else None
    if role is None:
        raise BadRecordError("unknown-role")
    text = value if isinstance(value, str) else text_of(value)
    if text is None and value is not None:
        text = orjson.dumps(value).decode()
    if word in _CALLS:
        return Message("assistant", "", tool_calls=_calls(value, len(before)))
    message = Message(role, text or "")
    if role == "tool":
        message.tool_call_id = _answered(before)
    weight = turn.get("weight")
    if weight is not None:
        message.metadata["weight"] = weight
    return message


def _calls(value: Any, number: int) -> list[ToolCall]:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise BadRecordError("bad-tool-call") from None
    calls = value if isinstance(value, list) else [value]
    if not calls or not all(isinstance(call, dict) and isinstance(call.get("name"), str) for call in calls):
        raise BadRecordError("bad-tool-call")
    return [
        ToolCall(
            f"call_{number}_{index}", call["name"], arguments(call.get("arguments", call.get("parameters")))
        )
        for index, call in enumerate(calls)
    ]


def _answered(before: list[Message]) -> str | None:
    """Return the call that an observation answers: the first one of the last calls that has no answer yet."""
    taken = {message.tool_call_id for message in before if message.tool_call_id}
    for message in reversed(before):
        if message.tool_calls:
            return next((call.id for call in message.tool_calls if call.id not in taken), None)
    return None


_PLAINLY = Plainly("conversations", "from", "value", _ROLES, content=lambda turns: (None, turns, None))

SHAREGPT = Shape("sharegpt", _matches, _drafts, confidence=0.95, plainly=_PLAINLY)
