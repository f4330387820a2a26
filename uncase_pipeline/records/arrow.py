"""Conversations as Arrow record batches. Knows schemas and conversion, not where batches are kept."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson
import pyarrow as pa

from uncase_pipeline.records.conversation import Conversation, Message, Source, ToolCall
from uncase_pipeline.records.native import call_to_wire

MESSAGE = pa.struct(
    [
        ("role", pa.string()),
        ("speaker", pa.string()),
        ("content", pa.string()),
        ("timestamp", pa.string()),
        ("kind", pa.string()),
        ("tool_calls", pa.string()),
        ("tool_call_id", pa.string()),
        ("metadata", pa.string()),
    ]
)

CONVERSATIONS = pa.schema(
    [
        pa.field("conversation_id", pa.string(), nullable=False),
        pa.field("domain", pa.string(), nullable=False),
        ("language", pa.string()),
        ("seed_id", pa.string()),
        ("subject_id", pa.string()),
        pa.field("messages", pa.list_(MESSAGE), nullable=False),
        ("tools", pa.string()),
        ("source", pa.struct([("format", pa.string()), ("sha256", pa.string()), ("position", pa.int64())])),
        ("metadata", pa.string()),
    ]
)
"""Objects of free shape (tool calls, tools, metadata) are JSON text; absent ones are null."""

BATCH_ROWS = 1_000


def to_batches(conversations: Iterable[Conversation], *, rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """Pack conversations into record batches of at most ``rows`` rows."""
    for chunk in _batched(conversations, rows):
        yield pa.RecordBatch.from_pylist([_row(conversation) for conversation in chunk], CONVERSATIONS)


def from_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[Conversation]:
    """Unpack record batches into conversations, one at a time."""
    for batch in batches:
        for row in batch.to_pylist():
            yield _conversation(row)


def _batched(conversations: Iterable[Conversation], rows: int) -> Iterator[list[Conversation]]:
    iterator = iter(conversations)
    while chunk := list(islice(iterator, rows)):
        yield chunk


def _json(value: Any) -> str | None:
    return orjson.dumps(value).decode() if value else None


def _row(conversation: Conversation) -> dict[str, Any]:
    source = conversation.source
    return {
        "conversation_id": conversation.conversation_id,
        "domain": conversation.domain,
        "language": conversation.language,
        "seed_id": conversation.seed_id,
        "subject_id": conversation.subject_id,
        "messages": [
            {
                "role": message.role,
                "speaker": message.speaker,
                "content": message.content,
                "timestamp": message.timestamp,
                "kind": message.kind,
                "tool_calls": _json([call_to_wire(call) for call in message.tool_calls or ()]),
                "tool_call_id": message.tool_call_id,
                "metadata": _json(message.metadata),
            }
            for message in conversation.messages
        ],
        "tools": _json(conversation.tools),
        "source": {"format": source.format, "sha256": source.sha256, "position": source.position}
        if source
        else None,
        "metadata": _json(conversation.metadata),
    }


def _conversation(row: dict[str, Any]) -> Conversation:
    return Conversation(
        conversation_id=row["conversation_id"],
        domain=row["domain"],
        language=row["language"],
        seed_id=row["seed_id"],
        subject_id=row["subject_id"],
        messages=[_message(message) for message in row["messages"]],
        tools=orjson.loads(row["tools"]) if row["tools"] else None,
        source=Source(**row["source"]) if row["source"] else None,
        metadata=orjson.loads(row["metadata"]) if row["metadata"] else {},
    )


def _message(row: dict[str, Any]) -> Message:
    calls = orjson.loads(row["tool_calls"]) if row["tool_calls"] else ()
    return Message(
        role=row["role"],
        content=row["content"],
        speaker=row["speaker"],
        timestamp=row["timestamp"],
        kind=row["kind"],
        tool_calls=[
            ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"]) for call in calls
        ]
        or None,
        tool_call_id=row["tool_call_id"],
        metadata=orjson.loads(row["metadata"]) if row["metadata"] else {},
    )
