"""Dialogue JSON of any dialect: a list of turns, each with a speaker and a text. The last resort of shapes.

Reads webhooks, SGD, Taskmaster and what teams write themselves. A list of turns is recognised by what is in it,
under whatever key it lies.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.transcript import turns_of_text
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.raw.spoken import author_in, is_note, message_of, people_of, role_in, said_in, snaked
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

TURN_KEYS = (
    "turns", "messages", "utterances", "utterences", "dialogue", "dialog", "dialogo", "conversation", "conversations",
    "conversacion", "log", "history", "context", "chat", "chat_history", "chat_log", "transcript", "transcription",
    "original", "turnos", "mensajes", "mensagens", "intervenciones", "events", "c_h", "entries", "items", "thread",
    "threads", "chat_messages", "message_list", "contents", "past_convo", "lines", "data", "comments", "results",
    "_results", "value", "segments", "posts", "interactions",
)  # fmt: skip
_ANSWERS = ("chosen", "completion", "output")
"""Turns that go on from those under ``prompt`` or ``input``: preference lines and logged replies."""
_SAID_IN_ORDER = {"log", "turns", "utterances", "dialog", "dialogue", "dialogo", "conversation"}
"""Lists in which turns without a speaker alternate, as corpora have them."""
_WRITTEN_OUT = (
    "text",
    "body",
    "content",
    "full_text",
    "conversation_text",
    "chat_transcript",
    "transcripcion",
)
"""Fields that may hold a whole transcript."""
_INSIDE = ("thread", "conversation", "chat", "_embedded", "data", "session", "transcript")
ID_KEYS = (
    "conversation_id", "dialogue_id", "dialog_id", "convo_id", "id", "uuid", "c_id", "ticket_id", "session_id",
    "chat_id", "thread_id", "qid", "contact_id", "id_conversacion",
)  # fmt: skip
_KNOWN = {
    *TURN_KEYS,
    *ID_KEYS,
    *_ANSWERS,
    "prompt",
    "domain",
    "language",
    "generation",
    "system_instruction",
}
_SPOKEN = 0.5
_IN_TURN = ("first speaker", "second speaker")
_CALLED = ("api", "tool_calls", "function_call", "response")


def turns_in(record: Any) -> list[Any] | None:
    """Return the list of turns in an object, None where it holds none. A bare list may be one."""
    if isinstance(record, list):
        return record if len(record) > 1 and _is_turns(record) and _both_sides(record) else None
    return _turns_of(snaked(record)) if isinstance(record, dict) else None


def _turns_of(record: Mapping[str, Any]) -> list[Any] | None:
    named = (turns for key in TURN_KEYS if key in record and (turns := _turns_under(key, record[key])))
    return next(named, None) or _answered(record) or _written_out(record) or _deeper(record)


def _answered(record: Mapping[str, Any]) -> list[Any] | None:
    """Return the turns of a preference line or a logged reply, with those that they answer."""
    for key in _ANSWERS:
        if turns := _turns_under(key, record.get(key)):
            before = _list(first_of(record, ("prompt", "input")))
            return [*before, *turns] if before and _is_turns(before) else turns
    return None


def _written_out(record: Mapping[str, Any]) -> list[Any] | None:
    """Return the turns of a field that need not be a transcript, where all its speakers are words for roles."""
    for key in _WRITTEN_OUT:
        spoken = turns_of_text(record[key]) if isinstance(record.get(key), str) else None
        if spoken and all(role_of_word(message.speaker) for message in spoken if message.speaker):
            return _as_pairs(spoken)
    return None


def _deeper(record: Mapping[str, Any]) -> list[Any] | None:
    inner = (record[key] for key in _INSIDE if isinstance(record.get(key), dict))
    if turns := next(filter(None, map(turns_in, inner)), None):
        return turns
    exchanges = _list(record.get("questions"))
    return exchanges if exchanges and all(_exchange(item) for item in exchanges) else None


def _as_pairs(spoken: list[Message]) -> list[Any]:
    return [[message.speaker, message.content] for message in spoken]


def _turns_under(key: str, value: Any) -> list[Any] | None:
    turns = _list(value)
    if turns:
        if _is_turns(turns):
            return turns
        return _alternating(turns) if key in _SAID_IN_ORDER else None
    if isinstance(value, str) and (spoken := turns_of_text(value.replace("|EOM|", "\n"))):
        return _as_pairs(spoken)
    return _parallel(value) if isinstance(value, dict) else None


def _both_sides(turns: list[Any]) -> bool:
    """Whether a list that nothing names is a conversation: each side speaks in it."""
    return {"user", "assistant"} <= {role_in(turn) for turn in turns[:20] if isinstance(turn, dict)}


def _alternating(turns: list[Any]) -> list[Any] | None:
    """Return turns that name no speaker with one: they alternate, and the customer begins."""
    if all(isinstance(turn, str) for turn in turns):
        if spoken := turns_of_text("\n".join(turns)):
            return _as_pairs(spoken)
        said = turns
    elif all(isinstance(turn, dict) for turn in turns):
        said = [said_in(snaked(turn)) for turn in turns]
        if any(author_in(snaked(turn)) is not None for turn in turns):
            return None
    else:
        return None
    if len(said) < 2 or not all(isinstance(text, str) and text.strip() for text in said):
        return None
    return [[_IN_TURN[number % 2], text] for number, text in enumerate(said)]


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
        turn = snaked(turn)
        said = said_in(turn) is not None or any(name in turn for name in _CALLED)
        return said and author_in(turn) is not None
    if isinstance(turn, list):
        return len(turn) == 2 and all(isinstance(part, str) for part in turn) and len(turn[0]) < 40
    return False


def _matches(record: Any) -> str | None:
    return "with a list of turns, each with a speaker and a text" if turns_in(record) else None


def _drafts(record: Any, options: ReadOptions) -> Iterator[Draft]:
    turns = turns_in(record) or []
    record = record if isinstance(record, dict) else {}
    people = people_of(snaked(record))
    notes = [turn for turn in turns if isinstance(turn, dict) and is_note(snaked(turn))]
    messages = _instruction(record)
    silent = 0
    for turn in turns:
        if turn in notes:
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
        messages=messages,
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
            **({"internal_notes_left_out": len(notes)} if notes else {}),
        },
    )


def _instruction(record: Json) -> list[Message]:
    """Return the system prompt that Gemini's requests keep beside their turns."""
    text = text_of(first_of(snaked(record), ("system_instruction", "system_prompt")))
    return [Message("system", text, "system")] if text and text.strip() else []


