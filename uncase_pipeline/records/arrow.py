"""Conversations as Arrow record batches. Knows schemas and conversion, not where batches are kept.

Columns are filled flat: the turns of a thousand conversations are eight lists, and one list of where each
conversation ends. That is many times faster than a dictionary per turn.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise, repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from uncase_pipeline.records.conversation import Conversation, Json, Kind, Message, Role, Source, ToolCall
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

SOURCE = pa.struct([("format", pa.string()), ("sha256", pa.string()), ("position", pa.int64())])
CONVERSATIONS = pa.schema(
    [
        pa.field("conversation_id", pa.string(), nullable=False),
        pa.field("domain", pa.string(), nullable=False),
        ("language", pa.string()),
        ("seed_id", pa.string()),
        ("subject_id", pa.string()),
        pa.field("messages", pa.list_(MESSAGE), nullable=False),
        ("tools", pa.string()),
        ("source", SOURCE),
        ("metadata", pa.string()),
    ]
)
"""Objects of free shape (tool calls, tools, metadata) are JSON text; absent ones are null."""

BATCH_ROWS = 1_000
_BATCH_CHARACTERS = 16_000_000
_RARE = ("tool_calls", "tool_call_id")
"""Fields that most turns do not have: kept by turn, not as a list."""


class Pack:
    """Conversations as flat columns, until they are a record batch."""

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...]] = []
        self._sources: list[tuple[Any, ...]] = []
        self._ends = [0]
        self._roles: list[Role] = []
        self._speakers: list[str | None] = []
        self._contents: list[str] = []
        self._timestamps: list[str | None] = []
        self._kinds: list[Kind] = []
        self._metadata: list[str | None] = []
        self._rare: dict[str, dict[int, str]] = {name: {} for name in _RARE}
        self._characters = 0

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def full(self) -> bool:
        """Whether it is time to ``take``: enough rows, or enough text that memory would grow with it."""
        return len(self._rows) >= BATCH_ROWS or self._characters >= _BATCH_CHARACTERS

    def add(self, conversation: Conversation) -> None:
        """Add a conversation."""
        messages = conversation.messages
        for index, message in enumerate(messages, start=len(self._roles)):
            self._add_rare(index, message)
        self.add_turns(
            [message.role for message in messages],
            [message.speaker for message in messages],
            [message.content for message in messages],
            [message.timestamp for message in messages],
            [message.kind for message in messages],
            metadata=[_json(message.metadata) if message.metadata else None for message in messages],
        )
        self.close(
            conversation.conversation_id,
            conversation.domain,
            language=conversation.language,
            seed_id=conversation.seed_id,
            subject_id=conversation.subject_id,
            tools=conversation.tools,
            source=conversation.source,
            metadata=conversation.metadata,
        )

    def _add_rare(self, index: int, message: Message) -> None:
        if message.tool_calls:
            self._rare["tool_calls"][index] = _json([call_to_wire(call) for call in message.tool_calls])
        if message.tool_call_id is not None:
            self._rare["tool_call_id"][index] = message.tool_call_id

    def add_turns(
        self,
        roles: Sequence[Role],
        speakers: Sequence[str | None],
        contents: Sequence[str],
        timestamps: Iterable[str | None],
        kinds: Iterable[Kind],
        *,
        metadata: Sequence[str | None] = (),
    ) -> None:
        """Add the turns of a conversation column by column; ``close`` says whose they were.

        Args:
            roles: As in ``Message``, and so on.
            speakers: One for each turn.
            contents: One for each turn.
            timestamps: One for each turn.
            kinds: One for each turn.
            metadata: JSON text or None for each turn; nothing where no turn has any.
        """
        self._roles += roles
        self._speakers += speakers
        self._contents += contents
        self._characters += sum(map(len, contents))
        self._timestamps += timestamps
        self._kinds += kinds
        self._metadata += metadata or repeat(None, len(roles))

    def close(
        self,
        conversation_id: str,
        domain: str,
        *,
        language: str | None = None,
        seed_id: str | None = None,
        subject_id: str | None = None,
        tools: list[Json] | None = None,
        source: Source | None = None,
        metadata: Json | None = None,
    ) -> None:
        """End the conversation whose turns were added."""
        texts = (_json(tools) if tools else None, _json(metadata) if metadata else None)
        self._rows.append((conversation_id, domain, language, seed_id, subject_id, *texts))
        self._ends.append(len(self._roles))
        self._sources.append((source.format, source.sha256, source.position) if source else (None,) * 3)

    def take(self) -> pa.RecordBatch:
        """Return everything as one record batch and start anew."""
        names = ("conversation_id", "domain", "language", "seed_id", "subject_id", "tools", "metadata")
        own = dict(zip(names, map(_text, _columns(self._rows, len(names))), strict=True))
        formats, digests, positions = _columns(self._sources, 3)
        batch = assembled(
            self._ends,
            turns=self._turns(),
            own=own,
            source=(_text(formats), _text(digests), pa.array(positions, pa.int64())),
        )
        self.__init__()  # type: ignore[misc]
        return batch

    def _turns(self) -> dict[str, pa.StringArray]:
        turns = {
            "role": _text(self._roles),
            "speaker": _text(self._speakers),
            "content": _text(self._contents),
            "timestamp": _text(self._timestamps),
            "kind": _text(self._kinds),
            "metadata": _text(self._metadata),
        }
        rows = range(len(self._roles))
        return turns | {name: _text(list(map(rare.get, rows))) for name, rare in self._rare.items() if rare}


def assembled(
    ends: Sequence[int] | npt.NDArray[np.int64],
    *,
    turns: dict[str, pa.StringArray],
    own: dict[str, pa.StringArray],
    source: tuple[pa.StringArray, pa.StringArray, pa.Int64Array],
) -> pa.RecordBatch:
    """Return a record batch of columns.

    Args:
        ends: Where the turns of each conversation end, after a zero.
        turns: Columns of all turns, by name; those left out are null.
        own: Columns of the conversations, by name; those left out are null.
        source: Format, digest and position; no source where there is no format.
    """
    rows, messages = len(ends) - 1, int(ends[-1])
    said = [turns[field.name] if field.name in turns else _nothing(messages) for field in MESSAGE]
    columns = own | {
        "messages": pa.ListArray.from_arrays(
            pa.array(ends, pa.int32()), pa.StructArray.from_arrays(said, fields=list(MESSAGE))
        ),
        "source": pa.StructArray.from_arrays(list(source), fields=list(SOURCE), mask=source[0].is_null()),
    }
    return pa.RecordBatch.from_arrays(
        [columns[name] if name in columns else _nothing(rows) for name in CONVERSATIONS.names],
        schema=CONVERSATIONS,
    )


def to_batches(conversations: Iterable[Conversation], *, rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """Pack conversations into record batches of at most ``rows`` rows."""
    iterator = iter(conversations)
    pack = Pack()
    while chunk := list(islice(iterator, rows)):
        for conversation in chunk:
            pack.add(conversation)
        yield pack.take()


def from_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[Conversation]:
    """Unpack record batches into conversations, one at a time."""
    for batch in batches:
        yield from _conversations(batch)


def turns_of(batch: pa.RecordBatch) -> tuple[list[int], pa.StructArray]:
    """Return the turns of all conversations of a batch, and where each conversation ends, from 0."""
    listed = batch.column("messages")
    ends = listed.offsets.to_pylist()
    turns = listed.values.slice(ends[0], ends[-1] - ends[0])
    return ([end - ends[0] for end in ends] if ends[0] else ends), turns


def _conversations(batch: pa.RecordBatch) -> Iterator[Conversation]:
    ends, turns = turns_of(batch)
    roles, speakers, contents, timestamps, kinds, *rare = map(_values, turns.flatten())
    messages = [
        Message(
            role,
            content,
            speaker,
            timestamp,
            kind,
            _calls(calls) if calls else None,
            call_id,
            orjson.loads(metadata) if metadata else {},
        )
        for role, content, speaker, timestamp, kind, calls, call_id, metadata in zip(
            roles, contents, speakers, timestamps, kinds, *rare, strict=False
        )
    ]
    names = ("conversation_id", "domain", "language", "seed_id", "subject_id", "tools", "source", "metadata")
    rows = zip(*(batch.column(name).to_pylist() for name in names), pairwise(ends), strict=True)
    for identifier, domain, language, seed, subject, tools, source, metadata, (start, end) in rows:
        yield Conversation(
            conversation_id=identifier,
            domain=domain,
            messages=messages[start:end],
            language=language,
            seed_id=seed,
            subject_id=subject,
            tools=orjson.loads(tools) if tools else None,
            source=Source(**source) if source else None,
            metadata=orjson.loads(metadata) if metadata else {},
        )


def _values(column: pa.Array) -> Iterable[Any]:
    return repeat(None, len(column)) if column.null_count == len(column) else column.to_pylist()


def _calls(text: str) -> list[ToolCall]:
    return [
        ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"])
        for call in orjson.loads(text)
    ]


def _columns(rows: list[tuple[Any, ...]], width: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _text(values: Sequence[Any]) -> pa.StringArray:
    return pa.array(values, pa.string())


def _nothing(count: int) -> pa.StringArray:
    return pa.nulls(count, pa.string())


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
