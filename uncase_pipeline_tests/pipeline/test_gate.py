"""An identifier that masking missed stops at the gate, on every route, and the UI says why."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from dagster import AssetKey, AssetSelection, DagsterInstance, ExecuteInProcessResult, materialize

from uncase_pipeline.anonymized.anonymizer import Anonymized, Anonymizer, Draft, Quarantined
from uncase_pipeline.definitions import ASSETS, CHECKS
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.pipeline.spill import spilled

DOMAIN = "automotive.sales"
PLANTED = "55 7312 9046"
DOWNSTREAM = ("seeds", "synthetic_conversations", "certified_conversations", "exported_datasets")


@pytest.fixture
def instance(house: Settings, tmp_path: Path) -> Iterator[DagsterInstance]:
    folder = tmp_path / "dagster"
    folder.mkdir()
    (house.inbox / DOMAIN).mkdir(parents=True)
    lines = [{"messages": turns(number)} for number in range(3)]
    (house.inbox / DOMAIN / "chats.jsonl").write_bytes(b"\n".join(map(orjson.dumps, lines)))
    with DagsterInstance.local_temp(str(folder)) as opened:
        yield opened


def turns(number: int) -> list[dict[str, str]]:
    return [
        {"role": "user", "content": f"Hola, busco una camioneta de unos ${300 + number},000."},
        {"role": "assistant", "content": "Claro, ¿de contado o a 36 meses?"},
        {"role": "user", "content": "A 36 meses, por favor. Gracias."},
        {"role": "assistant", "content": "Con gusto le preparo la cotización."},
    ]


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """An anonymizer that lets one phone number through, after all that it does itself."""
    original = Anonymizer.audited

    def audited(self: Anonymizer, draft: Draft) -> Anonymized | Quarantined:
        outcome = original(self, draft)
        if isinstance(outcome, Anonymized):
            outcome.conversation.messages[0].content += f" Mi teléfono es {PLANTED}."
        return outcome

    monkeypatch.setattr(Anonymizer, "audited", audited)


def run(instance: DagsterInstance, *assets: str) -> ExecuteInProcessResult:
    return materialize(
        [*ASSETS, *CHECKS],
        instance=instance,
        partition_key=DOMAIN,
        resources={"house": House()},
        raise_on_error=False,
        selection=AssetSelection.assets(*(assets or [asset.key for asset in ASSETS])),
    )


def test_a_missed_identifier_stops_the_run_and_nothing_downstream_is_written(
    instance: DagsterInstance, blind: None, lake: Lake
) -> None:
    result = run(instance)
    assert not result.success
    for asset in ("anonymized_conversations", *DOWNSTREAM):
        assert lake.current(asset, DOMAIN) is None, asset


def test_the_ui_shows_which_check_stopped_it_and_why_without_the_identifier(
    instance: DagsterInstance, blind: None, tmp_path: Path
) -> None:
    result = run(instance)
    (evaluation,) = [item for item in result.get_asset_check_evaluations() if not item.passed]
    assert evaluation.asset_check_key.name == "no_residual_pii"
    assert "3 of 3 conversations still hold identifiers (3 PHONE)" in (evaluation.description or "")
    failure = result.failure_data_for_node("anonymized_conversations")
    assert failure is not None
    assert "Stopped at the gate" in (failure.user_failure_data.description or "")
    assert spilled({PLANTED}, tmp_path / "dagster", tmp_path / "home", tmp_path / "lake") == []


def test_downstream_launched_alone_has_nothing_to_read(
    instance: DagsterInstance, blind: None, lake: Lake
) -> None:
    run(instance)
    for asset in DOWNSTREAM:
        assert not run(instance, asset).success, asset
        assert lake.current(asset, DOMAIN) is None, asset


def test_a_failed_run_leaves_the_last_good_version(
    instance: DagsterInstance, lake: Lake, request: pytest.FixtureRequest
) -> None:
    assert run(instance, "raw_conversations", "anonymized_conversations").success
    good = lake.require("anonymized_conversations", DOMAIN).id
    request.getfixturevalue("blind")
    assert not run(instance, "anonymized_conversations").success
    assert lake.require("anonymized_conversations", DOMAIN).id == good


def test_with_the_anonymizer_as_it_is_the_same_chain_is_published(
    instance: DagsterInstance, lake: Lake
) -> None:
    result = run(instance, "raw_conversations", "anonymized_conversations")
    assert result.success
    assert instance.get_latest_materialization_event(AssetKey("anonymized_conversations")) is not None
    assert lake.current("anonymized_conversations", DOMAIN) is not None
