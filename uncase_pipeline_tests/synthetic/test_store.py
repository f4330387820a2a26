import gc
import logging
import tracemalloc
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
from dagster import materialize

from uncase_pipeline.dialogue.remembered import Remembered
from uncase_pipeline.gateway import door as gateway_door
from uncase_pipeline.gateway.request import Outcome, Refusal, Reply, Request
from uncase_pipeline.orchestration.audit import residual_pii
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Finding
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.records.seed_rows import write_seeds
from uncase_pipeline.seeds.library import curated
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import read_tally
from uncase_pipeline.storage.lake import Lake, Version
from uncase_pipeline.synthetic import store
from uncase_pipeline.synthetic.asset import synthetic_conversations
from uncase_pipeline.synthetic.checks import CHECKS
from uncase_pipeline.synthetic.store import CONVERSATIONS_FILE, write_synthetic
from uncase_pipeline_tests.synthetic.builders import Clean, Simulated, seed

LOG = logging.getLogger("test")
DOMAIN = "automotive.sales"


class Suspicious(Clean):
    """Finds an identifier in the conversations of one sample."""

    def look_ahead(self, *_texts: object, **_options: object) -> None:
        """It reads one by one."""

    def scan_conversation(self, conversation: Conversation) -> list[Finding]:
        hit = conversation.metadata["generation"]["sample"] == 1
        return [Finding("PERSON", 0, 3, 1.0, "messages[0].content")] if hit else []


