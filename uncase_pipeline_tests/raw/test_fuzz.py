"""No exception escapes detection or a parser, no content is quoted, and everything is accounted for."""
# ruff: noqa: E501

import csv
import json
import random
from collections import Counter
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from uncase_pipeline.raw.detect import detect
from uncase_pipeline.raw.index import Index
from uncase_pipeline.raw.reader import FAULT, read, read_batches, sources
from uncase_pipeline.raw.registry import FORMATS, SHAPES
from uncase_pipeline.records.arrow import Pack, from_batches
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
    b'{"envelope": {"source": "+52", "timestamp": 1705309500000, "dataMessage": {"message": "zanahoria"}}, "account": "+1"}',
    b'{"id": 1, "conversation": [{"human": "zanahoria", "assistant": "ok"}]}',
    b'{"prompt": [{"role": "user", "content": "zanahoria"}], "chosen": [{"role": "assistant", "content": "ok"}]}',
    b'{"contents": [{"role": "user", "parts": [{"text": "zanahoria"}]}, {"role": "model", "parts": [{"functionCall": {"name": "m", "args": {}}}]}]}',
    b'{"log": [{"text": "zanahoria", "metadata": {}}, {"text": "ok", "metadata": {"x": 1}}]}',
    b'{"text": "<|im_start|>user\\nzanahoria<|im_end|>\\n<|im_start|>assistant\\nok<|im_end|>"}',
    b'[{"type": "message", "user": "U1", "text": "zanahoria", "ts": "1705309500.0001"}, {"user": "U2", "text": "ok", "ts": "1705309560"}]',
    b"WEBVTT\n\n1\n00:00:01.000 --> 00:00:03.000\n<v Cliente>zanahoria</v>\n\n2\n00:00:04.000 --> 00:00:06.000\nAgente: ok\n",
    b"chat_id;sender;message;timestamp\n1;Ana;zanahoria;15/01/2024 09:05\n1;Luis;ok;18/01/2024 09:05\n",
    b'id,conversation\n1,"[{\'role\': \'user\', \'content\': \'zanahoria\'}]"\n',
    b"From ana@x.mx Mon Jan 15 09:05:00 2024\nFrom: Ana <ana@x.mx>\nTo: soporte@t.mx\nDate: Mon, 15 Jan 2024 09:05:00 +0000\nMessage-ID: <1@x>\n\nzanahoria\n> hola\n\nFrom s@t.mx Mon Jan 15 09:06:00 2024\nFrom: soporte@t.mx\nTo: ana@x.mx\nDate: Mon, 15 Jan 2024 09:06:00 +0000\nIn-Reply-To: <1@x>\nContent-Type: text/html; charset=utf-8\n\n<p>ok</p>\n",
    b"Ana, [15.01.24 09:05]\nzanahoria\nLuis, [15.01.24 09:06]\nok\nAna, [17.01.24 09:06]\nya\n",
    b'[{"key": {"remoteJid": "1@s.whatsapp.net", "fromMe": false}, "messageTimestamp": 1705309500, "pushName": "Ana", "message": {"imageMessage": {"caption": "zanahoria"}}}, {"id": {"fromMe": true, "remote": "1@c.us"}, "body": "ok", "type": "chat", "timestamp": 1705309560}]',
    b"From,To,Body,SentDate,Type\n+1,+2,zanahoria,15/01/2024 09:05,inbound\n+2,+1,<p>ok</p>,15/01/2024 09:06,outbound-api\n+3,+2,x,15/01/2024 09:07,note\n",
    b"[9:05 a. m., 15/1/2024] Ana: zanahoria\n[9:06 a. m., 15/1/2024] Luis: ok\n",
    b"conversations:\n- - zanahoria\n  - ok\n- messages:\n  - {role: user, content: zanahoria}\n  - {role: assistant, content: ok}\n",
    b'{"sessionId": "s1", "timestamp": "2024-01-15T09:05:00Z", "inputTranscript": "zanahoria", "messages": [{"content": "ok"}]}\n{"queryResult": {"queryText": "zanahoria", "fulfillmentMessages": [{"text": {"text": ["ok"]}}]}, "session": "s1"}',
    b'{"message_tree_id": "t", "prompt": {"text": "zanahoria", "role": "prompter", "replies": [{"text": "ok", "role": "assistant", "rank": 0, "replies": []}]}}\n{"message_tree_id": "u", "message_id": "1", "parent_id": null, "text": "zanahoria", "role": "prompter"}',
    b'[{"type": "message", "user": "U1", "text": "<@U2> zanahoria", "ts": "1705309500.0001", "thread_ts": "1705309500.0001", "user_profile": {"real_name": "Ana"}}, {"type": "message", "subtype": "channel_join", "ts": "1705309560.0001"}]',
    "[١٥/١/٢٠٢٤، ٩:٠٥:١٢ ص] Ana: zanahoria\n[١٦/١/٢٠٢٤، ٩:٠٦:١٣ م] Luis: ok\n".encode(),
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


