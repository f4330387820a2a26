"""exported_datasets: the certified rows as ten chat formats that a trainer loads in one line."""

from collections.abc import Iterator
from typing import Any

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, MetadataValue, asset

from uncase_pipeline.exported.card import truth_markdown
from uncase_pipeline.exported.publish import (
    Export,
    export_dataset,
    families_in_two_splits,
    seal_dataset,
    stored_batches,
)
from uncase_pipeline.orchestration.audit import RESIDUAL_PII, residual_pii
from uncase_pipeline.orchestration.gate import Verdict, gate_specs, settle
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.seal.lock import require_valid

NO_FAMILY_TWICE = "no_family_in_two_splits"


@asset(
    deps=["certified_conversations"],
    partitions_def=DOMAIN_PARTITIONS,
    group_name="scsf",
    kinds={"parquet"},
    check_specs=gate_specs("exported_datasets", RESIDUAL_PII, NO_FAMILY_TWICE),
)
def exported_datasets(
    context: AssetExecutionContext, house: House
) -> Iterator[AssetCheckResult | MaterializeResult[Any]]:
    """A dataset folder per domain: Parquet, JSONL, ten rendered formats, splits by subject, card."""
    domain = context.partition_key
    certified = house.lake.require("certified_conversations", domain)
    statement = require_valid(certified, house.settings)
    with house.stage("exported_datasets", domain) as stage:
        export = export_dataset(certified, statement, stage, domain, house.settings)
        files = list(stage.files())
        scan = residual_pii(stored_batches(stage, files), house.scanner)
        verdicts = [scan, _split_verdict(families_in_two_splits(stage, files))]
        seal_dataset(stage, export, house.settings, passed=all(verdict.passed for verdict in verdicts))
        yield from settle(stage, verdicts, export.tally, _metadata(export))


def _split_verdict(shared: int) -> Verdict:
    description = (
        f"{shared} families stand in more than one split: what is tested would have been seen in training."
        if shared
        else "No subject and no seed stands in more than one split."
    )
    return Verdict(NO_FAMILY_TWICE, not shared, description, {"families": shared})


def _metadata(export: Export) -> dict[str, Any]:
    return {
        "certified_version": export.source,
        "rows_per_split": MetadataValue.json(export.splits()),
        "truth": MetadataValue.md(truth_markdown(export.truth)),
    }
