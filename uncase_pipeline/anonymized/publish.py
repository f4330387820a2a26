"""One partition from the vault to masked rows: streams, masks, sets aside, counts. Knows no Dagster."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from uncase_pipeline.anonymized.anonymizer import Anonymized, Quarantined
from uncase_pipeline.anonymized.quarantine import (
    QUARANTINE,
    QUARANTINE_FILE,
    decisions,
    quarantine_row,
)
from uncase_pipeline.anonymized.work import Task, anonymize_all
from uncase_pipeline.records.arrow import CONVERSATIONS, from_batches, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.ids import canonical_json
from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.lake import Lake, Stage

RAW_FILE = "conversations.vault.parquet"
FILE = "conversations.parquet"
SURROGATES_FILE = "surrogates.parquet"
"""With the policy ``surrogates``: the same rows with stand-ins. What flows on is always the tokens."""
_ROWS = 256


@dataclass(slots=True)
class Masking:
    """What masking a partition came to.

    Attributes:
        tally: The books.
        entities: Masked spans per entity.
        certain: Those of them at or above the confidence threshold of the settings.
        characters: Characters of the turns that were read.
        seconds: Wall time.
    """

    tally: Tally = field(default_factory=Tally)
    entities: Counter[str] = field(default_factory=Counter)
    certain: int = 0
    characters: int = 0
    seconds: float = 0.0


def mask_partition(settings: Settings, lake: Lake, stage: Stage, domain: str) -> Masking:
    """Write the masked rows of a domain, its quarantine and its books into a stage.

    Raises:
        UncaseError: ``nothing-published`` where the domain has no raw conversations.
    """
    raw = from_batches(lake.require("raw_conversations", domain).batches(RAW_FILE))
    decided = decisions(settings.home)
    released = frozenset(name for name, decision in decided.items() if decision == "release")
    task = Task.of(settings, lambda: lake.vault, released)
    dropped = {name for name, decision in decided.items() if decision == "drop"}
    started = time.perf_counter()
    with ExitStack() as stack:
        books = stack.enter_context(Books.kept(stage))
        shelf = _Shelf(
            stack,
            stage,
            books,
            certain_from=settings.pii_confidence_threshold,
            surrogates=task.surrogate_key is not None,
        )
        for conversation, outcome in anonymize_all(_kept(raw, dropped, books), task):
            shelf.put(conversation, outcome)
        shelf.close()
    shelf.masking.tally = books.tally
    shelf.masking.seconds = time.perf_counter() - started
    return shelf.masking


def _kept(raw: Iterator[Conversation], dropped: set[str], books: Books) -> Iterator[Conversation]:
    for conversation in raw:
        books.tally.rows_in += 1
        if conversation.conversation_id in dropped:
            books.set_aside(Rejection("dropped-by-review", conversation.conversation_id))
        else:
            yield conversation


class _Shelf:
    """Where each outcome is written."""

    def __init__(
        self, stack: ExitStack, stage: Stage, books: Books, *, certain_from: float, surrogates: bool
    ) -> None:
        self.masking = Masking()
        self._books = books
        self._stage = stage
        self._certain_from = certain_from
        self._out = _Rows(stack.enter_context(stage.writer(FILE, CONVERSATIONS)))
        self._held = stack.enter_context(stage.writer(QUARANTINE_FILE, QUARANTINE))
        self._held_digest = hashlib.sha256()
        self._stand_ins = (
            _Rows(stack.enter_context(stage.writer(SURROGATES_FILE, CONVERSATIONS))) if surrogates else None
        )

    def put(self, conversation: Conversation, outcome: Anonymized | Quarantined) -> None:
        self.masking.characters += sum(len(message.content) for message in conversation.messages)
        if isinstance(outcome, Quarantined):
            self._quarantine(conversation, outcome)
            return
        self._out.add(outcome.conversation)
        if self._stand_ins and outcome.surrogates:
            self._stand_ins.add(outcome.surrogates)
        self._books.tally.rows_out += 1
        self.masking.entities.update(outcome.counts)
        self.masking.certain += sum(
            span.score >= self._certain_from for spans in outcome.spans.values() for span in spans
        )

    def _quarantine(self, conversation: Conversation, held: Quarantined) -> None:
        row = quarantine_row(conversation, held)
        self._held.write_batch(pa.RecordBatch.from_pylist([row], QUARANTINE))
        self._held_digest.update(canonical_json(row))
        self._books.set_aside(Rejection(held.reason, conversation.conversation_id, "quarantined"))

    def close(self) -> None:
        self._out.flush()
        if self._stand_ins:
            self._stand_ins.flush()
        self._stage.name_content(QUARANTINE_FILE, self._held_digest.hexdigest())


class _Rows:
    """Conversations on their way into a Parquet file, a batch at a time."""

    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer
        self._rows: list[Conversation] = []

    def add(self, conversation: Conversation) -> None:
        self._rows.append(conversation)
        if len(self._rows) >= _ROWS:
            self.flush()

    def flush(self) -> None:
        for batch in to_batches(self._rows):
            self._writer.write_batch(batch)
        self._rows.clear()