NASTY = [
    b'"', b"\n", b"\x00", b"{", b"]", b":", b"\xff", b"\\u0000", b"1e999", b"\\ud800", b"NaN", b"9" * 400, b"[" * 300,
    b'{"a":' * 60, b"-", b"\r", b"\xef\xbb\xbf", "\u200e".encode(), "\u2028".encode(), b",null", b'"role":', b"\xed\xa0\x80",
]  # fmt: skip
ENCODINGS = ["utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1", "utf-8-sig", "utf-7"]


def mutated(seed: bytes, randomness: random.Random) -> bytes:
    """Cut, double, flip and splice pieces of a good file, or write it in another encoding."""
    content = bytearray(seed)
    for _ in range(randomness.randint(1, 6)):
        at = randomness.randrange(len(content) + 1)
        end = min(len(content), at + randomness.randint(0, 20))
        choice = randomness.randrange(8)
        if choice == 0:
            del content[at:end]
        elif choice == 1:
            content[at:at] = content[at:end] * randomness.randint(1, 3)
        elif choice == 2 and at < len(content):
            content[at] = randomness.randrange(256)
        elif choice == 3:
            content[at:at] = randomness.choice(NASTY)
        elif choice == 4:
            del content[at:]
        elif choice == 5:
            content += randomness.choice(SEEDS)
        else:
            other = randomness.choice(SEEDS)
            content[at:at] = other[: randomness.randint(0, 40)]
    if randomness.random() < 0.15:
        return content.decode("utf-8", "replace").encode(randomness.choice(ENCODINGS), "replace")
    return bytes(content)


def test_mutated_files_never_raise_and_never_quote(tmp_path: Path):
    randomness = random.Random(7)
    path = tmp_path / "export"
    for _ in range(40):
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
    for _ in range(500):
        for seed in SEEDS:
            path.write_bytes(mutated(seed, randomness))
            check(path)


def bent(value: Any, randomness: random.Random) -> Any:
    """Take away or replace something at a random place of a JSON value."""
    if isinstance(value, dict) and value and randomness.random() < 0.8:
        name = randomness.choice(list(value))
        if randomness.random() < 0.3:
            return {key: item for key, item in value.items() if key != name}
        return {**value, name: bent(value[name], randomness)}
    if isinstance(value, list) and value and randomness.random() < 0.8:
        at = randomness.randrange(len(value))
        return [*value[:at], bent(value[at], randomness), *value[at + 1 :]]
    return randomness.choice([None, 0, True, "", SECRET, [], {}, [None], {"id": 1}, 1e300, -1])


def ledger(content: bytes, tmp_path: Path, format: str | None) -> tuple[list[Conversation], list[Rejection]]:
    path = tmp_path / "export"
    path.write_bytes(content)
    items = list(read(path, replace(OPTIONS, format=format)))
    return [item for item in items if isinstance(item, Conversation)], [item for item in items if isinstance(item, Rejection)]  # fmt: skip


RECORDS = [json.loads(seed) for seed in SEEDS if seed.startswith(b"{") and seed.count(b"\n") == 0]


