"""The asset in Dagster: through its gate or not at all."""

from collections.abc import Iterator

import pytest
from dagster import DagsterInstance, ExecuteInProcessResult, materialize

from uncase_pipeline.exported.asset import exported_datasets
from uncase_pipeline.exported.checks import CHECKS
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Finding
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.exported.conftest import DOMAIN, Certify, certified_rows, row

ASSET = "exported_datasets"


class FindsWord:
    """A scanner for one word."""

    version = "double-1"

    def scan_text(self, text: str, *, language: str = "es", domain: str | None = None) -> list[Finding]:
        at = text.find("SECRET")
        return [Finding("PERSON", at, at + 6, 1.0)] if at >= 0 else []

    def look_ahead(self, *_texts: object, **_options: object) -> None:
        """It reads one by one."""

    def scan_conversation(self, conversation: Conversation) -> list[Finding]:
        return [finding for _, text in conversation.strings() for finding in self.scan_text(text)]


@pytest.fixture
def run(house: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setattr(House, "scanner", FindsWord())
    with DagsterInstance.ephemeral() as instance:

        def go() -> ExecuteInProcessResult:
            return materialize(
                [exported_datasets, *CHECKS],
                partition_key=DOMAIN,
                resources={"house": House()},
                instance=instance,
                raise_on_error=False,
            )

        yield go


def test_certified_rows_are_published_and_every_check_passes(run, lake: Lake, certify: Certify) -> None:  # type: ignore[no-untyped-def]
    certify(certified_rows(30))
    result = run()
    assert result.success
    assert {e.check_name: e.passed for e in result.get_asset_check_evaluations()} == {
        "no_residual_pii": True,
        "no_family_in_two_splits": True,
        "conservation": True,
        "stored_bytes_hold_no_pii": True,
    }
    assert lake.require(ASSET, DOMAIN).files["data/train-00000.parquet"]


@pytest.mark.parametrize("where", ["content", "argument", "tools", "rejected"])
def test_an_identifier_anywhere_in_the_dataset_stops_it_at_the_gate(  # type: ignore[no-untyped-def]
    run, lake: Lake, certify: Certify, where: str
) -> None:
    leaking = row(1)
    match where:
        case "content":
            leaking.messages[1].content = "I am SECRET"
        case "argument":
            assert leaking.messages[2].tool_calls
            leaking.messages[2].tool_calls[0].arguments["brand"] = "SECRET"
        case "tools":
            assert leaking.tools
            leaking.tools = [{**leaking.tools[0], "note": "SECRET"}]
        case _:
            leaking.metadata["feedback"] = {"rejected": "SECRET"}
    certify([row(0), leaking])
    result = run()
    assert not result.success
    assert lake.current(ASSET, DOMAIN) is None
    assert not {e.check_name: e.passed for e in result.get_asset_check_evaluations()}["no_residual_pii"]


def test_a_changed_certified_file_is_refused(run, lake: Lake, certify: Certify) -> None:  # type: ignore[no-untyped-def]
    version = certify([row(0)])
    with lake.fs.open(version.path("conversations.parquet"), "ab") as file:
        file.write(b"x")
    assert not run().success
    assert lake.current(ASSET, DOMAIN) is None
