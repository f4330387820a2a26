"""certified_conversations: synthetic rows that passed every gate, a report for each, a certificate."""

from collections.abc import Iterator
from typing import Any

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, MetadataValue, asset

from uncase_pipeline.certified.certify import ASSET, GATES, REPORT_FILE, Outcome, certify_partition
from uncase_pipeline.certified.charts import histogram_svg, markdown_image
from uncase_pipeline.orchestration.audit import RESIDUAL_PII, residual_pii
from uncase_pipeline.orchestration.gate import Verdict, gate_specs, settle
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.records.finding import Scanner


def open_scanner() -> Scanner:
    """Load the detector chain in whichever process grades rows."""
    return House().scanner


@asset(
    partitions_def=DOMAIN_PARTITIONS,
    group_name="scsf",
    kinds={"parquet"},
    deps=["synthetic_conversations", "seeds", "anonymized_conversations", "raw_conversations"],
    check_specs=gate_specs(ASSET, *GATES, RESIDUAL_PII),
)
def certified_conversations(
    context: AssetExecutionContext, house: House
) -> Iterator[AssetCheckResult | MaterializeResult[Any]]:
    """Synthetic conversations that passed every metric, with their certificate."""
    domain = context.partition_key
    with house.stage(ASSET, domain) as stage:
        outcome = certify_partition(
            house.lake,
            stage,
            domain,
            house.settings,
            open_scanner=open_scanner,
            log=context.log,
            run_id=context.run.run_id,
        )
        verdicts = [Verdict(ruling.name, ruling.passed, ruling.description) for ruling in outcome.rulings]
        residual = residual_pii(stage.batches("conversations.parquet"), house.scanner)
        yield from settle(stage, [*verdicts, residual], outcome.tally, _shown(outcome), links=[REPORT_FILE])


def _shown(outcome: Outcome) -> dict[str, Any]:
    """Return what the UI plots and draws of a partition."""
    tally, census = outcome.tally, outcome.census
    deciders = "\n".join(f"| {name} | {count} |" for name, count in census.deciders.most_common())
    return {
        "pass_rate": tally.rows_out / tally.rows_in if tally.rows_in else 0.0,
        "q_histogram": MetadataValue.md(markdown_image(histogram_svg(census.q, None, "Q of all rows"))),
        "decided_by": MetadataValue.md(f"| metric | rows |\n|---|---|\n{deciders}"),
    }
