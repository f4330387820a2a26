"""``uncase template`` as a user calls it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from uncase_pipeline.cli.app import app
from uncase_pipeline.exported.formats import FAMILIES
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.exported.samples import PARALLEL, PLAIN, SINGLE, TOOLS


def uncase(*arguments: str) -> tuple[int, Any, str]:
    """Run a command; returns exit code, the JSON document where there is one, and stderr."""
    result = CliRunner().invoke(app, ["template", *arguments])
    try:
        document = json.loads(result.stdout)
    except ValueError:
        document = None
    return result.exit_code, document, result.stderr


@pytest.fixture
def conversations(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    lines = [
        {"conversation_id": name, "domain": "automotive.sales", "messages": messages, "tools": tools}
        for name, messages, tools in [
            ("plain", PLAIN, None),
            ("single", SINGLE, TOOLS),
            ("two", PARALLEL, TOOLS),
        ]
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_list_names_all_formats_with_one_default_per_family() -> None:
    code, document, _ = uncase("list", "--json")
    assert code == 0
    defaults = {entry["family"]: entry["name"] for entry in document["formats"] if entry["default"]}
    assert defaults == {**FAMILIES, "openai_api": "openai_api", "alpaca": "alpaca"}


@pytest.mark.parametrize("name", [*FAMILIES, "openai_api", "alpaca"])
def test_preview_shows_the_example_in_every_format(name: str) -> None:
    code, document, _ = uncase("preview", name, "--json")
    assert code == 0
    assert "Versa" in json.dumps(document, ensure_ascii=False)


def test_preview_of_a_file_shows_its_first_conversation(conversations: Path) -> None:
    code, document, _ = uncase("preview", str(conversations), "qwen", "--json")
    assert code == 0
    assert document["conversation_id"] == "plain"
    start, end = document["learned"][-1]
    assert document["text"][start:end].endswith("Bye.<|im_end|>\n")


def test_export_writes_what_the_format_carries_and_counts_the_rest(
    conversations: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    code, document, _ = uncase("export", str(conversations), "llama", "-o", str(out), "--json")
    assert code == 0
    assert (document["rows_in"], document["rows_out"]) == (3, 2)
    assert document["left_out_rows"] == [{"conversation_id": "two", "reason": "parallel-calls"}]
    assert [line["conversation_id"] for line in read(out)] == ["plain", "single"]


def test_verbatim_is_what_the_official_template_renders_losses_included(
    conversations: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    code, document, _ = uncase(
        "export", str(conversations), "harmony", "-o", str(out), "--verbatim", "--json"
    )
    assert (code, document["rows_out"]) == (0, 3)
    assert read(out)[2]["text"].count("to=functions.find_car") == 1


def test_the_date_and_template_arguments_are_taken(conversations: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    uncase(
        "export",
        str(conversations),
        "harmony",
        "-o",
        str(out),
        "--date",
        "2025-06-28",
        "--set",
        "reasoning_effort=high",
    )
    assert "Current date: 2025-06-28" in read(out)[0]["text"]
    assert "Reasoning: high" in read(out)[0]["text"]


def test_tool_use_as_text_goes_into_formats_without_tools(conversations: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    code, document, _ = uncase(
        "export", str(conversations), "alpaca_axolotl", "-o", str(out), "--mode", "inline", "--json"
    )
    assert (code, document["rows_out"]) == (0, 3)


def test_openai_lines_are_read_too(tmp_path: Path) -> None:
    source, out = tmp_path / "openai.jsonl", tmp_path / "out.jsonl"
    called = {**SINGLE[2], "content": None}
    called["tool_calls"] = [
        {
            "id": "call00001",
            "type": "function",
            "function": {"name": "find_car", "arguments": '{"brand": "Kia"}'},
        }
    ]
    source.write_text(json.dumps({"messages": [*SINGLE[:2], called, *SINGLE[3:]], "tools": TOOLS}))
    code, _, _ = uncase("export", str(source), "openai_api", "-o", str(out))
    assert code == 0
    assert read(out)[0]["messages"][2]["tool_calls"][0]["function"]["arguments"] == '{"brand": "Kia"}'


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("preview", "morse"), "unknown-format"),
        (("export", "missing.jsonl", "qwen", "-o", "out.jsonl"), "no-such-file"),
        (("preview", "qwen", "--mode", "telepathy"), "unknown-tool-mode"),
        (("preview", "qwen", "--set", "nonsense"), "bad-option"),
        (("preview", "a", "b", "c"), "bad-call"),
    ],
)
def test_a_bad_call_is_answered_in_one_sentence_and_exit_2(arguments: tuple[str, ...], code: str) -> None:
    exit_code, document, stderr = uncase(*arguments, "--json")
    assert exit_code == 2
    assert document["error"]["code"] == code
    assert stderr.strip()


def test_a_bad_line_is_named_without_its_content_and_leaves_no_half_file(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps({"messages": PLAIN}) + "\n" + '{"messages": [{"role": "SECRET"}]}\n')
    code, document, stderr = uncase("export", str(source), "qwen", "-o", str(out), "--json")
    assert code == 2
    assert "line 2" in document["error"]["message"]
    assert "SECRET" not in stderr
    assert not list(tmp_path.glob("*out*"))


def test_push_is_off_and_needs_something_published(house: Settings) -> None:
    code, document, _ = uncase("push", "automotive.sales", "team/set", "--json")
    assert (code, document["error"]["code"]) == (2, "nothing-published")
    code, document, _ = uncase("push", "gardening", "team/set", "--json")
    assert (code, document["error"]["code"]) == (2, "unknown-domain")


def test_when_nothing_can_be_carried_the_answer_is_no(conversations: Path, tmp_path: Path) -> None:
    code, document, _ = uncase(
        "export", str(conversations), "chatml_vllm", "-o", str(tmp_path / "o"), "--json"
    )
    assert code == 1
    assert document["rows_out"] == 0
