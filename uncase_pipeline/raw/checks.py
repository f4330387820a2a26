"""Evidence for raw_conversations: the books balance, and no conversation lacks an answer unnoticed."""

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    asset_check,
)

from uncase_pipeline.orchestration.checks import conservation_check, rows_of
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.orchestration.sealed import sealed_errors
from uncase_pipeline.raw.store import ASSET, FILE, without_answer


def _answers_check() -> AssetChecksDefinition:
    @asset_check(asset=ASSET, name="every_conversation_has_an_answer", partitions_def=DOMAIN_PARTITIONS)
    @sealed_errors()
    def every_conversation_has_an_answer(
        context: AssetCheckExecutionContext, house: House
    ) -> AssetCheckResult:
        version = house.lake.require(ASSET, context.partition_key)
        rows, silent = without_answer(version)
        return AssetCheckResult(
            passed=not silent,
            severity=AssetCheckSeverity.WARN,
            description=f"{silent} of {rows} conversations hold no turn of the assistant; "
            "name the business in UNCASE_ASSISTANT_NAMES if roles were taken for each other.",
            metadata={"rows": rows, "without_assistant": silent},
        )

    return every_conversation_has_an_answer


CHECKS = [conservation_check(ASSET, rows_of(FILE)), _answers_check()]
