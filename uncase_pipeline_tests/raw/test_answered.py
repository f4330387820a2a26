"""Results that do not say which call they answer."""

import json

from uncase_pipeline.raw.answered import answer_calls
from uncase_pipeline.records.conversation import Message, ToolCall
from uncase_pipeline_tests.raw.conftest import turns


def called(*names: str) -> Message:
    return Message("assistant", "", tool_calls=[ToolCall(f"id_{name}", name, {}) for name in names])


def result(name: str | None = None, call: str | None = None) -> Message:
    return Message("tool", "{}", tool_call_id=call, metadata={"name": name} if name else {})


def answered(*messages: Message) -> list[str | None]:
    answer_calls(messages)
    return [message.tool_call_id for message in messages if message.role == "tool"]


def test_results_answer_calls_in_their_order() -> None:
    assert answered(called("a", "b"), result(), result(), called("c"), result()) == ["id_a", "id_b", "id_c"]


def test_a_result_that_names_its_tool_answers_that_one() -> None:
    assert answered(called("a", "b"), result("b"), result("a")) == ["id_b", "id_a"]


def test_what_a_source_says_itself_is_kept() -> None:
    assert answered(called("a", "b"), result(call="id_b"), result()) == ["id_b", "id_a"]


def test_a_result_without_a_call_before_it_answers_none() -> None:
    assert answered(result(), called("a"), result("x"), result()) == [None, None, "id_a"]


def test_the_functions_of_older_openai_logs_answer_their_calls(reading) -> None:
    messages = [
        {"role": "user", "content": "hola"},
        {
            "role": "assistant",
            "content": None,
            "function_call": {"name": "price", "arguments": '{"car": "Aveo"}'},
        },
        {"role": "function", "name": "price", "content": "279900"},
        {"role": "assistant", "content": None, "function_call": {"name": "stock", "arguments": "{}"}},
        {"role": "function", "name": "stock", "content": "3"},
        {"role": "assistant", "content": "quedan tres"},
    ]
    kept, _ = reading(json.dumps({"messages": messages}), "a.jsonl")
    _, price, told, stock, left, _ = turns(kept)
    assert price.tool_calls[0].id == told.tool_call_id
    assert stock.tool_calls[0].id == left.tool_call_id


def test_an_api_turn_that_taskmaster_answers_is_answered(reading) -> None:
    context = [
        {"role": "user", "text": "hola"},
        {"role": "agent", "api": {"find": {"city": "x"}}},
        {"role": "api", "response": {"found": 1}},
        {"role": "agent", "text": "uno"},
    ]
    kept, _ = reading(
        json.dumps([{"conversation_id": "1", "context": json.dumps(context), "reward": 1}]), "a.json"
    )
    _, call, told, _ = turns(kept)
    assert told.role == "tool" and told.tool_call_id == call.tool_calls[0].id


def test_an_action_that_a_desk_noted_is_a_notice_and_no_result_of_a_tool(reading) -> None:
    said = [
        ["agent", "hola"],
        ["customer", "buenas"],
        ["action", "The account was opened."],
        ["agent", "listo"],
    ]
    kept, _ = reading(json.dumps([{"convo_id": 1, "original": said}]), "a.json")
    assert [(turn.role, turn.kind) for turn in turns(kept)] == [
        ("assistant", "text"), ("user", "text"), ("system", "system"), ("assistant", "text"),
    ]  # fmt: skip
