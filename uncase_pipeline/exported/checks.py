"""What proves exported_datasets."""

from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from uncase_pipeline.exported.publish import stored_batches, stored_rows
from uncase_pipeline.orchestration.audit import residual_pii
from uncase_pipeline.orchestration.checks import conservation_check
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.orchestration.sealed import sealed_errors


@asset_check(
    asset="exported_datasets",
    name="stored_bytes_hold_no_pii",
    partitions_def=DOMAIN_PARTITIONS,
    blocking=True,
)
@sealed_errors()
def stored_bytes_hold_no_pii(context: AssetCheckExecutionContext, house: House) -> AssetCheckResult:
    """Scan the stored dataset again for identifiers."""
    version = house.lake.require("exported_datasets", context.partition_key)
    verdict = residual_pii(stored_batches(version, list(version.files)), house.scanner)
    return AssetCheckResult(
        passed=verdict.passed, description=verdict.description, metadata=dict(verdict.metadata)
    )


CHECKS = [conservation_check("exported_datasets", stored_rows), stored_bytes_hold_no_pii]