@pytest.mark.parametrize("format", [shape.name for shape in SHAPES])
@pytest.mark.parametrize("framing", ["lines", "array"])
def test_every_record_of_a_file_is_a_conversation_or_set_aside(tmp_path: Path, format: str, framing: str):
    randomness = random.Random(f"{format} {framing}")
    for _ in range(6):
        records = [bent(record, randomness) for record in randomness.choices(RECORDS, k=12)]
        records = [record for record in records if isinstance(record, dict)]
        lines = [json.dumps(record).encode() for record in records]
        if framing == "lines":
            at = randomness.randrange(len(lines))
            lines[at] = lines[at][: randomness.randrange(1, len(lines[at]))]
        kept, aside = ledger(
            b"\n".join(lines) if framing == "lines" else b"[" + b",".join(lines) + b"]", tmp_path, format
        )
        told = [item.source.position for item in kept if item.source]
        told += [int(item.where.rpartition(" ")[2]) for item in aside if " record " in item.where]
        assert set(range(len(lines))) <= set(told)


@pytest.mark.parametrize("shape", ["whatsapp", "csv", "json-rows"])
def test_every_message_of_a_chat_or_table_is_a_turn_or_set_aside(tmp_path: Path, shape: str):
    randomness = random.Random(shape)
    said = ["hola", "", "a;b", "13/3/24", "¿qué?", "<Multimedia omitido>", "x: y", "\u200e", '"']
    for _ in range(30):
        rows = [
            (randomness.choice(["13/3/24", "14/3/24", "99/9/24"]), randomness.choice(["Ana", "Luis", "Rosa: Sol"]), randomness.choice(said))
            for _ in range(randomness.randint(1, 25))
        ]  # fmt: skip
        if shape == "whatsapp":
            content = "".join(
                f"{day}, 9:{n:02d} - {who}: {text}\n" for n, (day, who, text) in enumerate(rows)
            )
        elif shape == "csv":
            file = StringIO()
            csv.writer(file).writerows([("chat_id", "date", "sender", "message"), *((randomness.randint(1, 3), *row) for row in rows)])  # fmt: skip
            content = file.getvalue()
        else:
            content = "\n".join(json.dumps({"ts": 1705309500 + n, "user": who, "text": text}) for n, (_, who, text) in enumerate(rows))  # fmt: skip
        kept, aside = ledger(content.encode(), tmp_path, shape)
        assert sum(len(item.messages) for item in kept) + sum(item.rows for item in aside) == len(rows)


def test_what_is_read_again_is_new_known_or_set_aside_and_nothing_else(tmp_path: Path):
    randomness = random.Random(5)
    for seed in SEEDS:
        content = mutated(seed, randomness) if randomness.random() < 0.5 else seed
        kept, aside = ledger(content, tmp_path, detected(content, tmp_path))
        again, aside_again = ledger(content, tmp_path, detected(content, tmp_path))
        counts: Counter[str] = Counter()
        with Index() as index:
            for row, item in enumerate([*kept, *again]):
                counts[index.note(item.conversation_id, len(item.messages), digest_of(item), row).news] += 1
        assert aside == aside_again
        assert counts["new"] + counts["known"] + counts["grown"] == 2 * len(kept)
        assert counts["known"] >= len(kept)


def test_the_fast_way_into_the_vault_reads_what_the_other_reads(tmp_path: Path):
    randomness = random.Random(13)
    path = tmp_path / "export"
    for content in [*SEEDS, *(mutated(seed, randomness) for seed in SEEDS * 2)]:
        kept, aside = ledger(content, tmp_path, None)
        pack = Pack()
        fast = list(read_batches(path, OPTIONS, pack))
        batches = [item for item in fast if not isinstance(item, Rejection)] + (
            [pack.take()] if len(pack) else []
        )
        assert Counter(map(dumps, from_batches(batches))) == Counter(map(dumps, kept))
        assert Counter(map(repr, aside)) == Counter(
            repr(item) for item in fast if isinstance(item, Rejection)
        )


def digest_of(item: Conversation) -> bytes:
    return dumps(replace(item, source=None))


def detected(content: bytes, tmp_path: Path) -> str | None:
    path = tmp_path / "export"
    path.write_bytes(content)
    return next(
        (detect(source).format for source in sources(path) if not isinstance(source, Rejection)), None
    )
