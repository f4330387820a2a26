"""Pairs: Alpaca's instruction, input and output, and other prompts with one answer, with an optional history."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import BadRecordError, short_values, tool_calls, tools
from uncase_pipeline.records.conversation import Message

_PAIRS = (
    ("instruction", "output"), ("instruction", "response"), ("instruction", "completion"), ("prompt", "completion"),
    ("prompt", "response"), ("question", "answer"), ("question", "response"), ("pregunta", "respuesta"),
    ("pergunta", "resposta"), ("instruccion", "respuesta"), ("query", "response"), ("query", "answer"),
    ("query", "answers"), ("input", "output"), ("input", "response"), ("user", "assistant"), ("human", "assistant"),
    ("user", "bot"), ("prompt", "chosen"), ("customer", "agent"), ("cliente", "asesor"), ("cliente", "agente"),
)  # fmt: skip
_CONTEXT = ("input", "context")
_SYSTEM = ("system", "system_prompt")


def pair_in(record: Any) -> tuple[str, str] | None:
    """Return the names of the two fields that hold a question and its answer, None where there are none."""
    if not isinstance(record, dict):
        return None
    for pair in _PAIRS:
        if all(isinstance(record.get(name), str) for name in pair):
            return pair
    return None


def _matches(record: Any) -> str | None:
    pair = pair_in(record)
    if pair is None or isinstance(record.get("messages"), list):
        return None
    return f"with {' and '.join(pair)}"


def _drafts(record: Any, _options: ReadOptions) -> Iterator[Draft]:
    asked, answered = pair_in(record) or ("", "")
    system = next((record[name] for name in _SYSTEM if isinstance(record.get(name), str)), "")
    messages = [Message("system", system)] if system.strip() else []
    before = [message for turn in record.get("history") or () for message in _earlier(turn)]
    context = next(
        (record[name] for name in _CONTEXT if name != asked and isinstance(record.get(name), str)), ""
    )
    question = f"{record[asked]}\n\n{context}" if context.strip() else record[asked]
    if not question.strip() or not record[answered].strip():
        raise BadRecordError("no-turns")
    key = record.get("id")
    yield Draft(
        messages=[
            *messages,
            *_in_order(Message("user", question), before),
            _answer(record[answered]),
        ],
        position=0,
        key=str(key) if isinstance(key, str | int) else None,
        roles_rule="format",
        tools=tools(record["tools"]) if isinstance(record.get("tools"), str | list) else None,
        metadata=short_values(record, {asked, answered, "id", "tools", *_SYSTEM, *_CONTEXT}),
    )


def _answer(text: str) -> Message:
    """Return the answer, which is a list of calls in data that teaches tools."""
    if text.lstrip().startswith('[{"name"'):
        with suppress(orjson.JSONDecodeError, BadRecordError):
            return Message("assistant", "", tool_calls=tool_calls(orjson.loads(text)))
    return Message("assistant", text)


def _earlier(turn: Any) -> list[Message]:
    """Read an earlier exchange: a pair, or a question that the assistant asked back and its answer."""
    if isinstance(turn, list) and len(turn) == 2:
        return [Message("user", str(turn[0])), Message("assistant", str(turn[1]))]
    if isinstance(turn, dict) and {"follow_up_question", "follow_up_answer"} <= turn.keys():
        return [
            Message("assistant", str(turn["follow_up_question"])),
            Message("user", str(turn["follow_up_answer"])),
        ]
    raise BadRecordError("bad-history")


def _in_order(question: Message, before: list[Message]) -> list[Message]:
    """Put the question behind what came before it, or before what was asked back about it."""
    asked_back = bool(before) and before[0].role == "assistant"
    return [question, *before] if asked_back else [*before, question]


ALPACA = Shape("alpaca", _matches, _drafts, confidence=0.8)
