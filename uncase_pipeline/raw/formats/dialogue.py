"""Dialogue JSON of any dialect: a list of turns, each with a speaker and a text. The last resort of shapes.

Reads webhooks, SGD, Taskmaster and what teams write themselves. A list of turns is recognised by what is in it,
under whatever key it lies.
"""

from collections.abc import Iterator, Mapping
from operator import ge
from typing import Any

import orjson

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.dialogue_calls import annotated_calls, function_parts, service_calls
from uncase_pipeline.raw.formats.dialogue_turns import ANSWERS, IN_TURN, TURN_KEYS, exchange_in, turns_in
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.raw.spoken import is_note, message_of, people_of, snaked
from uncase_pipeline.raw.turns import (
    BadRecordError,
    arguments,
    first_of,
    short_values,
    text_of,
    tool_calls,
    tools,
)
from uncase_pipeline.records.conversation import Json, Message, ToolCall

ID_KEYS = (
    "conversation_id", "dialogue_id", "dialog_id", "convo_id", "id", "uuid", "c_id", "ticket_id", "session_id",
    "chat_id", "thread_id", "qid", "contact_id", "id_conversacion",
)  # fmt: skip
_OF_TURNS = ("conversation_id", "dialogue_id", "session_id", "ticket_id", "chat_id", "thread_id")
_KNOWN = {
    *TURN_KEYS,
    *ID_KEYS,
    *ANSWERS,
    "prompt",
    "domain",
    "language",
    "generation",
    "system_instruction",
}


def _matches(record: Any) -> str | None:
    return "with a list of turns, each with a speaker and a text" if turns_in(record) else None


def _drafts(record: Any, options: ReadOptions) -> Iterator[Draft]:
    turns = turns_in(record) or []
    record = record if isinstance(record, dict) else {}
    groups = _by_id(turns)
    for key, group in groups.items():
        one = record if len(groups) == 1 else {**record, ID_KEYS[0]: key}
        yield from _conversation(one, group, options)


def _by_id(turns: list[Any]) -> dict[Any, list[Any]]:
    """Return the turns by the conversation that each of them names; all under one where they name none."""
    groups: dict[Any, list[Any]] = {}
    for turn in turns:
        key = first_of(snaked(turn), _OF_TURNS) if isinstance(turn, dict) else None
        if not isinstance(key, str | int):
            return {None: turns}
        groups.setdefault(key, []).append(turn)
    return groups


def _conversation(record: Json, turns: list[Any], options: ReadOptions) -> Iterator[Draft]:
    people = people_of(snaked(record))
    notes = 0
    messages = _instruction(record)
    silent = 0
    for turn in turns:
        if isinstance(turn, dict) and is_note(snaked(turn)):
            notes += 1
            continue
        said = list(_messages(turn, len(messages), options, people))
        silent += isinstance(turn, dict) and not said
        messages.extend(said)
    if isinstance(record.get("generation"), str | dict):
        messages.extend(_generation(record["generation"], len(messages), options))
    if not messages:
        raise BadRecordError("only-internal-notes" if notes else "no-turns")
    key = first_of(snaked(record), ID_KEYS)
    rule = _settled(messages)
    if rule is None and all(message.timestamp for message in messages):
        said_ = [
            Said(message.speaker, message.content, message.timestamp, message.kind) for message in messages
        ]
        yield from chat(said_, options, thread=(str(key),))
        return
    yield Draft(
        messages=_turned(messages),
        position=0,
        key=str(key) if isinstance(key, str | int) else None,
        roles_rule=rule,
        openings=bool(key),
        domain=record["domain"] if isinstance(record.get("domain"), str) else None,
        language=record["language"] if isinstance(record.get("language"), str) else None,
        tools=tools(record["tools"]) if isinstance(record.get("tools"), list) else None,
        metadata={
            **short_values(record, _KNOWN),
            **({"turns_without_text": silent} if silent else {}),
            **({"internal_notes_left_out": notes} if notes else {}),
        },
    )


def _turned(messages: list[Message]) -> list[Message]:
    """Return turns oldest first, where a service lists the newest first."""
    times = [message.timestamp or "" for message in messages]
    newest_first = "" not in times and times[0] > times[-1] and all(map(ge, times, times[1:]))
    return messages[::-1] if newest_first else messages


def _instruction(record: Json) -> list[Message]:
    """Return the system prompt that Gemini's requests keep beside their turns."""
    text = text_of(first_of(snaked(record), ("system_instruction", "system_prompt")))
    return [Message("system", text, "system")] if text and text.strip() else []


def _settled(messages: list[Message]) -> str | None:
    """Settle roles that can be settled here, and return by which rule; None where a person has to be looked at."""
    if {message.speaker for message in messages if message.speaker != "system"} == set(IN_TURN):
        for message in messages:
            if message.speaker in IN_TURN:
                message.role = "user" if message.speaker == IN_TURN[0] else "assistant"
                message.speaker = None
        return "alternating-turns"
    return "role-word" if _named_roles(messages) else None


def _named_roles(messages: list[Message]) -> bool:
    """Settle roles that are words; ``system`` beside ``user`` and nobody else is the assistant, as in SGD."""
    words = {message.speaker for message in messages if message.speaker}
    roles = {message.role for message in messages if message.speaker}
    if any(
        len(word) == 1 and role_of_word(word) is None for word in words
    ):  # speakers A and B, not an answer
        return False
    if any(role_of_word(word) is None for word in words) and "assistant" not in roles:
        return False
    if "assistant" not in roles and "system" in roles and "user" in roles:
        for message in messages:
            if message.role == "system" and message.speaker:
                message.role = "assistant"
    return bool(words)


def _messages(
    turn: Any, number: int, options: ReadOptions, people: Mapping[str, Any] | None = None
) -> Iterator[Message]:
    if isinstance(turn, list):
        yield _pair(turn)
        return
    if not isinstance(turn, dict):
        return
    exchange = exchange_in(turn)
    if exchange:
        yield from (Message("user", exchange[0], "user"), Message("assistant", exchange[1], "assistant"))
        return
    yield from service_calls(turn, number)
    if parts := function_parts(turn, number):
        yield from parts
        return
    message = message_of(turn, day_first=options.day_first, people=people)
    if message is not None:
        yield message
        yield from annotated_calls(turn, number)
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
    if author.casefold() == "action":
        return Message("system", text, kind="system")
    return Message(role_of_word(author) or "user", text, author or None)


def _generation(value: Any, number: int, options: ReadOptions) -> Iterator[Message]:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return
    yield from _messages(value, number, options)


DIALOGUE = Shape("dialogue", _matches, _drafts, confidence=0.5)
