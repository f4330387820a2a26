"""The commands preview and import, as people call them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from uncase_pipeline.cli.app import app
from uncase_pipeline.records.native import loads
from uncase_pipeline.settings import Settings

CSV = "conversation_id,role,content\nc1,cliente,mi correo es ana@example.com\nc1,asesor,gracias\nc2,cliente\n"


@pytest.fixture
def call(house: Settings, tmp_path: Path):
    (tmp_path / "turns.csv").write_text(CSV)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_import_writes_native_lines_and_answers_with_counts(call, tmp_path: Path):
    out = tmp_path / "out.jsonl"
    done = call("import", tmp_path / "turns.csv", "-o", out, "--json")
    document = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (document["conversations"], document["turns"], document["written"], document["rejects"]) == (
        1,
        2,
        1,
        1,
    )
    assert document["set_aside"][0]["reason"] == "wrong-number-of-columns"
    (conversation,) = [loads(line) for line in out.read_bytes().splitlines()]
    assert conversation.messages[0].content == "mi correo es ana@example.com"


@pytest.mark.parametrize("words", [("csv",), ()])
def test_import_without_output_prints_the_lines(call, tmp_path: Path, words):
    done = call("import", *words, tmp_path / "turns.csv")
    assert done.exit_code == 0
    assert loads(done.stdout.splitlines()[0]).messages[1].role == "assistant"


def test_import_of_the_same_file_twice_reports_what_was_known(call, tmp_path: Path):
    (tmp_path / "again.csv").write_text(CSV)
    done = call("import", tmp_path / "turns.csv", tmp_path / "again.csv", "-o", tmp_path / "o", "--json")
    document = json.loads(done.stdout)
    assert (document["written"], document["known"]) == (1, 1)
    assert len((tmp_path / "o").read_text().splitlines()) == 1


def test_import_of_a_chat_that_grew_keeps_the_longer_one(call, tmp_path: Path):
    chat = "13/3/24, 9:05 - Ana: hola\n13/3/24, 9:06 - Luis: buenas\n"
    (tmp_path / "a.txt").write_text(chat)
    (tmp_path / "b.txt").write_text(chat + "13/3/24, 9:07 - Ana: gracias\n")
    done = call("import", tmp_path / "a.txt", tmp_path / "b.txt", "-o", tmp_path / "o", "--json")
    (line,) = (tmp_path / "o").read_bytes().splitlines()
    assert len(loads(line).messages) == 3
    assert json.loads(done.stdout)["written"] == 1


def test_a_chat_that_grew_is_printed_once(call, tmp_path: Path):
    chat = "13/3/24, 9:05 - Ana: hola\n13/3/24, 9:06 - Luis: buenas\n"
    (tmp_path / "a.txt").write_text(chat)
    (tmp_path / "b.txt").write_text(chat + "13/3/24, 9:07 - Ana: gracias\n")
    done = call("import", tmp_path / "a.txt", tmp_path / "b.txt")
    (line,) = done.stdout.splitlines()
    assert len(loads(line).messages) == 3


def test_preview_counts_and_shows_no_content(call, tmp_path: Path):
    done = call("preview", tmp_path, "--json")
    (file,) = [item for item in json.loads(done.stdout)["files"] if item["format"] == "csv"]
    assert done.exit_code == 0
    assert (file["conversations"], file["turns"], file["rejects"]) == (1, 2, 1)
    assert file["roles"] == {"user": 1, "assistant": 1}
    assert file["identifiers"]["EMAIL"] == 1
    assert "ana@example" not in done.stdout


def test_preview_for_people_shows_no_content_either(call, tmp_path: Path):
    done = call("preview", tmp_path / "turns.csv", "--identifiers", "0")
    assert "1 conversations, 2 turns, 1 set aside" in done.stdout
    assert "ana@" not in done.stdout


@pytest.mark.parametrize("command", ["preview", "import"])
def test_a_bad_call_is_one_clear_sentence(call, tmp_path: Path, command: str):
    done = call(command, tmp_path / "nothing.csv", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == "no-such-file"
    done = call(command, tmp_path / "turns.csv", "--format", "fax", "--json")
    assert json.loads(done.stdout)["error"]["code"] == "unknown-format"


def test_a_file_that_no_format_knows_is_answered_with_no(call, tmp_path: Path):
    (tmp_path / "letter.txt").write_text("Dear all,\nnothing to see here.\n")
    done = call("import", tmp_path / "letter.txt", "-o", tmp_path / "o", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["set_aside"][0]["reason"] == "unknown-format"
