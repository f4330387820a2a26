"""Evidence about stored seeds: books are recounted, and every rule is applied to the stored bytes again."""

from collections.abc import Iterator
from functools import partial

from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from uncase_pipeline.orchestration.checks import conservation_check, rows_of
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.orchestration.sealed import sealed_errors
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.seed_rows import SEEDS_FILE, read_seeds
from uncase_pipeline.seeds.audit import audit_seeds
from uncase_pipeline.seeds.build import Terms


@asset_check(
    asset="seeds", name="stored_seeds_keep_the_rules", partitions_def=DOMAIN_PARTITIONS, blocking=True
)
@sealed_errors()
def stored_seeds_keep_the_rules(context: AssetCheckExecutionContext, house: House) -> AssetCheckResult:
    """Read the stored seeds again, beside the current anonymized conversations."""
    domain = context.partition_key
    anonymized = house.lake.require("anonymized_conversations", domain)
    stored = house.lake.require("seeds", domain)

    def source() -> Iterator[Conversation]:
        return from_batches(anonymized.batches("conversations.parquet"))

    terms = Terms(house.scanner, house.settings.seed_min_support)
    verdicts = audit_seeds(partial(read_seeds, stored), source, terms)
    return AssetCheckResult(
        passed=all(verdict.passed for verdict in verdicts),
        description=" ".join(verdict.description for verdict in verdicts),
        metadata={verdict.name: verdict.metadata["broken"] for verdict in verdicts},
    )


CHECKS = [conservation_check("seeds", rows_of(SEEDS_FILE)), stored_seeds_keep_the_rules]
