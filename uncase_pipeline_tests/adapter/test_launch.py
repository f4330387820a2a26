"""What surrounds the training process: settings, reasons for its end, locations, executors."""

import subprocess
import sys
import time

import pytest
import yaml

from uncase_pipeline.adapter.child import reduced
from uncase_pipeline.adapter.contract import AdapterSettings
from uncase_pipeline.adapter.launch import (
    adapter_settings,
    child_environment,
    explain_failure,
    under_compliance,
)
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.orchestration.executors import EXECUTORS, executor_for
from uncase_pipeline.seal.lock import seal_stage
from uncase_pipeline.settings import settings

HEAVY = ["torch", "transformers", "trl", "peft", "mlflow", "opacus", "spacy", "presidio_analyzer", "litellm"]


def test_loading_the_training_location_imports_no_heavy_library():
    code = (
        f"import sys, uncase_pipeline.training_definitions; print([m for m in {HEAVY} if m in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_a_run_s_choices_win_over_the_file_and_the_file_over_the_house(house, tmp_path, monkeypatch):
    file = tmp_path / "training.toml"
    file.write_text("[privacy]\nepsilon = 3.0\naccept_small_population = true\n[lora]\nr = 4\n")
    monkeypatch.setenv("UNCASE_TRAINING_CONFIG", str(file))
    monkeypatch.setenv("UNCASE_DP_EPSILON", "6")
    settings.cache_clear()
    chosen = adapter_settings(settings(), {"lora": {"alpha": 8}})
    assert (chosen.privacy.epsilon, chosen.lora.r, chosen.lora.alpha) == (3.0, 4, 8)
    assert chosen.privacy.epsilon_cap == 8.0


@pytest.mark.parametrize(
    ("overrides", "named"),
    [({"lora": {"r": "many"}}, "lora.r"), ({"privacy": {"sigma": 1}}, "privacy.sigma")],
)
def test_a_wrong_or_unknown_setting_is_named(house, overrides, named):
    with pytest.raises(UncaseError, match=named):
        adapter_settings(house, overrides)


def test_a_configuration_file_that_is_no_toml_is_named(house, tmp_path, monkeypatch):
    monkeypatch.setenv("UNCASE_TRAINING_CONFIG", str(tmp_path / "none.toml"))
    settings.cache_clear()
    with pytest.raises(UncaseError, match=r"none\.toml"):
        adapter_settings(settings(), {})


def test_a_kill_by_the_system_is_explained_as_want_of_memory(tmp_path):
    error = explain_failure(tmp_path, "External execution process failed with code -9")
    assert error.code == "training-killed"
    assert "memory" in error.message
    assert "checkpoint" in error.remedy
    assert explain_failure(tmp_path, "failed with code 139").code == "training-crashed"


def test_the_reason_that_the_process_left_is_passed_on(tmp_path):
    (tmp_path / "failure.json").write_text('{"code": "x", "message": "What.", "remedy": "Do."}')
    assert str(explain_failure(tmp_path, "code 1")) == "What. Do."


def test_a_reason_that_was_cut_off_as_it_was_written_is_no_second_error(tmp_path):
    (tmp_path / "failure.json").write_text('{"code": "x", "mess')
    assert explain_failure(tmp_path, "failed with code -9").code == "training-killed"


def test_an_error_of_a_library_is_passed_on_without_its_message():
    try:
        int("Señora Pérez, 555-1234")
    except ValueError as error:
        told = reduced(error)
    assert "Pérez" not in str(told)
    assert "ValueError" in str(told)


def test_want_of_memory_gets_a_remedy_of_its_own():
    assert reduced(MemoryError()).code == "out-of-memory"
    assert reduced(RuntimeError("DefaultCPUAllocator: can't allocate memory")).code == "out-of-memory"


def test_a_base_of_the_project_needs_no_network():
    assert child_environment(AdapterSettings())["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in child_environment(AdapterSettings(base_model="org/model"))


def test_every_executor_is_there_or_says_what_to_install():
    for name in EXECUTORS:
        try:
            assert executor_for(name).name
        except UncaseError as error:
            assert error.code == "missing-engine"
            assert "pip install" in error.remedy
    with pytest.raises(UncaseError, match="in-process"):
        executor_for("mainframe")


def test_the_training_process_dies_with_its_parent(tmp_path):
    grandchild = (
        "import time; from uncase_pipeline.adapter.child import die_with_parent; die_with_parent(); "
        "print('ready', flush=True); time.sleep(60)"
    )
    parent = (
        "import subprocess, sys, os, signal\n"
        f"p = subprocess.Popen([sys.executable, '-c', {grandchild!r}], stdout=subprocess.PIPE, text=True)\n"
        "p.stdout.readline(); print(p.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    found = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, check=False)
    pid = int(found.stdout.strip())
    deadline = time.monotonic() + 10
    while running(pid) and time.monotonic() < deadline:
        pass
    assert not running(pid)


def running(pid: int) -> bool:
    try:
        state = open(f"/proc/{pid}/stat").read().split(") ")[1][0]  # noqa: SIM115, PTH123
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_run_configuration_of_the_readme_is_accepted(house):
    text = "overrides:\n  privacy: {epsilon: 4.0}\n  training: {steps: 60}\n"
    chosen = adapter_settings(house, yaml.safe_load(text)["overrides"])
    assert (chosen.privacy.epsilon, chosen.training.steps) == (4.0, 60)


def certify(lake, house, demanded):
    with lake.stage("certified_conversations", "legal.advisory") as stage:
        stage.write_json("tally.json", {})
        predicate = {"passed": True, "compliance": {"epsilon_cap": demanded}}
        seal_stage(stage, "https://uncase.dev/test", predicate, house)
        stage.publish()


@pytest.mark.parametrize(("demanded", "cap"), [(3.0, 3.0), (20.0, 8.0), (None, 8.0)])
def test_the_compliance_profiles_of_the_certificate_lower_the_cap_and_never_raise_it(
    house, lake, demanded, cap
):
    certify(lake, house, demanded)
    chosen = under_compliance(lake, house, "legal.advisory", AdapterSettings())
    assert chosen.privacy.epsilon_cap == cap


@pytest.mark.parametrize(
    ("privacy", "code"), [({"enabled": False}, "privacy-demanded"), ({"twin": True}, "twin-forbidden")]
)
def test_where_a_profile_caps_epsilon_nothing_is_trained_without_privacy(house, lake, privacy, code):
    chosen = AdapterSettings.model_validate({"privacy": privacy})
    certify(lake, house, None)
    assert under_compliance(lake, house, "legal.advisory", chosen) == chosen
    certify(lake, house, 8.0)
    with pytest.raises(UncaseError) as caught:
        under_compliance(lake, house, "legal.advisory", chosen)
    assert caught.value.code == code
