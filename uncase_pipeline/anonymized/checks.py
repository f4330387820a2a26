"""Evidence about stored masked conversations: books recounted, bytes scanned again, recall measured."""

from dagster import AssetCheckExecutionContext, AssetCheckResult, AssetCheckSeverity, asset_check

from uncase_pipeline.anonymized.meter import LOWER_BOUND, falls_short, measure
from uncase_pipeline.anonymized.publish import FILE, RAW_FILE
from uncase_pipeline.anonymized.shown import recall_table
from uncase_pipeline.anonymized.work import Task, anonymizer_for
from uncase_pipeline.orchestration.checks import conservation_check, rescan_check, rows_of
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.orchestration.sealed import sealed_errors
from uncase_pipeline.records.arrow import from_batches

ASSET = "anonymized_conversations"


@asset_check(asset=ASSET, name="recall_meter", partitions_def=DOMAIN_PARTITIONS)
@sealed_errors()
def recall_meter(context: AssetCheckExecutionContext, house: House) -> AssetCheckResult:
    """Plant invented people into shadow copies of the raw conversations and count those that are masked."""
    raw = house.lake.require("raw_conversations", context.partition_key)
    anonymizer = anonymizer_for(Task.of(house.settings, lambda: house.lake.vault))
    recalls = measure(from_batches(raw.batches(RAW_FILE)), anonymizer, seed=house.settings.seed)
    short = falls_short(recalls)
    named = ", ".join(f"{recall.entity} ({recall.language})" for recall in short)
    return AssetCheckResult(
        passed=bool(recalls) and not short,
        severity=AssetCheckSeverity.ERROR,
        description=f"Too many planted identifiers were missed: {named}."
        if short
        else f"{sum(recall.planted for recall in recalls)} planted; every type's recall is above {LOWER_BOUND}."
        if recalls
        else "No conversation in a supported language to plant into: nothing is known of the recall.",
        metadata=recall_table(recalls),
    )


CHECKS = [conservation_check(ASSET, rows_of(FILE)), rescan_check(ASSET, FILE), recall_meter]
