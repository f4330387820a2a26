"""raw_conversations: what the team dropped into the inbox, exactly, encrypted in the vault."""

from collections.abc import Iterator
from typing import Any

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, asset

from uncase_pipeline.orchestration.gate import settle
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.raw.store import store_inbox


@asset(partitions_def=DOMAIN_PARTITIONS, group_name="scsf", kinds={"parquet"}, deps=["feedback_events"])
def raw_conversations(
    context: AssetExecutionContext, house: House
) -> Iterator[AssetCheckResult | MaterializeResult[Any]]:
    """Conversations imported from ``inbox/<domain>/`` and from feedback, in the encrypted vault."""
    domain = context.partition_key
    with house.stage("raw_conversations", domain) as stage:
        tally, metadata = store_inbox(house.settings, house.lake, stage, domain, log=context.log)
        yield from settle(stage, [], tally, metadata)
