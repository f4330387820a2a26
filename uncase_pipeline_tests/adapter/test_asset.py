"""The asset through Dagster: one chain of runs in one house, since each run starts a process."""

import json

import pytest
from dagster import DagsterInstance, PipesSubprocessClient, materialize
from typer.testing import CliRunner

from uncase_pipeline.adapter.asset import lora_adapter
from uncase_pipeline.cli.app import app
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.adapter.datasets import publish, rows
from uncase_pipeline_tests.adapter.test_pairs import pair, write_pairs

DOMAIN = "automotive.sales"
QUICK = {
    "base_model": "builtin:random",
    "training": {"steps": 12, "learning_rate": 0.01},
    "privacy": {"accept_small_population": True, "epsilon": 5.0},
    "attacks": {"canaries": 6, "positive_control": False},
}

DPO = {"objective": "dpo", "steps": 12, "learning_rate": 0.01, "batch": 12, "dpo_beta": 0.3}


def run(overrides, instance=None):
    return materialize(
        [lora_adapter],
        partition_key=DOMAIN,
        resources={"house": House(), "training": PipesSubprocessClient()},
        run_config={"ops": {"lora_adapter": {"config": {"overrides": overrides}}}},
        raise_on_error=False,
        instance=instance,
    )


def reason_of(outcome) -> str:
    return outcome.get_step_failure_events()[0].step_failure_data.error.message


def ask(*words):
    result = CliRunner().invoke(app, ["adapter", *words, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_without_a_certificate_nothing_is_trained(house: Settings, lake: Lake):
    with lake.stage("exported_datasets", DOMAIN) as stage:
        stage.write_json("tally.json", {})
        stage.publish()
    outcome = run(QUICK)
    assert not outcome.success
    assert "no certificate" in reason_of(outcome)
    assert lake.current("lora_adapter", DOMAIN) is None


def test_a_wrong_training_setting_is_named(house: Settings, lake: Lake):
    publish(lake, house, DOMAIN, rows(20))
    outcome = run({"lora": {"r": 0}})
    assert "lora.r" in reason_of(outcome)


@pytest.mark.slow
def test_adapters_are_published_once_pay_from_one_ledger_and_are_promoted_with_their_records(
    house: Settings, lake: Lake, tmp_path
):
    publish(lake, house, DOMAIN, rows(60))
    with DagsterInstance.ephemeral() as instance:
        outcome = run(QUICK, instance)
        assert outcome.success, reason_of(outcome)
        checks = {e.check_name: e.passed for e in outcome.get_asset_check_evaluations()}
    assert checks == {"adapter_learned": True, "privacy_within_budget": True, "memorization_audit": True}
    version = lake.require("lora_adapter", DOMAIN)
    assert {"adapter/adapter_model.safetensors", "README.md", "certificate.json"} <= set(version.files)
    assert version.json("adapter/adapter_config.json")["base_model_name_or_path"] == "builtin:random"
    assert not list((house.home / "training" / DOMAIN).iterdir()), "checkpoints are gone once it is published"

    again = run(QUICK)
    assert again.success
    assert lake.require("lora_adapter", DOMAIN).id == version.id
    code, ledger = ask("ledger")
    assert code == 0
    assert [entry["steps"] for entry in ledger["entries"]] == [12], "the same job is not paid for twice"
    assert 4.5 < ledger["entries"][0]["epsilon"] <= 5.0

    file = write_pairs(tmp_path / "pairs.jsonl", [pair(n, subject_id=f"subj_{n % 30}") for n in range(60)])
    supervised, choice = version, {**DPO, "preference_file": str(file), "start": "published"}
    preferred = run({**QUICK, "training": choice})
    assert preferred.success, reason_of(preferred)
    version = lake.require("lora_adapter", DOMAIN)
    stated = version.json("privacy-statement.json")
    assert f"goes on from (version {supervised.id})" in stated["mechanism"]
    assert stated["epsilon"] > 5.5, "for the people behind both, both trainings count"
    assert stated["epsilon_total"] == pytest.approx(stated["epsilon"])
    assert version.json("result.json")["started_from"] == supervised.id
    assert run({**QUICK, "training": choice}).success
    assert lake.require("lora_adapter", DOMAIN).id == version.id, "the same choice is the same job"
    code, ledger = ask("ledger")
    first, second = ledger["entries"]
    assert (first["objective"], second["objective"]) == ("sft", "dpo")
    assert second["total"] > second["epsilon"] + 0.5, "the same people paid for both"
    assert [entry["audit"]["outcome"] for entry in ask("audit")[1]["audits"]] == ["INCONCLUSIVE"] * 2

    refused = run({**QUICK, "training": {"steps": 14, "learning_rate": 0.01}})
    assert not refused.success
    assert "the cap is 8" in reason_of(refused)

    code, answer = ask("promote", DOMAIN, "--by", "officer")
    assert code == 2
    assert answer["error"]["code"] == "not-promotable"
    code, answer = ask("promote", DOMAIN, "--by", "officer", "--accept-inconclusive", "--reason", "demo")
    assert code == 0
    code, answer = ask("promotions")
    assert [(e["version"], e["by"], e["outcome"]) for e in answer["promotions"]] == [
        (version.id, "officer", "INCONCLUSIVE")
    ]
    code, answer = ask("rollback", DOMAIN, "--by", "officer")
    assert answer["error"]["code"] == "nothing-to-roll-back-to"
    code, answer = ask("card", DOMAIN)
    assert "Epsilon" in answer["card"]
