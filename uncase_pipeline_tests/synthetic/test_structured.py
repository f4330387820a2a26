import asyncio

import orjson
import pytest

from uncase_pipeline.gateway.request import Refusal, Reply, Request, text_message
from uncase_pipeline.synthetic.structured import Asker, Spoiled, checked, mend
from uncase_pipeline_tests.synthetic.builders import Scripted

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def asked(*answers: object, tries: int = 1) -> tuple[object, Scripted]:
    door = Scripted(*answers)
    request = Request("openai/x", [text_message("user", "go")], response_schema=SCHEMA, sample=3)
    return asyncio.run(Asker(door, tries).json(request)), door


@pytest.mark.parametrize(
    "text",
    [
        '{"n": 1}',
        '```json\n{"n": 1}\n```',
        'Here you are: {"n": 1} I hope it helps.',
        '{"n": 1,}',
        '{"n": 1, "s": "a\nb",}',
    ],
)
def test_an_answer_with_a_small_fault_is_mended(text: str):
    value = mend(text)
    assert value is not None
    assert value["n"] == 1


def test_a_refusal_of_the_model_is_named_and_not_paid_again():
    door = Scripted(*[Reply("", finish_reason="content_filter")] * 4)
    request = Request("openai/x", [text_message("user", "go")], response_schema=SCHEMA)
    with pytest.raises(Spoiled) as caught:
        asyncio.run(Asker(door, 1).json(request))
    assert caught.value.reason == "content-filter"
    assert len(door.requests) == 1


def test_line_ends_inside_strings_are_kept():
    assert mend('{"s": "a\nb"}') == {"s": "a\nb"}


@pytest.mark.parametrize("text", ["", "no json", "[1]", '{"n": 1', "{n: 1}"])
def test_what_is_no_object_is_not_mended(text: str):
    assert mend(text) is None


def test_what_breaks_the_schema_is_said_without_a_word_of_the_answer():
    value, problem = checked('{"n": "secreto"}', SCHEMA)
    assert value is None
    assert "secreto" not in problem
    assert "n: type" in problem


def test_a_wrong_answer_is_sent_back_once_for_repair():
    value, door = asked(Reply("nothing"), Reply('{"n": 2}'))
    assert value == {"n": 2}
    repair = door.requests[1]
    assert repair.lineage.purpose == "repair"
    assert repair.messages[-2] == {"role": "assistant", "content": "nothing"}
    assert "not one JSON object" in repair.messages[-1]["content"]


def test_after_a_failed_repair_the_question_is_asked_anew_as_another_sample():
    value, door = asked(Reply("x"), Reply("x"), Reply('{"n": 3}'))
    assert value == {"n": 3}
    assert door.requests[2].messages == door.requests[0].messages
    assert len({request.key for request in door.requests}) == 3


def test_the_reason_says_whether_it_was_no_json_or_another_shape():
    with pytest.raises(Spoiled) as caught:
        asked(*[Reply("x")] * 4)
    assert caught.value.reason == "bad-json"
    with pytest.raises(Spoiled) as caught:
        asked(*[Reply('{"n": "a"}')] * 4)
    assert caught.value.reason == "schema-mismatch"


def test_truncation_is_named_as_such_and_not_as_bad_json():
    with pytest.raises(Spoiled) as caught:
        asked(*[Reply('{"n":', finish_reason="length")] * 2)
    assert caught.value.reason == "truncated-at-max-tokens"
    assert "UNCASE_GENERATION_MAX_TOKENS" in caught.value.detail


def test_a_refusal_of_the_gateway_keeps_its_reason():
    with pytest.raises(Spoiled) as caught:
        asked(Refusal("pii-in-answer", "Found PERSON in answer.content."))
    assert caught.value.reason == "pii-in-answer"


def test_costs_of_failed_answers_are_booked_too_and_an_unknown_price_is_not_zero():
    asker = Asker(Scripted(Reply("x", cost_usd=0.25), Reply('{"n": 1}', cost_usd=0.5)), 0)
    asyncio.run(asker.json(Request("m", [], response_schema=SCHEMA)))
    assert (asker.bill.cost_usd, asker.bill.calls) == (0.75, 2)
    asker = Asker(Scripted(Reply(orjson.dumps({"n": 1}).decode(), cost_usd=None)), 0)
    asyncio.run(asker.json(Request("m", [], response_schema=SCHEMA)))
    assert asker.bill.cost_usd is None
