import logging
from pathlib import Path

import pyarrow.parquet as pq

from uncase_pipeline.certified.certify import Outcome, certify_partition
from uncase_pipeline.records.arrow import CONVERSATIONS, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.records.seed_rows import write_seeds
from uncase_pipeline.seal.lock import require_valid
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.certified.doubles import PatternScanner
from uncase_pipeline_tests.certified.examples import dialogue, seed_of

DOMAIN = "automotive.sales"


def store(lake: Lake, asset: str, rows: list[Conversation], file: str = "conversations.parquet") -> None:
    with lake.stage(asset, DOMAIN) as stage:
        with Books.kept(stage), stage.writer(file, CONVERSATIONS) as writer:
            for batch in to_batches(rows):
                writer.write_batch(batch)
        stage.publish()


def store_inputs(lake: Lake, rows: list[Conversation], seeds: list[Seed]) -> None:
    source = [
        conversation("u: Oiga, ¿todavía tienen llantas para tractor?", "a: Nos quedan cuatro en bodega.")
    ]
    store(lake, "raw_conversations", source, "conversations.vault.parquet")
    store(lake, "anonymized_conversations", source)
    store(lake, "synthetic_conversations", rows)
    with lake.stage("seeds", DOMAIN) as stage:
        write_seeds(stage, seeds)
        stage.publish()


def certify(lake: Lake, settings: Settings, rows: list[Conversation], seeds: list[Seed]) -> Outcome:
    store_inputs(lake, rows, seeds)
    with lake.stage("certified_conversations", DOMAIN) as stage:
        outcome = certify_partition(
            lake, stage, DOMAIN, settings, open_scanner=PatternScanner, log=logging.getLogger("test")
        )
        if all(ruling.passed for ruling in outcome.rulings):
            stage.publish()
    return outcome


def test_rows_that_pass_are_sealed_and_every_row_has_a_report(lake: Lake, house: Settings) -> None:
    good, bad = dialogue(250_000, seed_id="s1"), dialogue(990_000, seed_id="s1")
    outcome = certify(lake, house, [good, bad], [seed_of(good)])
    version = lake.require("certified_conversations", DOMAIN)
    reports = pq.read_table(Path(version.path("reports.parquet"))).to_pylist()
    assert [(r["conversation_id"], r["passed"]) for r in reports] == [
        (good.conversation_id, True),
        (bad.conversation_id, False),
    ]
    assert reports[1]["reasons"] == ["fidelity", "claims-contradicted"]
    assert require_valid(version, house).predicate["rows"]["count"] == outcome.tally.rows_out == 1
    assert outcome.tally.balances


def test_when_nothing_passes_nothing_goes_on_and_the_run_says_why(lake: Lake, house: Settings) -> None:
    bad = dialogue(990_000, seed_id="s1")
    outcome = certify(lake, house, [bad], [seed_of(bad)])
    assert lake.current("certified_conversations", DOMAIN) is None
    assert [ruling.passed for ruling in outcome.rulings] == [False, True, True]
    assert "1 fidelity" in outcome.rulings[0].description


def test_a_hundred_identical_copies_leave_one(lake: Lake, house: Settings) -> None:
    row = dialogue(250_000, seed_id="s1")
    outcome = certify(lake, house, [row] * 100, [seed_of(row)])
    assert outcome.tally.rows_out == 1
    assert outcome.tally.rejected == {"near-duplicate": 99}


def test_a_row_is_joined_to_its_seed_by_key_and_never_by_position(lake: Lake, house: Settings) -> None:
    one, other = dialogue(250_000, seed_id="s2"), dialogue(260_000, seed_id="nobody")
    outcome = certify(lake, house, [other, one], [seed_of(one, "s1"), seed_of(one, "s2")])
    assert outcome.tally.rejected == {"no-seed": 1}