def _settled(messages: list[Message]) -> str | None:
    """Settle roles that can be settled here, and return by which rule; None where a person has to be looked at."""
    if {message.speaker for message in messages if message.speaker != "system"} == set(_IN_TURN):
        for message in messages:
            if message.speaker in _IN_TURN:
                message.role = "user" if message.speaker == _IN_TURN[0] else "assistant"
                message.speaker = None
        return "alternating-turns"
    return "role-word" if _named_roles(messages) else None


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


def _messages(
    turn: Any, number: int, options: ReadOptions, people: Mapping[str, Any] | None = None
) -> Iterator[Message]:
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
    if parts := _function_parts(turn, number):
        yield from parts
        return
    message = message_of(turn, day_first=options.day_first, people=people)
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


def _function_parts(turn: dict[str, Any], number: int) -> list[Message]:
    """Return the calls and results that Gemini keeps among the parts of a turn, with what is said beside them."""
    listed = turn.get("parts")
    parts = [snaked(part) for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
    calls = [part["function_call"] for part in parts if isinstance(part.get("function_call"), dict)]
    results = [part["function_response"] for part in parts if isinstance(part.get("function_response"), dict)]
    found = [
        Message(
            "tool",
            orjson.dumps(result.get("response")).decode(),
            "tool",
            metadata={"name": str(result.get("name"))},
        )
        for result in results
    ]
    if calls:
        made = [
            ToolCall(f"call_{number}_{index}", str(call.get("name")), arguments(call.get("args")))
            for index, call in enumerate(calls)
        ]
        found.append(Message("assistant", text_of(listed) or "", "model", tool_calls=made))
    return found


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
