"""A wrong call gets one clear sentence with a remedy, starts nothing and loses nothing."""

import json
from pathlib import Path

import pytest

from uncase_pipeline_tests.pipeline.conftest import uncase

DOMAIN = "finance.advisory"


def sentence(output: str) -> str:
    (line,) = [line for line in output.splitlines() if line.strip()]
    return line


def test_an_unknown_domain_is_answered_with_the_six_that_exist(tmp_path: Path) -> None:
    run = uncase(tmp_path, "run", "finance.advice")
    assert run.returncode == 2
    assert "There is no domain 'finance.advice'. Use one of: automotive.sales," in sentence(run.output)


def test_an_empty_inbox_names_the_folder_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    run = uncase(tmp_path, "run", DOMAIN, "--inbox", str(tmp_path / "empty"))
    assert run.returncode == 2
    assert sentence(run.output).startswith("There is no file to read in")
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize(
    ("variable", "value"), [("UNCASE_DP_EPSILON", "eight"), ("UNCASE_VAULT_KEY", "not base64 at all")]
)
def test_a_wrong_setting_names_its_variable_and_not_its_value(
    tmp_path: Path, variable: str, value: str
) -> None:
    run = uncase(tmp_path, "status", **{variable: value})
    assert run.returncode == 2
    assert variable in sentence(run.output)
    assert value not in run.output


def test_a_lost_key_file_stops_the_start(tmp_path: Path) -> None:
    assert uncase(tmp_path, "status").returncode == 0
    (tmp_path / "home" / "vault.key").unlink()
    run = uncase(tmp_path, "status")
    assert run.returncode == 2
    assert "Restore it from your backup" in sentence(run.output)


def test_an_error_is_one_json_document_where_json_was_asked_for(tmp_path: Path) -> None:
    run = uncase(tmp_path, "status", "--domain", "nowhere", "--json")
    assert run.returncode == 2
    assert json.loads(run.output.splitlines()[0])["error"]["code"] == "unknown-domain"


def test_an_unreadable_file_is_set_aside_and_the_others_are_imported(tmp_path: Path) -> None:
    inbox = tmp_path / "mine"
    inbox.mkdir()
    (inbox / "noise.bin").write_bytes(bytes(range(256)) * 8)
    turns = [
        {"role": "user", "content": "¿Qué plazo conviene?"},
        {"role": "assistant", "content": "Depende."},
    ]
    (inbox / "chat.jsonl").write_text(json.dumps({"messages": turns}))
    uncase(tmp_path, "run", DOMAIN, "--inbox", str(inbox), "--no-train", "--json")
    shown = json.loads(uncase(tmp_path, "status", "--domain", DOMAIN, "--json").output)
    raw = shown["domains"][DOMAIN]["assets"]["raw_conversations"]
    assert (raw["in"], raw["out"], raw["quarantined"]) == (2, 1, 1)
