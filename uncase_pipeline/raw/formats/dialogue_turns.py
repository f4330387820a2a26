"""Where the turns of a dialogue JSON lie: under one of many names, as a transcript in a field, or in two lists.

Knows what a turn looks like, not what it says.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from uncase_pipeline.raw.formats.transcript import turns_of_text
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.raw.spoken import author_in, is_event, role_in, said_in, snaked
from uncase_pipeline.raw.turns import first_of, text_of
from uncase_pipeline.records.conversation import Message

TURN_KEYS = (
    "turns", "messages", "utterances", "utterences", "dialogue", "dialog", "dialogo", "conversation", "conversations",
    "conversacion", "log", "history", "context", "chat", "chat_history", "chat_log", "transcript", "transcription",
    "original", "turnos", "mensajes", "mensagens", "intervenciones", "events", "c_h", "entries", "items", "thread",
    "threads", "chat_messages", "message_list", "message_records", "contents", "past_convo", "lines", "data",
    "comments", "results", "_results", "value", "segments", "posts", "interactions", "phrases",
)  # fmt: skip
ANSWERS = ("chosen", "completion", "output")
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
_SPOKEN = 0.5
IN_TURN = ("first speaker", "second speaker")
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
    for key in ANSWERS:
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
    return exchanges if exchanges and all(exchange_in(item) for item in exchanges) else None


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
    return [[IN_TURN[number % 2], text] for number, text in enumerate(said)]


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


def exchange_in(turn: Any) -> tuple[str, str] | None:
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
    looked_at = [turn for turn in turns[:60] if not (isinstance(turn, dict) and is_event(snaked(turn)))][:20]
    spoken = sum(_is_turn(turn) for turn in looked_at)
    return bool(looked_at) and spoken >= _SPOKEN * len(looked_at)


def _is_turn(turn: Any) -> bool:
    if exchange_in(turn):
        return True
    if isinstance(turn, dict):
        turn = snaked(turn)
        if "name" in turn and "value" in turn:  # a property, unless something else says who or what
            turn = {key: item for key, item in turn.items() if key not in {"name", "value"}}
        said = said_in(turn) is not None or any(name in turn for name in _CALLED)
        return said and author_in(turn) is not None
    if isinstance(turn, list):
        return len(turn) == 2 and all(isinstance(part, str) for part in turn) and len(turn[0]) < 40
    return False
