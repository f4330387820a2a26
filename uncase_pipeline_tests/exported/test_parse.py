"""Tool use survives each format that has a notation for it, or the row is left out."""

from datetime import datetime

import pytest

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.exported.carriage import TextCarrier, called
from uncase_pipeline.exported.formats import FORMATS
from uncase_pipeline.exported.parse import UNTYPED, read_calls
from uncase_pipeline.exported.rendering import Refused
from uncase_pipeline.exported.tool_modes import PARSER_OF_MODE, ToolMode, folded, tool_mode
from uncase_pipeline.records.conversation import Json
from uncase_pipeline_tests.exported.samples import BESIDE, PARALLEL, PLAIN, SINGLE, TOOLS, chat

NOW = datetime(2025, 6, 28)
WITH_PARSER = [name for name, format_ in FORMATS.items() if format_.parser and not name.startswith("cohere")]
ONE_CALL = [name for name in WITH_PARSER if FORMATS[name].calls == "one"]
NO_TEXT_BESIDE = {
    "chatml": "text-dropped",
    "chatml_hermes2pro_tools": "text-dropped",
    "harmony_gptoss": "text-dropped",
    "harmony_gptoss_training": "text-dropped",
    "llama3_1": "text-dropped",
    "llama3_2": "text-dropped",
    "llama3_3": "text-dropped",
    "mistral_v3_spm": "text-beside-call",
    "mistral_v3_tekken": "text-beside-call",
    "mistral_nemo_2407": "text-dropped",
    "mistral_small_3_2": "text-dropped",
}


def carry(name: str, messages: list[Json], mode: ToolMode = "native") -> str:
    carrier = TextCarrier(FORMATS[name], NOW, mode=mode)
    return carrier.render(carrier.prepared(chat(messages, TOOLS), suspicious_=True)).text


def without_system(name: str, messages: list[Json]) -> list[Json]:
    """Mistral Nemo's own template writes the system prompt only where a question comes last."""
    return [m for m in messages if m["role"] != "system"] if name == "mistral_nemo_2407" else messages


@pytest.mark.parametrize("name", WITH_PARSER)
def test_a_single_call_is_read_back_from_what_the_assistant_says(name: str) -> None:
    source = chat(without_system(name, SINGLE), TOOLS)
    carrier = TextCarrier(FORMATS[name], NOW)
    if name == "llama4_vllm_pythonic":
        with pytest.raises(Refused, match="calls-not-read-back"):
            carrier.render(source)
        return
    rendering = carrier.render(source)
    learned = "\n".join(rendering.text[start:end] for start, end in rendering.spans)
    parser = FORMATS[name].parser
    assert parser is not None
    calls = called(source, untyped=parser in UNTYPED)
    assert len(calls) == 1
    assert read_calls(parser, learned) == calls


@pytest.mark.parametrize("name", [name for name in WITH_PARSER if name not in ONE_CALL])
def test_parallel_calls_are_read_back_in_order(name: str) -> None:
    if name == "llama4_vllm_pythonic":
        with pytest.raises(Refused, match="calls-not-read-back"):
            carry(name, PARALLEL)
        return
    assert "Nissan" in carry(name, PARALLEL)


@pytest.mark.parametrize("name", ONE_CALL)
def test_a_format_of_one_call_a_turn_leaves_parallel_calls_out(name: str) -> None:
    with pytest.raises(Refused, match="parallel-calls"):
        carry(name, PARALLEL)


@pytest.mark.parametrize("name", WITH_PARSER)
def test_text_beside_a_call_is_carried_or_the_row_is_left_out(name: str) -> None:
    reason = NO_TEXT_BESIDE.get(name)
    if reason is None:
        assert "Let me look." in carry(name, BESIDE)
        return
    with pytest.raises(Refused, match=reason):
        carry(name, BESIDE)


@pytest.mark.parametrize("name", [name for name, format_ in FORMATS.items() if format_.calls == "none"])
def test_formats_without_a_place_for_tools_leave_tool_use_out(name: str) -> None:
    with pytest.raises(Refused, match="no-tool-support"):
        carry(name, SINGLE)


def test_a_turn_that_ends_without_a_stop_token_is_left_out() -> None:
    with pytest.raises(Refused, match="stop-not-learned"):
        carry("cohere", SINGLE)
    with pytest.raises(Refused, match="stop-not-learned"):
        carrier = TextCarrier(FORMATS["chatml_vllm"], NOW)
        carrier.render(chat(PLAIN))


def test_a_call_that_is_lost_in_the_text_is_noticed() -> None:
    assert read_calls("tool_call_json", '<tool_call>\n{"name": "x", "arguments": \n</tool_call>') == []
    assert read_calls("kimi", "<|tool_call_begin|>functions.x:0<|tool_call_end|>") == []


@pytest.mark.parametrize("mode", ["inline", "function_calling"])
@pytest.mark.parametrize("name", ["alpaca_axolotl", "llama3", "minimax_m1", "qwen3", "mistral_v7_axolotl"])
def test_as_text_every_format_carries_every_call(name: str, mode: ToolMode) -> None:
    for messages in (SINGLE, PARALLEL, BESIDE):
        text = carry(name, messages, mode)
        spoken = folded(chat(messages, TOOLS), mode)
        learned = "\n".join(m["content"] for m in spoken.messages if m["role"] == "assistant")
        assert read_calls(PARSER_OF_MODE[mode], learned) == called(chat(messages, TOOLS), untyped=False)
        assert "find_car" in text


def test_folding_leaves_no_tool_turn_and_no_two_users_in_a_row() -> None:
    thanks = {"role": "user", "content": "ok"}
    source = chat([*PARALLEL[:-1], thanks, PARALLEL[-1]], TOOLS)
    roles = [message["role"] for message in folded(source, "inline").messages]
    assert roles == ["system", "user", "assistant", "user", "assistant"]


def test_native_mode_and_chats_without_tools_are_left_as_they_are() -> None:
    source = chat(SINGLE, TOOLS)
    assert folded(source, "native") is source
    plain = chat(PLAIN)
    assert folded(plain, "inline") is plain


def test_an_unknown_mode_names_the_three() -> None:
    with pytest.raises(UncaseError, match="native, function_calling, inline"):
        tool_mode("telepathy")
