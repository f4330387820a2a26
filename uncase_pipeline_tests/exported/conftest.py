"""A certified version to export from, and the asset run over it."""

from collections.abc import Callable

import pytest

from uncase_pipeline.exported.publish import export_dataset, seal_dataset
from uncase_pipeline.records.arrow import CONVERSATIONS, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.native import from_wire
from uncase_pipeline.seal.lock import require_valid, seal_stage
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.lake import Lake, Version
from uncase_pipeline_tests.exported.samples import PARALLEL, PLAIN, SINGLE, TOOLS

DOMAIN = "automotive.sales"
KINDS = [(PLAIN, None), (SINGLE, TOOLS), (PARALLEL, TOOLS), (PLAIN, None), (PLAIN, None)]

Certify = Callable[[list[Conversation]], Version]


def certified_rows(count: int) -> list[Conversation]:
    """Conversations of several kinds; each seed has three, each subject two seeds."""
    return [row(number) for number in range(count)]


def row(number: int) -> Conversation:
    messages, tools = KINDS[number % len(KINDS)]
    seed = number // 3
    wire = {
        "conversation_id": f"conv_{number}",
        "domain": DOMAIN,
        "language": "es" if number % 2 else "en",
        "seed_id": f"seed_{seed}",
        "messages": messages,
        "tools": tools,
        "metadata": {"subject_ids": [f"person_{seed // 2}"]},
    }
    return from_wire(wire)


@pytest.fixture
def certify(house: Settings, lake: Lake) -> Certify:
    def write(rows: list[Conversation], *, passed: bool = True) -> Version:
        with lake.stage("certified_conversations", DOMAIN) as stage:
            with Books.kept(stage) as books, stage.writer("conversations.parquet", CONVERSATIONS) as writer:
                for batch in to_batches(rows):
                    writer.write_batch(batch)
                books.tally.rows_in = books.tally.rows_out = len(rows)
            seal_stage(stage, "test", {"passed": passed, "domain": DOMAIN}, house)
            return stage.publish()

    return write


Export = Callable[[list[Conversation]], Version]


@pytest.fixture
def export(house: Settings, lake: Lake, certify: Certify) -> Export:
    def write(rows: list[Conversation]) -> Version:
        certified = certify(rows)
        with lake.stage("exported_datasets", DOMAIN) as stage:
            made = export_dataset(certified, require_valid(certified, house), stage, DOMAIN, house)
            seal_dataset(stage, made, house, passed=True)
            return stage.publish()

    return write
