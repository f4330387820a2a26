"""A check that chokes on what it reads shows none of it."""

from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, MaterializeResult, asset, materialize

from uncase_pipeline.orchestration.checks import rescan_check
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.records.arrow import CONVERSATIONS, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.builders import conversation

DOMAIN = "automotive.sales"
SECRET = "Ximena Robledo 5512345678"


class Choking:
    """A scanner whose error quotes what it was given."""

    version = "choking"

    def look_ahead(self, *_texts: object, **_options: object) -> None:
        """It reads one by one."""

    def scan_conversation(self, row: Conversation) -> Any:
        raise ValueError(row.messages[0].content)


def test_an_error_of_a_rescan_keeps_its_content_out_of_the_event_log(
    house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asset(partitions_def=DOMAIN_PARTITIONS)
    def stored(house: House) -> MaterializeResult:
        with house.stage("stored", DOMAIN) as stage:
            with stage.writer("rows.vault.parquet", CONVERSATIONS) as writer:
                for batch in to_batches([conversation(f"u: {SECRET}")]):
                    writer.write_batch(batch)
            stage.publish()
        return MaterializeResult()

    monkeypatch.setattr(House, "scanner", Choking())
    home = tmp_path / "dagster"
    home.mkdir()
    with DagsterInstance.local_temp(str(home)) as instance:
        result = materialize(
            [stored, rescan_check("stored", "rows.vault.parquet")],
            instance=instance,
            partition_key=DOMAIN,
            resources={"house": House()},
            raise_on_error=False,
        )
    assert not result.success
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
