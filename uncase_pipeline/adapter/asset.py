"""lora_adapter: trained with privacy in a process of its own, attacked, and published only if it may be."""

import sys
from collections.abc import Iterator
from typing import Any

from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    AssetKey,
    AssetSelection,
    AutomationCondition,
    Config,
    MaterializeResult,
    PipesSubprocessClient,
    asset,
)
from dagster._core.errors import DagsterPipesExecutionError
from pydantic import Field

from uncase_pipeline.adapter.audits import keep_audit
from uncase_pipeline.adapter.contract import TrainingJob, TrainingResult
from uncase_pipeline.adapter.job import make_job
from uncase_pipeline.adapter.launch import (
    ASSET,
    adapter_settings,
    child_environment,
    clean_up,
    explain_failure,
    read_result,
    register_adapter,
    restage,
    same_adapter,
    seal_adapter,
    stage_adapter,
    under_compliance,
)
from uncase_pipeline.adapter.ledger import Ledger
from uncase_pipeline.adapter.shown import metadata_of
from uncase_pipeline.adapter.start import starting_point
from uncase_pipeline.adapter.verdicts import GATES, verdicts_of
from uncase_pipeline.orchestration.gate import gate_specs, settle
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.seal.lock import require_valid
from uncase_pipeline.storage.books import read_tally

EXPORTED = AssetKey("exported_datasets")
ALSO_READ = [AssetKey(name) for name in ("anonymized_conversations", "seeds", "certified_conversations")]
"""To measure on the control group, to learn from feedback, for the compliance profiles. None starts training: what is
exported is made from them, and comes after them."""


class TrainingChoices(Config):
    """What one run chooses, over the settings of the house: the fields of ``AdapterSettings``."""

    overrides: dict[str, Any] = Field(default_factory=dict)


@asset(
    partitions_def=DOMAIN_PARTITIONS,
    group_name="scsf",
    kinds={"pytorch", "huggingface"},
    deps=[EXPORTED, *ALSO_READ],
    check_specs=gate_specs(ASSET, *GATES),
    pool="gpu",
    automation_condition=AutomationCondition.eager().ignore(AssetSelection.assets(*ALSO_READ))
    & AutomationCondition.all_deps_blocking_checks_passed(),
)
def lora_adapter(
    context: AssetExecutionContext, config: TrainingChoices, house: House, training: PipesSubprocessClient
) -> Iterator[AssetCheckResult | MaterializeResult[Any]]:
    """A LoRA adapter with its privacy statement, memorization audit and model card."""
    domain = context.partition_key
    with house.stage(ASSET, domain) as stage:
        dataset = house.lake.require("exported_datasets", domain)
        require_valid(dataset, house.settings)
        wished = adapter_settings(house.settings, config.overrides)
        chosen = under_compliance(house.lake, house.settings, domain, wished)
        start = starting_point(house.lake, house.settings, domain, chosen)
        job = make_job(
            house.lake, house.settings, dataset, domain, chosen, scanner=lambda: house.scanner, start=start
        )
        published = same_adapter(house.lake, job)
        result = restage(stage, published) if published else train_apart(context, training, job)
        verdicts = verdicts_of(result, chosen)
        tally = read_tally(published) if published else stage_adapter(stage, job, result)
        if not published:
            seal_adapter(stage, result, house.settings, passed=all(verdict.passed for verdict in verdicts))
        keep_audit(house.settings, job, result)
        bookings, cap = Ledger(job.ledger).entries(), chosen.privacy.epsilon_cap
        shown = metadata_of(result, bookings, cap, reused=published is not None)
        yield from settle(stage, verdicts, tally, shown)
        register_adapter(house.lake, job, result)
        clean_up(job)


def train_apart(
    context: AssetExecutionContext, training: PipesSubprocessClient, job: TrainingJob
) -> TrainingResult:
    """Run the training process; what it reports appears in the run's log as it happens."""
    try:
        training.run(
            context=context,
            command=[sys.executable, "-m", "uncase_pipeline.adapter.child"],
            extras=job.model_dump(mode="json"),
            env=child_environment(job.settings),
        )
    except DagsterPipesExecutionError as error:
        raise explain_failure(job.work, str(error)) from None
    return read_result(job.work)
