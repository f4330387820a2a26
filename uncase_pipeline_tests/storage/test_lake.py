"""A version is published whole or not at all, and the last good one stays."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import SET_ASIDE_FILE, Books, read_tally
from uncase_pipeline.storage.lake import Lake, Stage
from uncase_pipeline.storage.vault import Vault

ASSET, DOMAIN = "some_asset", "automotive.sales"
SCHEMA = pa.schema([("text", pa.string())])


def write(stage: Stage, *texts: str, name: str = "rows.parquet") -> None:
    with stage.writer(name, SCHEMA) as writer:
        writer.write_batch(pa.RecordBatch.from_pylist([{"text": text} for text in texts], SCHEMA))


def publish(lake: Lake, *texts: str, name: str = "rows.parquet") -> str:
    with lake.stage(ASSET, DOMAIN) as stage:
        write(stage, *texts, name=name)
        return stage.publish().id


def stored(lake: Lake, name: str = "rows.parquet") -> list[str]:
    version = lake.require(ASSET, DOMAIN)
    return [text for batch in version.batches(name) for text in batch.column("text").to_pylist()]


def test_what_was_published_is_read_back(lake: Lake) -> None:
    publish(lake, "a", "b")
    assert stored(lake) == ["a", "b"]


def test_nothing_published_names_the_asset_to_materialize(lake: Lake) -> None:
    assert lake.current(ASSET, DOMAIN) is None
    with pytest.raises(UncaseError, match="dagster asset materialize --select some_asset"):
        lake.require(ASSET, DOMAIN)


def test_an_error_before_publishing_leaves_the_last_good_version_and_no_trace(
    lake: Lake, tmp_path: Path
) -> None:
    publish(lake, "good")
    with pytest.raises(RuntimeError), lake.stage(ASSET, DOMAIN) as stage:
        write(stage, "half")
        raise RuntimeError
    assert stored(lake) == ["good"]
    assert not list((tmp_path / "lake").rglob(".staging-*"))


def test_a_stage_that_is_left_without_publishing_changes_nothing(lake: Lake) -> None:
    publish(lake, "good")
    with lake.stage(ASSET, DOMAIN) as stage:
        write(stage, "not approved")
    assert stored(lake) == ["good"]


def test_same_content_gives_the_same_version(lake: Lake) -> None:
    first = publish(lake, "a")
    assert publish(lake, "b") != first
    assert publish(lake, "a") == first
    assert stored(lake) == ["a"]


def test_old_versions_are_dropped_and_the_current_one_never(house: Settings) -> None:
    lake = Lake(house.lake, Vault.open(house), keep_versions=2)
    for text in "abcd":
        publish(lake, text)
    home = Path(house.lake) / ASSET / DOMAIN / "versions"
    assert len(list(home.iterdir())) == 2
    assert stored(lake) == ["d"]


def test_a_changed_byte_is_seen(lake: Lake) -> None:
    publish(lake, "a")
    version = lake.require(ASSET, DOMAIN)
    assert version.changed_files() == []
    path = Path(version.path("rows.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert version.changed_files() == ["rows.parquet"]


def test_a_vault_file_holds_no_plain_text_and_opens_with_its_key_only(lake: Lake, house: Settings) -> None:
    publish(lake, "Ximena Robledo", name="rows.vault.parquet")
    path = Path(lake.require(ASSET, DOMAIN).path("rows.vault.parquet"))
    assert b"Ximena" not in path.read_bytes()
    assert stored(lake, "rows.vault.parquet") == ["Ximena Robledo"]
    stranger = Lake(house.lake, Vault(bytes(32)))
    with pytest.raises(UncaseError, match="does not open this file"):
        stored(stranger, "rows.vault.parquet")


def test_without_the_vault_the_same_text_would_be_readable(lake: Lake) -> None:
    publish(lake, "Ximena Robledo")
    assert b"Ximena" in Path(lake.require(ASSET, DOMAIN).path("rows.parquet")).read_bytes()


def _hold(house: Settings, ready: Callable[[], None], wait: Callable[[], None]) -> None:
    with Lake.open(house).stage(ASSET, DOMAIN):
        ready()
        wait()


def test_a_second_run_of_a_partition_is_told_so_and_a_killed_one_blocks_nobody(
    lake: Lake, house: Settings
) -> None:
    process = multiprocessing.get_context("fork")
    ready, never = process.Event(), process.Event()
    other = process.Process(target=_hold, args=(house, ready.set, never.wait))
    other.start()
    assert ready.wait(30)
    with (
        pytest.raises(UncaseError, match="Another run is writing some_asset"),
        lake.stage(ASSET, DOMAIN),
    ):
        pass
    other.kill()
    other.join()
    publish(lake, "after the kill")
    assert stored(lake) == ["after the kill"]
    assert not list(Path(house.lake).rglob(".staging-*"))


def test_the_books_balance_and_read_back(lake: Lake) -> None:
    with lake.stage(ASSET, DOMAIN) as stage:
        with Books.kept(stage) as books:
            books.tally.rows_in, books.tally.rows_out = 5, 1
            books.set_aside(Rejection("bad-json", "file_1:3"))
            books.set_aside(Rejection("no-language", "conv_2", "quarantined", rows=3))
        stage.publish()
    version = lake.require(ASSET, DOMAIN)
    tally = read_tally(version)
    assert tally.balances
    assert (tally.rejected, tally.quarantined) == ({"bad-json": 1}, {"no-language": 3})
    assert sum(batch.num_rows for batch in version.batches(SET_ASIDE_FILE)) == 2


def test_a_lost_row_unbalances_the_books() -> None:
    assert not Tally(rows_in=3, rows_out=2).balances


def test_an_object_store_serves_as_well(house: Settings) -> None:
    lake = Lake("memory://bucket/lake", Vault.open(house))
    publish(lake, "a")
    publish(lake, "b", name="rows.vault.parquet")
    assert stored(lake, "rows.vault.parquet") == ["b"]


def test_the_key_file_is_made_once_and_for_its_owner_only(keyless_house: Settings) -> None:
    first = Vault.open(keyless_house).fingerprint
    path = keyless_house.home / "vault.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert Vault.open(keyless_house).fingerprint == first


def test_a_lost_key_file_stops_the_start_instead_of_making_a_new_key(keyless_house: Settings) -> None:
    Vault.open(keyless_house)
    (keyless_house.home / "vault.key").unlink()
    with pytest.raises(UncaseError, match="Restore it from your backup"):
        Vault.open(keyless_house)
