"""Writes the admitted events of a domain as encrypted conversations, with books. Knows no Dagster."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from uncase_pipeline.feedback.events import read_events
from uncase_pipeline.feedback.reenter import reenter
from uncase_pipeline.records.arrow import CONVERSATIONS, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.lake import Lake, Stage
from uncase_pipeline.storage.watch import finished_files

CONVERSATIONS_FILE = "conversations.vault.parquet"


def store_feedback(settings: Settings, lake: Lake, stage: Stage, domain: str) -> tuple[Tally, dict[str, Any]]:
    """Read ``feedback/<domain>/*.jsonl`` and stage what may be used.

    Returns:
        The books, and the count of events per signal.
    """
    signals: Counter[str] = Counter()
    ids: list[str] = []

    def counted() -> Iterator[Conversation]:
        for conversation in _admitted(settings, lake, domain, books):
            signals[conversation.metadata["feedback"]["signal"]] += 1
            ids.append(conversation.conversation_id)
            yield conversation

    with Books.kept(stage) as books, stage.writer(CONVERSATIONS_FILE, CONVERSATIONS) as writer:
        for batch in to_batches(counted()):
            writer.write_batch(batch)
            books.tally.rows_out += batch.num_rows
    stage.name_content(CONVERSATIONS_FILE, content_id("set", ids))
    return books.tally, {"signals": dict(signals)}


def _admitted(settings: Settings, lake: Lake, domain: str, books: Books) -> Iterator[Conversation]:
    subject_key = lake.vault.derive("subject-id")
    files = [path for path in finished_files(settings.feedback_folder(domain)) if path.suffix == ".jsonl"]
    for event in read_events(files, domain, tenants=settings.feedback_tenants):
        books.tally.rows_in += 1
        outcome = event if isinstance(event, Rejection) else reenter(event, subject_key)
        if isinstance(outcome, Rejection):
            books.set_aside(outcome)
        else:
            yield outcome
