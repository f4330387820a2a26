"""Writes the dataset of one certified version: one pass over the rows for every format. Knows no Dagster.

Before that pass, the ids alone are read once: the split is decided before anything else sees a row.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import orjson
import pyarrow as pa

from uncase_pipeline.exported.base_model import BaseModel
from uncase_pipeline.exported.carriage import Carrier, Row, carriers
from uncase_pipeline.exported.chats import chat_of
from uncase_pipeline.exported.formats import all_controls
from uncase_pipeline.exported.layout import (
    DATA,
    DATA_SCHEMA,
    LEFT_OUT,
    LEFT_OUT_SCHEMA,
    PREFERENCE,
    PREFERENCE_SCHEMA,
    SFT,
    SFT_SCHEMA,
    data_row,
    preference_row,
    rejected_answer,
    sft_row,
)
from uncase_pipeline.exported.neutralize import Neutralizer, suspicious
from uncase_pipeline.exported.rendering import Refused
from uncase_pipeline.exported.shards import ShardSet
from uncase_pipeline.exported.split import SPLITS, Assignment, Families, Kin, Split
from uncase_pipeline.exported.tool_modes import ToolMode
from uncase_pipeline.exported.truth import Truth
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.conversation import Conversation, Json
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.lake import Stage, Version

CONVERSATIONS_FILE = "conversations.parquet"
_CHUNK = 1_000
_ID_COLUMNS = ["conversation_id", "seed_id", "subject_id", "metadata"]


@dataclass(slots=True)
class Built:
    """What was written.

    Attributes:
        rows: Rows per stem (``data/train``, ``text/chatml/test``).
        refused: Per format and reason, the rows that it left out.
        truths: Per format, what its renderings amount to.
        assignment: The split.
        families: Number of families that share a subject or seed.
        languages: ISO codes of the rows.
        mode: How tool use was written.
    """

    rows: dict[str, int] = field(default_factory=dict)
    refused: dict[str, Counter[str]] = field(default_factory=dict)
    truths: dict[str, Truth] = field(default_factory=dict)
    assignment: Assignment | None = None
    families: int = 0
    languages: set[str] = field(default_factory=set)
    mode: ToolMode = "native"


def build(
    version: Version,
    stage: Stage,
    books: Books,
    *,
    formats: Sequence[str],
    now: datetime,
    salt: str,
    shard_bytes: int,
    mode: ToolMode = "native",
    base: BaseModel | None = None,
) -> Built:
    """Write every config of the dataset into the stage.

    Args:
        version: The certified version; the caller has opened its seal.
        stage: Where to write.
        books: Get one row in for every conversation, and each that no config can hold.
        formats: Names of formats.
        now: What templates that read the clock are told.
        salt: Decides the split together with the names of the families.
        shard_bytes: Size at which a new file is begun.
        mode: How tool use is written.
        base: The base model's own format, to be written too.
    """
    families = read_families(version.batches(CONVERSATIONS_FILE, columns=_ID_COLUMNS))
    assignment = families.assignment(salt)
    built = Built(assignment=assignment, families=len(families.names()), mode=mode)
    open_carriers = carriers(formats, now, mode=mode, base=base)
    with ShardSet(stage, shard_bytes) as shards:
        only_pass = _Pass(families, assignment, shards, books)
        conversations = from_batches(version.batches(CONVERSATIONS_FILE))
        for chunk in _chunks(conversations, _CHUNK):
            only_pass.write(chunk, open_carriers)
            built.languages.update(row.language for row in chunk if row.language)
    built.rows = shards.rows()
    built.refused = {carrier.name: carrier.refused for carrier in open_carriers}
    built.truths = {carrier.name: carrier.truth for carrier in open_carriers}
    return built


class _Pass:
    """The one pass: each chunk of conversations goes into every config."""

    def __init__(self, families: Families, assignment: Assignment, shards: ShardSet, books: Books) -> None:
        self._families, self._assignment = families, assignment
        self._shards, self._books = shards, books
        self._left_out: list[Json] = []
        self._neutralizer = Neutralizer(all_controls())

    def write(self, chunk: Sequence[Conversation], carriers_: Sequence[Carrier]) -> None:
        """Write one chunk."""
        rows: dict[Split, list[Row]] = {split: [] for split in SPLITS}
        for conversation in chunk:
            row = self._row(conversation)
            if row is not None:
                rows[row.split].append(row)
        for split, members in rows.items():
            self._write_split(split, members, carriers_)
        self._shards.parquet(LEFT_OUT, LEFT_OUT_SCHEMA).write(self._left_out)
        self._left_out.clear()

    def _row(self, conversation: Conversation) -> Row | None:
        self._books.tally.rows_in += 1
        if not any(message.role == "assistant" for message in conversation.messages):
            self._books.set_aside(Rejection("no-answer-to-learn", conversation.conversation_id))
            return None
        self._books.tally.rows_out += 1
        chat = chat_of(conversation)
        family = self._families.name(kin_of(conversation))
        subject = family.partition(":")[2]
        risky = suspicious(chat)
        safe = self._neutralizer.chat(chat) if risky else chat
        return Row(conversation, chat, safe, subject, self._assignment.split(family), risky)

    def _write_split(self, split: Split, rows: list[Row], carriers_: Sequence[Carrier]) -> None:
        parquet = self._shards.parquet
        parquet(f"{DATA}/{split}", DATA_SCHEMA).write(
            [data_row(r.conversation, r.safe, r.subject) for r in rows]
        )
        parquet(f"{SFT}/{split}", SFT_SCHEMA).write(
            [sft_row(r.conversation, r.safe, r.subject) for r in rows]
        )
        if pairs := list(self._pairs(rows)):
            parquet(f"{PREFERENCE}/{split}", PREFERENCE_SCHEMA).write(pairs)
        for carrier in carriers_:
            carrier.shards(self._shards, split).write(list(self._carried(rows, carrier)))

    def _pairs(self, rows: list[Row]) -> Iterator[Json]:
        for row in rows:
            if rejected := rejected_answer(row.conversation):
                safe = self._neutralizer.text(rejected)
                yield preference_row(row.conversation, row.safe, row.subject, safe)

    def _carried(self, rows: list[Row], carrier: Carrier) -> Iterator[Json]:
        for row in rows:
            try:
                yield from carrier.carry(row)
            except Refused as refusal:
                carrier.refused[refusal.reason] += 1
                where = row.conversation.conversation_id
                self._left_out.append(
                    {"format": carrier.name, "conversation_id": where, "reason": refusal.reason}
                )


def kin_of(conversation: Conversation) -> Kin:
    """Return what ties a conversation to others."""
    listed = conversation.metadata.get("subject_ids")
    return _kin(conversation.conversation_id, conversation.seed_id, conversation.subject_id, listed)


def read_families(batches: Iterable[pa.RecordBatch]) -> Families:
    """Join rows into families by their ids alone."""
    families = Families()
    for batch in batches:
        columns = (batch.column(name).to_pylist() for name in _ID_COLUMNS)
        for row, seed, subject, metadata in zip(*columns, strict=True):
            listed = orjson.loads(metadata).get("subject_ids") if metadata else None
            families.add(_kin(row, seed, subject, listed))
    return families


def _kin(row: str, seed: str | None, subject: str | None, listed: object) -> Kin:
    subjects = {str(item) for item in listed} if isinstance(listed, list) else set()
    if subject is not None:
        subjects.add(subject)
    return Kin(tuple(sorted(subjects)), seed, row)


def _chunks(conversations: Iterable[Conversation], size: int) -> Iterator[list[Conversation]]:
    iterator = iter(conversations)
    while chunk := list(islice(iterator, size)):
        yield chunk
