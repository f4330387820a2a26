"""Every golden: conversations rendered by the official templates under transformers."""

import json
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from uncase_pipeline.exported.chats import Chat
from uncase_pipeline.exported.formats import FORMATS
from uncase_pipeline.exported.records import alpaca_records, openai_record, stanford_prompt
from uncase_pipeline.exported.render import Renderer
from uncase_pipeline.exported.rendering import Refused
from uncase_pipeline_tests.exported.samples import chat

RECORDS = ("openai_jsonl", "alpaca_records", "alpaca_stanford_prompt")


@cache
def read_goldens(shared: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((shared / "goldens" / "chat_templates.json").read_text())
    return document


def chat_named(goldens: dict[str, Any], name: str) -> Chat:
    conversation = goldens["conversations"][name]
    return chat(conversation["messages"], conversation["tools"])


def options(golden: dict[str, Any]) -> dict[str, Any]:
    return {**golden["chat_template_kwargs"], "add_generation_prompt": golden["add_generation_prompt"]}


@pytest.mark.parametrize("name", FORMATS)
def test_every_golden_of_a_format_is_matched_byte_for_byte_and_every_refusal_refused(
    name: str, shared: Path
) -> None:
    goldens = read_goldens(shared)
    renderer = Renderer(FORMATS[name], datetime.fromisoformat(goldens["meta"]["frozen_now"]))
    entries = [golden for golden in goldens["goldens"] if golden["template"] == name]
    if name in ("chatml", "cohere"):
        pytest.skip("stands for two official templates, each of which has its own goldens")
    assert entries
    for golden in entries:
        seen = chat_named(goldens, golden["conversation"])
        if "error" in golden:
            with pytest.raises(Refused):
                renderer.text(seen, **options(golden))
        else:
            assert renderer.text(seen, **options(golden)) == golden["output"], golden["conversation"]


def test_the_learned_spans_are_those_of_the_official_training_templates(shared: Path) -> None:
    goldens = read_goldens(shared)
    now = datetime.fromisoformat(goldens["meta"]["frozen_now"])
    checked = 0
    for golden in (golden for golden in goldens["goldens"] if "generation_spans" in golden):
        renderer = Renderer(FORMATS[golden["template"]], now)
        rendering = renderer.render(chat_named(goldens, golden["conversation"]), **options(golden))
        assert rendering.text == golden["output"]
        assert rendering.spans == [tuple(span) for span in golden["generation_spans"]]
        checked += 1
    assert checked == 85


def test_records_equal_the_goldens_as_parsed_json(shared: Path) -> None:
    goldens = read_goldens(shared)
    seen: Counter[str] = Counter()
    for golden in (golden for golden in goldens["goldens"] if golden["template"] in RECORDS):
        source = chat_named(goldens, golden["conversation"])
        match golden["template"]:
            case "openai_jsonl":
                assert openai_record(source) == golden["record"]
            case "alpaca_records":
                assert alpaca_records(source) == golden["records"]
            case _:
                prompt = stanford_prompt(alpaca_records(source)[0])
                assert prompt == {"prompt": golden["output"], "completion": golden["completion"]}
        seen[golden["template"]] += 1
    assert seen == {"openai_jsonl": 15, "alpaca_records": 8, "alpaca_stanford_prompt": 6}


def test_no_golden_is_left_unread(shared: Path) -> None:
    goldens = read_goldens(shared)["goldens"]
    assert {golden["template"] for golden in goldens} <= {*FORMATS, *RECORDS}
    assert len(goldens) == 711
