"""synthetic_conversations: new conversations along the plans of the seeds, each naming its seed."""

from collections.abc import Iterator
from typing import Any

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, asset

from uncase_pipeline.orchestration.audit import RESIDUAL_PII, residual_pii
from uncase_pipeline.orchestration.gate import gate_specs, settle
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.records.seed_rows import read_seeds
from uncase_pipeline.synthetic.store import CONVERSATIONS_FILE, write_synthetic


@asset(
    partitions_def=DOMAIN_PARTITIONS,
    deps=["seeds"],
    group_name="scsf",
    kinds={"parquet"},
    check_specs=gate_specs("synthetic_conversations", RESIDUAL_PII),
)
def synthetic_conversations(
    context: AssetExecutionContext, house: House
) -> Iterator[AssetCheckResult | MaterializeResult[Any]]:
    """Conversations that a model, or the embedded simulator, writes from the seeds; tools are simulated."""
    domain = context.partition_key
    seeds = read_seeds(house.lake.require("seeds", domain))
    with house.stage("synthetic_conversations", domain) as stage:
        tally, metadata = write_synthetic(
            seeds,
            stage,
            house.settings,
            house.scanner,
            log=context.log,
            run_id=context.run.run_id,
            judge=house.judge,
        )
        verdict = residual_pii(stage.batches(CONVERSATIONS_FILE), house.scanner)
        yield from settle(stage, [verdict], tally, metadata)
