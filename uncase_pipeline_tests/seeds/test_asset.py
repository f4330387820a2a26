"""The asset, with a real lake: it publishes, it stops, and its checks tell."""

from collections.abc import Iterator
from typing import Any

import pytest
from dagster import ExecuteInProcessResult, materialize

from uncase_pipeline.orchestration.house import House
from uncase_pipeline.records.arrow import CONVERSATIONS, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.records.seed_rows import read_seeds, write_seeds
from uncase_pipeline.seeds import asset as asset_file
from uncase_pipeline.seeds.asset import seeds
from uncase_pipeline.seeds.audit import AUDITS, Judgement
from uncase_pipeline.seeds.build import Ledger
from uncase_pipeline.seeds.checks import CHECKS
from uncase_pipeline.seeds.library import curated
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.seeds.doubles import WordScanner

DOMAIN = "automotive.sales"


@pytest.fixture(autouse=True)
def word_scanner(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(House, "scanner", WordScanner())
    yield


def publish(lake: Lake, conversations: list[Conversation]) -> None:
    with lake.stage("anonymized_conversations", DOMAIN) as stage:
        with stage.writer("conversations.parquet", CONVERSATIONS) as writer:
            for batch in to_batches(conversations):
                writer.write_batch(batch)
        stage.publish()


def talks(count: int) -> list[Conversation]:
    return [
        conversation(
            "u: Hola, busco un auto",
            f"a: Cuesta ${300_000 + 90_000 * number:,}",
            "u: De acuerdo",
            subject_id=f"subject-{number}",
        )
        for number in range(count)
    ]


def run(*, raise_on_error: bool = True) -> ExecuteInProcessResult:
    return materialize(
        [seeds, *CHECKS], partition_key=DOMAIN, resources={"house": House()}, raise_on_error=raise_on_error
    )


def metadata(result: ExecuteInProcessResult) -> dict[str, Any]:
    (event,) = result.get_asset_materialization_events()
    return {name: value.value for name, value in event.materialization.metadata.items()}


def test_seeds_are_published_with_their_books_and_checks(lake: Lake) -> None:
    publish(lake, talks(12))
    result = run()
    stored = list(read_seeds(lake.require("seeds", DOMAIN)))
    shown = metadata(result)
    assert {evaluation.passed for evaluation in result.get_asset_check_evaluations()} == {True}
    assert len(stored) == shown["dagster/row_count"] == shown["extracted"] + shown["curated"]
    assert shown["curated"] == 20
    assert shown["rows_in"] == shown["dagster/row_count"] + shown["rejected"] == 32
    assert shown["units"] == len({subject for seed in stored for subject in seed.subject_ids})


def test_the_same_source_gives_the_same_version(lake: Lake) -> None:
    publish(lake, talks(5))
    run()
    first = lake.require("seeds", DOMAIN).id
    run()
    assert lake.require("seeds", DOMAIN).id == first


def test_the_number_of_curated_seeds_is_a_setting(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, house: object
) -> None:
    from uncase_pipeline.settings import settings

    monkeypatch.setenv("UNCASE_SEED_LIBRARY", "0")
    settings.cache_clear()
    publish(lake, talks(3))
    assert metadata(run())["curated"] == 0


def test_nothing_is_published_where_the_stored_seeds_break_a_rule(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaking = curated(DOMAIN)[0].model_copy(update={"objective": "Llamar a Xóchitl"})

    def careless(*_: object) -> Iterator[Seed]:
        yield leaking

    publish(lake, talks(3))
    monkeypatch.setattr(asset_file, "make_seeds", careless)
    result = run(raise_on_error=False)
    assert not result.success
    assert lake.current("seeds", DOMAIN) is None
    verdicts = {one.check_name: one.passed for one in result.get_asset_check_evaluations()}
    assert verdicts["no_identifier_in_seeds"] is False


def test_the_check_sees_what_came_past_the_gate(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(_source: object, _library: object, _terms: object, ledger: Ledger) -> Iterator[Seed]:
        ledger.tally.rows_in = 1
        yield curated(DOMAIN)[0].model_copy(update={"objective": "Llamar a Xóchitl"})

    publish(lake, talks(2))
    monkeypatch.setattr(asset_file, "make_seeds", careless)
    monkeypatch.setattr(
        asset_file, "audit_seeds", lambda *_: [Judgement(name, True, "", {}) for name in AUDITS]
    )
    verdicts = {one.check_name: one.passed for one in run(raise_on_error=False).get_asset_check_evaluations()}
    assert verdicts["no_identifier_in_seeds"] is True
    assert verdicts["stored_seeds_keep_the_rules"] is False
    assert verdicts["conservation"] is True


def test_seeds_survive_storage(lake: Lake) -> None:
    written = [
        *curated(DOMAIN),
        curated(DOMAIN)[0].model_copy(update={"facts": {"a": 1, "b": True, "c": "x", "d": 2.5}}),
    ]
    with lake.stage("seeds", DOMAIN) as stage:
        assert write_seeds(stage, iter(written)) == len(written)
        assert list(read_seeds(stage)) == written
        version = stage.publish()
    assert list(read_seeds(version)) == written
