"""feedback_events: what production systems said of the model's answers, where people agreed to its use."""

from collections.abc import Iterator
from typing import Any

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, MetadataValue, asset

from uncase_pipeline.feedback.store import store_feedback
from uncase_pipeline.orchestration.gate import settle
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS


@asset(partitions_def=DOMAIN_PARTITIONS, group_name="scsf", kinds={"parquet"})
def feedback_events(
    context: AssetExecutionContext, house: House
) -> Iterator[AssetCheckResult | MaterializeResult[Any]]:
    """Approved answers, corrections, preference pairs and hard cases that re-enter `raw_conversations`."""
    domain = context.partition_key
    with house.stage("feedback_events", domain) as stage:
        tally, metadata = store_feedback(house.settings, house.lake, stage, domain)
        yield from settle(stage, [], tally, {"signals": MetadataValue.json(metadata["signals"])})
