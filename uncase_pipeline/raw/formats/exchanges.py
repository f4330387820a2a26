"""Conversations as lists of exchanges: each holds what was asked and what was answered (xtuner, ShareAI)."""

from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.alpaca import pair_in
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import BadRecordError, first_of, short_values
from uncase_pipeline.records.conversation import Message

_LISTS = ("conversation", "conversations", "turns", "dialogue", "dialog", "messages", "exchanges", "history")
_IDS = ("conversation_id", "dialogue_id", "id")
_KNOWN = {*_LISTS, *_IDS, "system"}


def _exchanges(record: Any) -> list[Any] | None:
    if not isinstance(record, dict):
        return None
    listed = (record.get(name) for name in _LISTS)
    return next(
        (found for found in listed if isinstance(found, list) and found and all(map(pair_in, found))), None
    )


def _matches(record: Any) -> str | None:
    if not _exchanges(record) or pair_in(record):
        return None
    return "with a list of what was asked and answered"


def _drafts(record: Any, _options: ReadOptions) -> Iterator[Draft]:
    messages: list[Message] = []
    for exchange in [record, *(_exchanges(record) or ())]:
        system = exchange.get("system")
        if isinstance(system, str) and system.strip():
            messages.append(Message("system", system))
        pair = pair_in(exchange)
        if pair:
            messages += [Message("user", exchange[pair[0]]), Message("assistant", exchange[pair[1]])]
    said = [message for message in messages if message.content.strip()]
    if not any(message.role != "system" for message in said):
        raise BadRecordError("no-turns")
    key = first_of(record, _IDS)
    yield Draft(
        messages=said,
        position=0,
        key=str(key) if isinstance(key, str | int) else None,
        roles_rule="format",
        metadata=short_values(record, _KNOWN),
    )


EXCHANGES = Shape("exchanges", _matches, _drafts, confidence=0.88)
