"""A conversation survives every border: the native JSON line and the Arrow batch."""

import pickle
from dataclasses import astuple, fields

import orjson
import pytest
from hypothesis import given, settings

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records import native
from uncase_pipeline.records.arrow import from_batches, to_batches
from uncase_pipeline.records.conversation import Conversation, Message, ToolCall, walk_strings
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.records.strategies import CONVERSATIONS


@given(CONVERSATIONS)
def test_a_native_line_reads_back_equal(original: Conversation) -> None:
    assert native.loads(native.dumps(original)) == original


@settings(deadline=None)  # the first batch of a process makes Arrow look for pandas
@given(CONVERSATIONS)
def test_a_record_batch_reads_back_equal(original: Conversation) -> None:
    assert list(from_batches(to_batches([original]))) == [original]


@given(CONVERSATIONS)
def test_what_travels_to_another_process_arrives_as_it_left(original: Conversation) -> None:
    assert pickle.loads(pickle.dumps(original)) == original


def test_no_field_of_a_turn_is_left_behind_on_the_way_to_another_process() -> None:
    turn = Message("user", "hola")
    for number, part in enumerate(fields(Message)):
        setattr(turn, part.name, number)
    assert astuple(pickle.loads(pickle.dumps(turn))) == tuple(range(len(fields(Message))))


def test_batches_hold_at_most_the_rows_asked_for_and_lose_none() -> None:
    originals = [conversation(f"u: {number}") for number in range(7)]
    batches = list(to_batches(originals, rows=3))
    assert [batch.num_rows for batch in batches] == [3, 3, 1]
    assert list(from_batches(batches)) == originals


def test_unknown_keys_are_kept_under_metadata() -> None:
    line = orjson.dumps(
        {
            "conversation_id": "c",
            "domain": "d",
            "messages": [{"role": "user", "content": "x", "stars": 4}],
            "shop": 9,
        }
    )
    read = native.loads(line)
    assert read.metadata == {"shop": 9}
    assert read.messages[0].metadata == {"stars": 4}


@pytest.mark.parametrize(
    "line",
    [
        b"Laura Vega, 5551234567",
        b'{"conversation_id": "Laura Vega", "domain": "d"}',
        b'{"conversation_id": "c", "domain": "d", "messages": [{"role": "Laura Vega", "content": "x"}]}',
        b'{"conversation_id": "c", "domain": "d", "messages": "Laura Vega"}',
        b'["Laura Vega"]',
    ],
)
def test_a_line_that_can_not_be_read_is_named_by_place_and_never_quoted(line: bytes) -> None:
    with pytest.raises(UncaseError) as caught:
        native.loads(line, where="chats.jsonl line 3")
    assert "chats.jsonl line 3" in str(caught.value)
    assert "Laura" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_walk_reaches_every_string_key_and_number_a_person_could_have_filled() -> None:
    call = ToolCall("1", "consultar_crm", {"mail": "a@b.mx", "phones": [5551234567], "nested": {"ana": True}})
    walked = dict(
        Conversation(
            "c",
            "d",
            [Message("assistant", "hola", speaker="Luis", tool_calls=[call], metadata={"note": "n"})],
            metadata={"owner": "Eva"},
        ).strings()
    )
    assert walked["messages[0].speaker"] == "Luis"
    assert walked["messages[0].tool_calls[0].arguments.mail"] == "a@b.mx"
    assert walked["messages[0].tool_calls[0].arguments.phones[0]"] == "5551234567"
    assert walked["messages[0].tool_calls[0].arguments.nested.<key>"] == "ana"
    assert walked["messages[0].metadata.note"] == "n"
    assert walked["metadata.owner"] == "Eva"


def test_the_walk_does_not_end_at_the_recursion_limit() -> None:
    deep: object = "bottom"
    for _ in range(50_000):
        deep = [deep]
    assert [text for _, text in walk_strings(deep, "x")] == ["bottom"]
