"""Dialogue JSON of any dialect: a list of turns, each with a speaker and a text. The last resort of shapes.

Reads webhooks, SGD, Taskmaster and what teams write themselves. A list of turns is recognised by what is in it,
under whatever key it lies.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.transcript import turns_of_text
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.raw.turns import (
    AUTHOR_KEYS,
    TEXT_KEYS,
    BadRecordError,
    arguments,
    first_of,
    message_of,
    short_values,
    text_of,
    tool_calls,
    tools,
)
from uncase_pipeline.records.conversation import Message, ToolCall

TURN_KEYS = (
    "turns", "messages", "utterances", "utterences", "dialogue", "dialog", "conversation", "conversations", "log",
    "history", "context", "chat", "transcript", "original", "turnos", "mensajes", "events", "c_h", "entries",
    "items", "thread", "chat_messages", "contents", "chosen", "past_convo", "lines", "data", "comments",
)  # fmt: skip
ID_KEYS = (
    "conversation_id", "dialogue_id", "dialog_id", "convo_id", "id", "uuid", "c_id", "ticket_id", "session_id",
    "chat_id", "thread_id", "qid", "conversationId", "sessionId", "ticketId",
)  # fmt: skip
_KNOWN = {*TURN_KEYS, *ID_KEYS, "domain", "language", "generation"}
_SPOKEN = 0.5
_CALLED = ("api", "tool_calls", "function_call", "response")


def turns_in(record: Any) -> list[Any] | None:
    """Return the list of turns in an object, None where it holds none."""
    if not isinstance(record, dict):
        return None
    for key in TURN_KEYS:
        value = record.get(key)
        turns = _list(value)
        if turns and _is_turns(turns):
            return turns
        if isinstance(value, str) and (spoken := turns_of_text(value.replace("|EOM|", "\n"))):
            return [[message.speaker, message.content] for message in spoken]
        if isinstance(value, dict) and (asked := _parallel(value)):
            return asked
    exchanges = _list(record.get("questions"))
    return exchanges if exchanges and all(_exchange(item) for item in exchanges) else None


def _parallel(value: dict[str, Any]) -> list[Any] | None:
    """Return the turns of two lists that run side by side, one of questions and one of answers."""
    lists: dict[str, list[Any]] = {}
    for name, item in value.items():
        if isinstance(item, list) and item:
            lists.setdefault(name.rpartition("_")[2], item)
    asked, answered = lists.get("questions"), lists.get("answers")
    if not asked or not answered or len(asked) != len(answered):
        return None
    return [
        {"question": question, "answer": answer} for question, answer in zip(asked, answered, strict=True)
    ]


def _exchange(turn: Any) -> tuple[str, str] | None:
    """Return a turn that is a question with its answer."""
    if not isinstance(turn, dict) or not isinstance(turn.get("question"), str):
        return None
    answer = turn.get("answer")
    if isinstance(answer, list) and answer:
        answer = ", ".join(str(part) for part in answer)
    written = text_of(answer)
    return (turn["question"], written) if written is not None else None


def _list(value: Any) -> list[Any] | None:
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return None
    return value if isinstance(value, list) else None


def _is_turns(turns: list[Any]) -> bool:
    spoken = sum(_is_turn(turn) for turn in turns[:20])
    return spoken >= _SPOKEN * len(turns[:20])


def _is_turn(turn: Any) -> bool:
    if _exchange(turn):
        return True
    if isinstance(turn, dict):
        said = text_of(first_of(turn, TEXT_KEYS)) is not None or any(name in turn for name in _CALLED)
        return said and first_of(turn, AUTHOR_KEYS) is not None
    if isinstance(turn, list):
        return len(turn) == 2 and all(isinstance(part, str) for part in turn) and len(turn[0]) < 40
    return False


def _matches(record: Any) -> str | None:
    return "with a list of turns, each with a speaker and a text" if turns_in(record) else None


def _drafts(record: Any, options: ReadOptions) -> Iterator[Draft]:
    turns = turns_in(record) or []
    messages: list[Message] = []
    for turn in turns:
        messages.extend(_messages(turn, len(messages), options))
    if isinstance(record.get("generation"), str | dict):
        messages.extend(_generation(record["generation"], len(messages), options))
    if not messages:
        raise BadRecordError("no-turns")
    silent = sum(isinstance(turn, dict) and not list(_messages(turn, 0, options)) for turn in turns)
    key = first_of(record, ID_KEYS)
    known = _named_roles(messages)
    if not known and all(message.timestamp for message in messages):
        said = [
            Said(message.speaker, message.content, message.timestamp, message.kind) for message in messages
        ]
        yield from chat(said, options, thread=(str(key),))
        return
    yield Draft(
        messages=messages,
        position=0,
        key=str(key) if isinstance(key, str | int) else None,
        roles_rule="role-word" if known else None,
        openings=bool(key),
        domain=record["domain"] if isinstance(record.get("domain"), str) else None,
        language=record["language"] if isinstance(record.get("language"), str) else None,
        tools=tools(record["tools"]) if isinstance(record.get("tools"), list) else None,
        metadata={**short_values(record, _KNOWN), **({"turns_without_text": silent} if silent else {})},
    )


def _named_roles(messages: list[Message]) -> bool:
    """Settle roles that are words; ``system`` beside ``user`` and nobody else is the assistant, as in SGD."""
    words = {message.speaker for message in messages if message.speaker}
    roles = {message.role for message in messages if message.speaker}
    if any(role_of_word(word) is None for word in words) and "assistant" not in roles:
        return False
    if "assistant" not in roles and "system" in roles and "user" in roles:
        for message in messages:
            if message.role == "system" and message.speaker:
                message.role = "assistant"
    return bool(words)


def _messages(turn: Any, number: int, options: ReadOptions) -> Iterator[Message]:
    if isinstance(turn, list):
        yield _pair(turn)
        return
    if not isinstance(turn, dict):
        return
    exchange = _exchange(turn)
    if exchange:
        yield from (Message("user", exchange[0], "user"), Message("assistant", exchange[1], "assistant"))
        return
    yield from _service_calls(turn, number)
    message = message_of(turn, day_first=options.day_first)
    if message is not None:
        yield message
        yield from _annotated_calls(turn, number)
    elif isinstance(turn.get("response"), dict | list):
        yield Message("tool", orjson.dumps(turn["response"]).decode(), "tool")
    elif isinstance(turn.get("api"), dict):
        yield Message(
            "assistant",
            "",
            tool_calls=[
                ToolCall(f"call_{number}_{index}", name, arguments(given))
                for index, (name, given) in enumerate(turn["api"].items())
            ],
        )
    elif turn.get("tool_calls"):
        yield Message("assistant", "", tool_calls=tool_calls(turn["tool_calls"]))


def _pair(turn: list[Any]) -> Message:
    author, text = (str(part) for part in turn[:2]) if len(turn) == 2 else ("", "")
    role = role_of_word(author)
    if role is None and author.casefold() == "action":
        role = "tool"
    return Message(role or "user", text, author or None)


def _service_calls(turn: dict[str, Any], number: int) -> Iterator[Message]:
    """Yield the calls and results that SGD keeps in the frames of a turn."""
    frames = turn.get("frames")
    for index, frame in enumerate(frames if isinstance(frames, list) else ()):
        call = frame.get("service_call") if isinstance(frame, dict) else None
        if isinstance(call, dict) and isinstance(call.get("method"), str):
            identifier = f"call_{number}_{index}"
            yield Message(
                "assistant",
                "",
                tool_calls=[ToolCall(identifier, call["method"], arguments(call.get("parameters")))],
            )
            if "service_results" in frame:
                result = orjson.dumps(frame["service_results"]).decode()
                yield Message("tool", result, tool_call_id=identifier)


def _annotated_calls(turn: dict[str, Any], number: int) -> Iterator[Message]:
    """Yield the calls and responses that Taskmaster keeps in the annotations of a turn."""
    annotations = turn.get("annotations")
    calls = 0
    last: str | None = None
    for index, note in enumerate(annotations if isinstance(annotations, list) else ()):
        if not isinstance(note, dict) or not isinstance(note.get("value"), str):
            continue
        if note.get("name") == "api_call":
            request = annotations[index + 1] if annotations and index + 1 < len(annotations) else {}
            given = (
                request.get("value")
                if isinstance(request, dict) and request.get("name") == "request"
                else None
            )
            last = f"call_{number}_{calls}"
            calls += 1
            yield Message("assistant", "", tool_calls=[ToolCall(last, note["value"], arguments(given))])
        elif note.get("name") == "response" and last is not None:
            yield Message("tool", note["value"], tool_call_id=last)


def _generation(value: Any, number: int, options: ReadOptions) -> Iterator[Message]:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return
    yield from _messages(value, number, options)


DIALOGUE = Shape("dialogue", _matches, _drafts, confidence=0.5)
