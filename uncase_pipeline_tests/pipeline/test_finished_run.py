"""What a successful run leaves: assets published, checks passed, every row accounted for, nothing raw."""

from pathlib import Path

from dagster import AssetKey

from uncase_pipeline.cli.status import ASSETS
from uncase_pipeline.storage.books import read_tally
from uncase_pipeline_tests.pipeline.conftest import DOMAIN, ROOT, Run
from uncase_pipeline_tests.pipeline.spill import identifiers_of, spilled

DATA_ASSETS = [asset for asset in ASSETS if asset != "lora_adapter"]


def test_every_asset_is_published_and_its_books_balance(finished: Run) -> None:
    for asset in DATA_ASSETS:
        tally = read_tally(finished.lake.require(asset, DOMAIN))
        assert tally.balances, asset
        assert tally.rows_out > 0, asset


def test_every_check_ran_and_passed(finished: Run) -> None:
    from uncase_pipeline.definitions import defs

    declared = defs.get_repository_def().asset_graph.asset_check_keys
    with finished.instance() as instance:
        latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(declared))
    assert set(latest) == set(declared)
    failed = [str(key) for key, record in latest.items() if record.status.value != "SUCCEEDED"]
    assert failed == []


def test_a_second_run_over_the_same_inbox_publishes_the_same_bytes(finished: Run) -> None:
    from uncase_pipeline_tests.pipeline.conftest import uncase

    assets = ("raw_conversations", "anonymized_conversations", "seeds", "synthetic_conversations")
    before = {asset: finished.lake.require(asset, DOMAIN).id for asset in assets}
    again = uncase(finished.root, "run", DOMAIN, "--no-train")
    assert again.returncode == 0, again.output
    assert {asset: finished.lake.require(asset, DOMAIN).id for asset in assets} == before


def test_no_raw_identifier_is_anywhere_outside_the_vault(finished: Run) -> None:
    identifiers = identifiers_of(ROOT / "examples" / "inbox" / DOMAIN)
    assert len(identifiers) > 20
    assert spilled(identifiers, finished.root) == []


def test_the_search_would_see_an_identifier_in_a_compressed_column(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"text": ["llame al 55 1234 5678"]})
    pq.write_table(table, tmp_path / "leak.parquet", compression="zstd")
    assert spilled({"55 1234 5678"}, tmp_path) == [("leak.parquet", "55 1234 5678")]


def test_the_materializations_say_where_the_rows_went(finished: Run) -> None:
    with finished.instance() as instance:
        event = instance.get_latest_materialization_event(AssetKey("anonymized_conversations"))
    assert event is not None
    assert event.asset_materialization is not None
    shown = event.asset_materialization.metadata
    assert {"dagster/row_count", "rows_in", "rejected", "quarantined", "version"} <= set(shown)
