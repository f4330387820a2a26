"""Checks of a published adapter, out of its stored bytes: the books, and the bytes themselves."""

from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from uncase_pipeline.adapter.job import RESULT_FILE
from uncase_pipeline.adapter.launch import ASSET
from uncase_pipeline.orchestration.checks import conservation_check
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.orchestration.sealed import sealed_errors
from uncase_pipeline.storage.lake import Version


def _rows_learned(version: Version) -> int:
    stored = version.json(RESULT_FILE)
    return int(stored["rows_in"]) - len(stored["rows_left_out"])


@asset_check(asset=ASSET, partitions_def=DOMAIN_PARTITIONS, blocking=True)
@sealed_errors()
def stored_adapter_is_unchanged(context: AssetCheckExecutionContext, house: House) -> AssetCheckResult:
    """Hash every file of the adapter again."""
    version = house.lake.require(ASSET, context.partition_key)
    changed = version.changed_files()
    return AssetCheckResult(
        passed=not changed,
        description=f"Changed after publishing: {', '.join(changed)}."
        if changed
        else "Every byte is as published.",
        metadata={"files": len(version.files)},
    )


CHECKS = [conservation_check(ASSET, _rows_learned), stored_adapter_is_unchanged]