class FakeGateway(Simulated):
    """The simulator without litellm; refuses the prompts of one seed."""

    async def __aenter__(self) -> "FakeGateway":
        return self

    async def __aexit__(self, *_error: object) -> None: ...

    async def complete(self, request: Request) -> Outcome:
        if request.lineage.seed_id == "refused":
            return Refusal("pii-in-prompt", "Found EMAIL in messages[0].content.")
        self.requests.clear()
        reply = await super().complete(request)
        return Reply(
            reply.text, reply.tool_calls, reply.finish_reason, model="offline/simulator", cost_usd=0.125
        )


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave litellm out where only the books are looked at."""
    monkeypatch.setattr(gateway_door.Gateway, "open", lambda *_args, **_more: FakeGateway())


def written(
    lake: Lake, house: Settings, seeds: list[Seed] | Iterator[Seed], scanner: Any = None, **changes: Any
) -> tuple[Version, dict[str, Any]]:
    config = house.model_copy(update=changes)
    with lake.stage("synthetic_conversations", DOMAIN) as stage:
        _, metadata = write_synthetic(seeds, stage, config, scanner or Clean(), log=LOG)
        return stage.publish(), metadata


def test_rows_in_are_the_requested_conversations_and_every_one_is_accounted_for(direct, lake, house):
    seeds = [seed(), seed(seed_id="refused"), seed(seed_id="broken", steps=["user:ask", "assistant:dance"])]
    version, metadata = written(lake, house, seeds, Suspicious(), conversations_per_seed=3)
    tally = read_tally(version)
    assert tally.balances
    assert (tally.rows_in, tally.rows_out) == (9, 2)
    assert tally.quarantined == {"pii-found": 1, "pii-in-prompt": 3}
    assert tally.rejected == {"bad-step": 3}
    assert metadata["models"] == {"offline/simulator": 2}
    aside = [row for batch in version.batches("set_aside.parquet") for row in batch.to_pylist()]
    assert {row["where"] for row in aside if row["reason"] == "pii-found"} == {"seed_0001#1"}


def test_every_stored_row_names_its_seed_its_subjects_and_how_it_was_made(direct, lake, house):
    version, metadata = written(lake, house, [seed()], conversations_per_seed=2)
    rows = list(from_batches(version.batches(CONVERSATIONS_FILE)))
    assert [row.seed_id for row in rows] == ["seed_0001"] * 2
    assert [row.metadata["subject_ids"] for row in rows] == [["subject_a"]] * 2
    assert [row.metadata["generation"]["sample"] for row in rows] == [0, 1]
    assert all(row.metadata["generation"]["simulator"] for row in rows)
    assert metadata["cost_usd"] == 0.25


def test_the_same_seeds_and_settings_give_the_same_bytes(direct, lake, house):
    seeds = list(curated(DOMAIN)[:6])
    first, _ = written(lake, house, seeds)
    second, _ = written(lake, house, seeds, generation_width=1)
    other, _ = written(lake, house, seeds, seed=5)
    assert first.files[CONVERSATIONS_FILE] == second.files[CONVERSATIONS_FILE]
    assert other.files[CONVERSATIONS_FILE] != first.files[CONVERSATIONS_FILE]


def test_progress_is_told_in_the_run_log(direct, lake, house, caplog):
    with caplog.at_level(logging.INFO, "test"):
        written(lake, house, [seed()], conversations_per_seed=100)
    assert "100 conversations made, 0 set aside." in caplog.text


@pytest.mark.slow
def test_memory_does_not_grow_with_the_seeds(direct, lake, house, monkeypatch):
    monkeypatch.setattr(store, "BATCH_ROWS", 40)
    remembered = [one for one in gc.get_objects() if isinstance(one, Remembered | type(lru_cache(int)))]

    def seeds(count: int) -> Iterator[Seed]:
        for number in range(count):
            if number % 20 == 0:
                forget(remembered)
            yield seed(seed_id=f"s{number}")

    def peak(count: int) -> int:
        tracemalloc.start()
        written(lake, house, seeds(count), conversations_per_seed=1, generation_width=8)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(320)
    assert peak(320) < 1.2 * peak(160)


def forget(remembered: list[Any]) -> None:
    """Empty what is remembered of texts: it is bounded, but fills slowly."""
    for one in remembered:
        if isinstance(one, Remembered):
            one.clear()
        elif (one.cache_parameters()["maxsize"] or 0) >= 1_000:
            one.cache_clear()


def stored_seeds(lake: Lake, seeds: list[Seed]) -> None:
    with lake.stage("seeds", DOMAIN) as stage:
        write_seeds(stage, seeds)
        stage.publish()


def test_the_asset_goes_through_the_gateway_and_its_checks_pass(house):
    lake = Lake.open(house)
    stored_seeds(lake, [one for one in curated(DOMAIN) if one.tools][:3])
    result = materialize(
        [synthetic_conversations, *CHECKS], partition_key=DOMAIN, resources={"house": House()}
    )
    assert result.success
    evaluations = result.get_asset_check_evaluations()
    assert {evaluation.check_name: evaluation.passed for evaluation in evaluations} == {
        "no_residual_pii": True,
        "conservation": True,
        "stored_bytes_hold_no_pii": True,
    }
    rows = list(from_batches(lake.require("synthetic_conversations", DOMAIN).batches(CONVERSATIONS_FILE)))
    assert len(rows) == 12
    assert any(message.tool_calls for row in rows for message in row.messages)


def test_an_identifier_that_reaches_the_stage_publishes_nothing(direct, house, monkeypatch):
    class Late(Clean):
        """Finds nothing while rows are made, and something in what was staged."""

        staged = False

        def look_ahead(self, *_texts: object, **_options: object) -> None:
            """It reads one by one."""

        def scan_conversation(self, conversation: Conversation) -> list[Finding]:
            return [Finding("EMAIL", 0, 3, 1.0, "metadata")] if self.staged else []

    def audit(batches, scanner):
        scanner.staged = True
        return residual_pii(batches, scanner)

    lake = Lake.open(house)
    stored_seeds(lake, [seed()])
    monkeypatch.setattr(House, "scanner", Late())
    monkeypatch.setattr("uncase_pipeline.synthetic.asset.residual_pii", audit)
    result = materialize(
        [synthetic_conversations], partition_key=DOMAIN, resources={"house": House()}, raise_on_error=False
    )
    assert not result.success
    assert lake.current("synthetic_conversations", DOMAIN) is None
