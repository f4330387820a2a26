"""An error that nobody foresaw shows its type and place, never the row it quotes."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from uncase_pipeline.cli import app as program
from uncase_pipeline.cli.app import main

SECRET = "María López, 55 1234 5678"


def breaks_on_a_row() -> None:
    raise KeyError(SECRET)


def finds_the_disk_full() -> None:
    raise OSError(28, "No space left on device", "out.jsonl")


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    def run(command: Callable[[], None], *arguments: str) -> int:
        monkeypatch.setattr(program, "app", command)
        monkeypatch.setattr(sys, "argv", ["uncase", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return int(str(end.value.code))

    return run


def test_a_bug_is_told_by_type_and_place_and_is_no_answer_no(
    ended: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(breaks_on_a_row) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"KeyError at {Path(__file__).name}:" in shown.err
    assert "María" not in shown.err


def test_a_bug_is_one_json_document_where_json_was_asked_for(
    ended: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(breaks_on_a_row, "--json") == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)["error"]["code"] == "internal"
    assert "María" not in shown.out + shown.err


def test_a_full_disk_names_the_file(ended: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(finds_the_disk_full) == 2
    assert "No space left on device (out.jsonl)." in capsys.readouterr().err
