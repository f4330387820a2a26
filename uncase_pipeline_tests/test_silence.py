"""The libraries that would call home are told not to, before they can be imported."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "DO_NOT_TRACK",
        "DAGSTER_DISABLE_TELEMETRY",
        "HF_HUB_DISABLE_TELEMETRY",
        "LITELLM_LOCAL_MODEL_COST_MAP",
        "MLFLOW_DISABLE_TELEMETRY",
    ],
)
def test_importing_the_package_switches_it_off(name: str) -> None:
    program = f"import uncase_pipeline, os; print(os.environ.get({name!r}))"
    printed = subprocess.run(
        [sys.executable, "-c", program], env={}, capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip().lower() in {"1", "true"}
