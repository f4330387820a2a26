import pytest
from dagster import DagsterInstance, PipesSubprocessClient, materialize

from uncase_pipeline.adapter.asset import lora_adapter
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.adapter.datasets import publish, rows

DOMAIN = "automotive.sales"
QUICK = {
    "base_model": "builtin:random",
    "training": {"steps": 12, "learning_rate": 0.01},
    "attacks": {"enabled": False},
}


def run(overrides, instance=None):
    return materialize(
        [lora_adapter],
        partition_key=DOMAIN,
        resources={"house": House(), "training": PipesSubprocessClient()},
        run_config={"ops": {"lora_adapter": {"config": {"overrides": overrides}}}},
        raise_on_error=False,
        instance=instance,
    )


@pytest.mark.slow
def test_an_adapter_is_trained_and_published_with_its_records(house: Settings, lake: Lake):
    publish(lake, house, DOMAIN, rows(60))
    with DagsterInstance.ephemeral() as instance:
        outcome = run({**QUICK, "privacy": {"enabled": False}}, instance)
    assert outcome.success
    version = lake.require("lora_adapter", DOMAIN)
    assert "adapter/adapter_model.safetensors" in version.files
