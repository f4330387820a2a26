"""Checks that run after a materialization and read the stored bytes again: evidence, not the gate."""

from collections.abc import Callable

from dagster import AssetCheckExecutionContext, AssetCheckResult, AssetChecksDefinition, asset_check

from uncase_pipeline.orchestration.audit import residual_pii
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.orchestration.sealed import sealed_errors
from uncase_pipeline.storage.books import SET_ASIDE_FILE, read_tally
from uncase_pipeline.storage.lake import Version

CountRows = Callable[[Version], int]


def rows_of(name: str) -> CountRows:
    """Return a function that counts the stored rows of a Parquet file, without its columns' content."""

    def count(version: Version) -> int:
        return sum(batch.num_rows for batch in version.batches(name))

    return count


def conservation_check(asset: str, stored_rows: CountRows) -> AssetChecksDefinition:
    """Recount from the stored bytes: in = out + rejected + quarantined, and both sides are really there."""

    @asset_check(asset=asset, name="conservation", partitions_def=DOMAIN_PARTITIONS)
    def conservation(context: AssetCheckExecutionContext, house: House) -> AssetCheckResult:
        with sealed_errors():
            version = house.lake.require(asset, context.partition_key)
            tally = read_tally(version)
            out = stored_rows(version)
            aside = sum(sum(batch.column("rows").to_pylist()) for batch in version.batches(SET_ASIDE_FILE))
        booked_aside = tally.rejected.total() + tally.quarantined.total()
        return AssetCheckResult(
            passed=tally.balances and out == tally.rows_out and aside == booked_aside,
            description=f"{tally.rows_in} in; {out} stored and {aside} set aside.",
            metadata={"rows_in": tally.rows_in, "rows_stored": out, "rows_set_aside": aside},
        )

    return conservation


def rescan_check(asset: str, file: str) -> AssetChecksDefinition:
    """Scan the stored conversations of an asset again for identifiers."""

    @asset_check(
        asset=asset, name="stored_bytes_hold_no_pii", partitions_def=DOMAIN_PARTITIONS, blocking=True
    )
    def stored_bytes_hold_no_pii(context: AssetCheckExecutionContext, house: House) -> AssetCheckResult:
        with sealed_errors():
            version = house.lake.require(asset, context.partition_key)
            verdict = residual_pii(version.batches(file), house.scanner)
        return AssetCheckResult(
            passed=verdict.passed, description=verdict.description, metadata=dict(verdict.metadata)
        )

    return stored_bytes_hold_no_pii
