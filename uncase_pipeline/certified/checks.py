"""Checks of certified_conversations: the stored bytes are read again and held against the certificate."""

from dagster import AssetCheckExecutionContext, AssetCheckResult, AssetChecksDefinition, asset_check

from uncase_pipeline.certified.certify import ASSET
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.orchestration.checks import conservation_check, rescan_check, rows_of
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.orchestration.sealed import sealed_errors
from uncase_pipeline.seal.lock import require_valid
from uncase_pipeline.seal.rows import count_rows, leaves_of_batches
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Version


@asset_check(asset=ASSET, name="certificate_holds", partitions_def=DOMAIN_PARTITIONS, blocking=True)
@sealed_errors()
def certificate_holds(context: AssetCheckExecutionContext, house: House) -> AssetCheckResult:
    """Open the seal, and compute the Merkle root of the stored rows again."""
    return seal_result(house.lake.require(ASSET, context.partition_key), house.settings)


def seal_result(version: Version, settings: Settings) -> AssetCheckResult:
    """Say whether the bytes of a version are those that its certificate was signed for."""
    try:
        statement = require_valid(version, settings)
    except UncaseError as error:
        return AssetCheckResult(passed=False, description=f"{error.message} {error.remedy}")
    found = count_rows(leaves_of_batches(version.batches("conversations.parquet")))
    return AssetCheckResult(
        passed=found.document() == statement.predicate["rows"],
        description=f"{found.count} rows under root {found.root[:16]}.",
        metadata={"rows": found.count, "root": found.root},
    )


CHECKS: list[AssetChecksDefinition] = [
    conservation_check(ASSET, rows_of("conversations.parquet")),
    rescan_check(ASSET, "conversations.parquet"),
    certificate_holds,
]
