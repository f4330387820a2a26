"""The data code location: everything but training. Gathers, and imports no heavy library."""

from importlib.util import find_spec

from dagster import AssetSelection, Definitions, define_asset_job, multiprocess_executor

from uncase_pipeline.anonymized.asset import anonymized_conversations
from uncase_pipeline.anonymized.checks import CHECKS as ANONYMIZED_CHECKS
from uncase_pipeline.certified.asset import certified_conversations
from uncase_pipeline.certified.checks import CHECKS as CERTIFIED_CHECKS
from uncase_pipeline.exported.asset import exported_datasets
from uncase_pipeline.exported.checks import CHECKS as EXPORTED_CHECKS
from uncase_pipeline.feedback.asset import feedback_events
from uncase_pipeline.feedback.checks import CHECKS as FEEDBACK_CHECKS
from uncase_pipeline.orchestration.automation import alert_on_failure, folder_sensor, nightly
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.raw.asset import raw_conversations
from uncase_pipeline.raw.checks import CHECKS as RAW_CHECKS
from uncase_pipeline.seeds.asset import seeds
from uncase_pipeline.seeds.checks import CHECKS as SEEDS_CHECKS
from uncase_pipeline.settings import Settings
from uncase_pipeline.synthetic.asset import synthetic_conversations
from uncase_pipeline.synthetic.checks import CHECKS as SYNTHETIC_CHECKS

ASSETS = [
    feedback_events,
    raw_conversations,
    anonymized_conversations,
    seeds,
    synthetic_conversations,
    certified_conversations,
    exported_datasets,
]
CHECKS = [
    *FEEDBACK_CHECKS,
    *RAW_CHECKS,
    *ANONYMIZED_CHECKS,
    *SEEDS_CHECKS,
    *SYNTHETIC_CHECKS,
    *CERTIFIED_CHECKS,
    *EXPORTED_CHECKS,
]

data_pipeline = define_asset_job(
    "data_pipeline",
    selection=AssetSelection.assets(*ASSETS),
    description="One domain, from its inbox and feedback to the exported dataset.",
)

# What dagster would load lazily in every step is loaded once, in the server that steps are forked from.
_PRELOADED = ["uncase_pipeline.definitions", *(["dagster_postgres"] if find_spec("dagster_postgres") else [])]

defs = Definitions(
    assets=ASSETS,
    asset_checks=CHECKS,
    jobs=[data_pipeline],
    sensors=[
        folder_sensor("inbox_sensor", Settings.inbox_folder, data_pipeline),
        folder_sensor("feedback_sensor", Settings.feedback_folder, data_pipeline),
        alert_on_failure,
    ],
    schedules=[nightly(data_pipeline)],
    resources={"house": House()},
    executor=multiprocess_executor.configured(
        {"max_concurrent": 2, "start_method": {"forkserver": {"preload_modules": _PRELOADED}}}
    ),
)
