"""The training code location: the adapter, with an executor of its own. Gathers, and imports no heavy library.

It is separate so that its executor also governs runs that automation and the UI launch, and so that it can live
on a GPU host of its own. Torch is loaded by the training process alone.
"""

from dagster import (
    AssetSelection,
    AutomationConditionSensorDefinition,
    DefaultSensorStatus,
    Definitions,
    PipesSubprocessClient,
    define_asset_job,
)

from uncase_pipeline.adapter.asset import lora_adapter
from uncase_pipeline.adapter.checks import CHECKS
from uncase_pipeline.orchestration.executors import executor_for
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.settings import settings

RUN_TAGS = {"uncase/location": "training", "uncase/needs": "gpu"}

training_pipeline = define_asset_job(
    "training_pipeline",
    selection=AssetSelection.assets(lora_adapter),
    tags=RUN_TAGS,
    description="One domain, from its exported dataset to a trained and audited adapter.",
)

defs = Definitions(
    assets=[lora_adapter],
    asset_checks=CHECKS,
    jobs=[training_pipeline],
    sensors=[
        AutomationConditionSensorDefinition(
            "train_when_exported",
            target=AssetSelection.assets(lora_adapter),
            default_status=DefaultSensorStatus.RUNNING,
            emit_backfills=False,
            run_tags=RUN_TAGS,
        )
    ],
    resources={"house": House(), "training": PipesSubprocessClient(forward_stdio=True)},
    executor=executor_for(settings().training_executor),
)
