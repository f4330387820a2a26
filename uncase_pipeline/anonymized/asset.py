"""anonymized_conversations: the raw conversations without direct identifiers, or in quarantine."""

from collections.abc import Iterator
from typing import Any

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, asset

from uncase_pipeline.anonymized.publish import FILE, mask_partition
from uncase_pipeline.anonymized.shown import shown
from uncase_pipeline.orchestration.audit import RESIDUAL_PII, residual_pii
from uncase_pipeline.orchestration.gate import gate_specs, settle
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS

ASSET = "anonymized_conversations"


@asset(
    partitions_def=DOMAIN_PARTITIONS,
    group_name="scsf",
    kinds={"parquet"},
    deps=["raw_conversations"],
    check_specs=gate_specs(ASSET, RESIDUAL_PII),
)
def anonymized_conversations(
    context: AssetExecutionContext, house: House
) -> Iterator[AssetCheckResult | MaterializeResult[Any]]:
    """Conversations in which every direct identifier is a numbered token; the unsure ones in quarantine."""
    domain = context.partition_key
    with house.stage(ASSET, domain) as stage:
        masking = mask_partition(house.settings, house.lake, stage, domain)
        verdict = residual_pii(stage.batches(FILE), house.scanner)
        yield from settle(stage, [verdict], masking.tally, shown(masking))
