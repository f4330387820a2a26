"""No exception escapes detection or a parser, no content is quoted, and everything is accounted for."""
# ruff: noqa: E501

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from uncase_pipeline.raw.reader import FAULT, read
from uncase_pipeline.raw.registry import FORMATS
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.native import dumps, loads
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline_tests.raw.conftest import OPTIONS

SECRET = "zanahoria"
SEEDS = [
    b"13/3/24, 9:05 - Ana zanahoria: hola\n13/3/24, 9:06 - Luis: qu\xc3\xa9\n",
    b"[2024-03-13, 09:05] Ana: zanahoria\n[2024-03-13, 09:06] Me: ok\n",
    b'conversation_id,role,content\nc1,user,"zanahoria ""x"""\nc1,agent,ok\n',
    b"Cliente: zanahoria\nAsesor: ok\n",
    b'{"messages": [{"role": "user", "content": "zanahoria"}, {"role": "assistant", "content": "ok"}]}\n' * 2,
    b'[{"conversations": [{"from": "human", "value": "zanahoria"}, {"from": "gpt", "value": "ok"}]}]',
    b'{"instruction": "zanahoria", "output": "ok", "history": []}',
    b'{"mapping": {"a": {"parent": null, "children": [], "message": {"author": {"role": "user"}, "content": {"parts": ["zanahoria"]}}}}}',
    b'{"messages": [{"id": 1, "type": "message", "date_unixtime": "1710342312", "from": "A", "from_id": "u1", "text": ["zanahoria"]}]}',
    b'{"messages": [{"sender_name": "A", "timestamp_ms": 1710342312000, "content": "zanahoria"}]}',
    b'{"ticket": {"id": 1, "requester_id": 2}, "comments": [{"author_id": 2, "body": "zanahoria", "public": true}], "users": []}',
    b'{"id": 1, "conversations": [{"body_text": "zanahoria", "incoming": true, "private": false}]}',
    b'{"type": "conversation", "conversation_parts": {"conversation_parts": [{"body": "zanahoria", "author": {"type": "user"}}]}}',
    b'{"object": "whatsapp_business_account", "entry": [{"changes": [{"value": {"messaging_product": "whatsapp", "messages": [{"from": "1", "id": "x", "timestamp": "1710342312", "type": "text", "text": {"body": "zanahoria"}}]}}]}]}',
    b'{"turns": [{"speaker": "USER", "utterance": "zanahoria", "frames": [{"service_call": {"method": "m", "parameters": {}}}]}]}',
    b'{"conversation_id": "c", "domain": "automotive.sales", "seed_id": null, "messages": [{"role": "user", "content": "zanahoria", "kind": "text"}]}',
]  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.just(SECRET)
)
KEYS = st.sampled_from(
    [
        "messages",
        "role",
        "content",
        "from",
        "value",
        "conversations",
        "turns",
        "speaker",
        "text",
        "author",
        "id",
        "ticket",
        "comments",
        "body",
        "users",
        "mapping",
        "message",
        "parts",
        "entry",
        "changes",
        "tool_calls",
        "function",
        "arguments",
        "name",
        "tools",
        "history",
        "instruction",
        "output",
        "timestamp",
        "date",
        "conversation_parts",
        "source",
        "type",
        "sender_name",
        "frames",
        "events",
        "data",
    ]
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


def check(path: Path, forced: str | None = None) -> None:
    from dataclasses import replace

    for item in read(path, replace(OPTIONS, format=forced)):
        if isinstance(item, Rejection):
            assert SECRET not in repr(item)
            assert item.reason != FAULT
            assert item.reason == item.reason.lower()
            assert " " not in item.reason
        else:
            assert isinstance(item, Conversation)
            assert item.messages
            assert loads(dumps(item)).conversation_id == item.conversation_id


def mutated(seed: bytes, randomness: random.Random) -> bytes:
    """Cut, double, flip and splice pieces of a good file."""
    content = bytearray(seed)
    for _ in range(randomness.randint(1, 6)):
        at = randomness.randrange(len(content) + 1)
        end = min(len(content), at + randomness.randint(0, 20))
        choice = randomness.randrange(5)
        if choice == 0:
            del content[at:end]
        elif choice == 1:
            content[at:at] = content[at:end] * randomness.randint(1, 3)
        elif choice == 2 and at < len(content):
            content[at] = randomness.randrange(256)
        elif choice == 3:
            content[at:at] = randomness.choice(
                [b'"', b"\n", b"\x00", b"{", b"]", b":", b"\xff", b"\\u0000", b"1e999", "\u200e".encode()]
            )
        else:
            other = randomness.choice(SEEDS)
            content[at:at] = other[: randomness.randint(0, 40)]
    return bytes(content)


def test_mutated_files_never_raise_and_never_quote(tmp_path: Path):
    randomness = random.Random(7)
    path = tmp_path / "export"
    for _ in range(60):
        for seed in SEEDS:
            path.write_bytes(mutated(seed, randomness))
            check(path)


@pytest.mark.parametrize("format", FORMATS)
def test_every_parser_survives_every_file_that_is_forced_on_it(tmp_path: Path, format: str):
    randomness = random.Random(11)
    path = tmp_path / "export"
    for seed in SEEDS:
        for content in (seed, mutated(seed, randomness), b"", b"\xff\xfe" + seed[:10]):
            path.write_bytes(content)
            check(path, format)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=TREES)
def test_any_json_is_read_or_set_aside(tmp_path_factory, tree):
    path = tmp_path_factory.mktemp("json") / "export.json"
    path.write_text(json.dumps(tree))
    check(path)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    content=st.binary(max_size=300)
    | st.text(alphabet='0123/.,:-[] \n"aAmMpP;|\tñ\u200e\u202f', max_size=300).map(str.encode)
)
def test_any_bytes_are_read_or_set_aside(tmp_path_factory, content: bytes):
    path = tmp_path_factory.mktemp("bytes") / "export.txt"
    path.write_bytes(content)
    check(path)


@pytest.mark.slow
def test_many_more_mutated_files_never_raise_and_never_quote(tmp_path: Path):
    randomness = random.Random(2026)
    path = tmp_path / "export"
    for _ in range(1_200):
        for seed in SEEDS:
            path.write_bytes(mutated(seed, randomness))
            check(path)
