"""Pairs: Alpaca's instruction, input and output, and other prompts with one answer, with an optional history."""

from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import BadRecordError, short_values
from uncase_pipeline.records.conversation import Message

_PAIRS = (
    ("instruction", "output"), ("instruction", "response"), ("prompt", "completion"), ("prompt", "response"),
    ("question", "answer"), ("pregunta", "respuesta"), ("instruccion", "respuesta"), ("query", "response"),
    ("input", "output"), ("user", "assistant"), ("prompt", "chosen"), ("customer", "agent"),
)  # fmt: skip
_CONTEXT = ("input", "context")


def _pair(record: Any) -> tuple[str, str] | None:
    if not isinstance(record, dict):
        return None
    for pair in _PAIRS:
        if all(isinstance(record.get(name), str) for name in pair):
            return pair
    return None


def _matches(record: Any) -> str | None:
    pair = _pair(record)
    if pair is None or isinstance(record.get("messages"), list):
        return None
    return f"with {' and '.join(pair)}"


def _drafts(record: Any, _options: ReadOptions) -> Iterator[Draft]:
    asked, answered = _pair(record) or ("", "")
    messages = (
        [Message("system", record["system"])]
        if isinstance(record.get("system"), str) and record["system"]
        else []
    )
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
            Message("assistant", record[answered]),
        ],
        position=0,
        key=str(key) if isinstance(key, str | int) else None,
        roles_rule="format",
        metadata=short_values(record, {asked, answered, "id", "system", *_CONTEXT}),
    )


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
