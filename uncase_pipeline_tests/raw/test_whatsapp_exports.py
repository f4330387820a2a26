"""Real and authored exports read as their authors say."""

import json
from collections import Counter
from pathlib import Path

import pytest

from uncase_pipeline_tests.raw.conftest import read_all, turns


def entries(shared: Path) -> list[dict]:
    found = json.loads((shared / "exports/whatsapp/expected.json").read_text())
    return [entry for entry in found if entry["file"].endswith(".txt")]


def test_every_export_holds_the_messages_that_are_expected(shared: Path):
    checked = 0
    for entry in entries(shared):
        kept, aside = read_all(shared / "exports/whatsapp" / entry["file"])
        messages = turns(kept)
        people = [message for message in messages if message.kind != "system"]
        kinds = Counter(message.kind for message in messages)
        got = {
            "headers": len(messages),
            "system": kinds["system"],
            "user_messages": len(people),
            "authors": len({message.metadata["author"] for message in people}),
            "per_author": dict(Counter(message.metadata["author"] for message in people)),
            "media": kinds["media"],
            "edited": kinds["edited"],
            "deleted": kinds["deleted"],
            "text_messages": kinds["text"],
            "counts": {kind: kinds[kind] for kind in entry.get("counts", {})},
        }
        assert not aside
        for name in got.keys() & entry.keys():
            assert got[name] == entry[name], (entry["file"], name)
            checked += 1
    assert checked > 60


def test_every_message_of_the_authored_exports_is_exact(shared: Path):
    compared = 0
    for entry in entries(shared):
        if not entry["authored"]:
            continue
        messages = turns(read_all(shared / "exports/whatsapp" / entry["file"])[0])
        got = [
            {"kind": m.kind, "timestamp": m.timestamp, "author": m.metadata.get("author"), "text": m.content}
            for m in messages
        ]
        assert got == entry["messages"], entry["file"]
        compared += len(got)
    assert compared == 92


def test_every_other_export_is_read_by_its_own_format(shared: Path):
    expected = {
        "sharegpt/glaive_toolcall_cut.json": ("sharegpt", 60, 400),
        "openai_chat/get_weather_full.json": ("openai", 1, 13),
        "openai_chat/no_tools.json": ("openai", 1, 7),
        "openai_chat/parallel_calls.json": ("openai", 1, 8),
        "openai_chat/finetune.jsonl": ("openai", 15, 68),
        "chatgpt_export/conversations_kontext.json": ("chatgpt", 2, 4),
        "messengers/chatminer_instagram_test_export.json": ("messenger", 2, 2),
        "messengers/chatminer_signal_test_export.txt": ("signal", 2, 2),
        "messengers/chatminer_telegram_test_single_export.json": ("telegram", 1, 2),
        "helpdesk/intercom_conversation.json": ("intercom", 1, 2),
        "helpdesk/zendesk_tickets.json": ("zendesk", 1, 4),
        "helpdesk/freshdesk_ticket.json": ("freshdesk", 1, 4),
        "webhook/whatsapp_cloud_text.json": ("whatsapp-cloud", 1, 2),
        "webhook/generic_conversation.json": ("dialogue", 1, 2),
        "csv/turns_es.csv": ("csv", 2, 4),
        "jsonl/conversations.jsonl": ("dialogue", 20, 40),
    }
    for name, (format, conversations, count) in expected.items():
        kept, aside = read_all(shared / "exports" / name)
        assert not aside, name
        assert {item.source.format for item in kept if item.source} == {format}, name
        assert (len(kept), len(turns(kept))) == (conversations, count), name


@pytest.mark.parametrize(
    ("name", "conversations"),
    [
        ("craigslistbargain_cars/dev.json", 56),
        ("sgd/banks.json", 28),
        ("aci_bench/valid.csv", 20),
        ("mts_dialog/MTS-Dialog-ValidationSet.csv", 100),
        ("sharc/sharc1_dev_cut.json", 664),
        ("pacific/validation_cut.json", 136),
        ("convfinqa/convfinqa_dataset.json", 158),
        ("flodial/dialogs.json", 357),
        ("ubuntu_irc/dev/2005-06-27_12.raw.txt", 1),
        ("mathdial/test_cut.jsonl", 205),
        ("bridge/validation_cut.json", 52),
        ("taskmaster1/sample.json", 1),
        ("taskmaster3_reward/reward_00_cut.json", 303),
        ("taskmaster4/data_00_cut.json", 118),
        ("abcd/abcd_sample.json", 2),
        ("chatterbot_es/greetings.yml", 26),
    ],
)
def test_a_dialogue_corpus_is_imported_without_help(shared: Path, name: str, conversations: int):
    kept, _ = read_all(shared / "corpora" / name)
    assert len(kept) == conversations
    roles = Counter(message.role for message in turns(kept))
    assert roles["assistant"] and roles["user"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("banking77/train_cut.csv", "not-a-dialogue"),
        ("maintie/gold_release_cut.json", "unknown-format"),
        ("primock57/transcripts/day1_consultation03_doctor.TextGrid", "unknown-format"),
        ("cima/dataset.json", "unknown-format"),
        ("sgd/schema.json", "unknown-format"),
    ],
)
def test_a_corpus_that_is_no_dialogue_is_refused_with_the_reason(shared: Path, name: str, reason: str):
    kept, aside = read_all(shared / "corpora" / name)
    assert not kept
    assert [rejection.reason for rejection in aside] == [reason]


def test_service_calls_of_sgd_become_tool_calls(shared: Path):
    kept, _ = read_all(shared / "corpora/sgd/rentalcars.json")
    called = [message for message in turns(kept) if message.tool_calls]
    answers = {message.tool_call_id for message in turns(kept) if message.role == "tool"}
    assert len(called) == 42
    assert {call.id for message in called for call in message.tool_calls or ()} == answers
