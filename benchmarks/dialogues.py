"""Public dialogues as native conversations, for benchmarks. Knows the corpora of ``UNCASE_SHARED``, no metric."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from uncase_pipeline.records.conversation import Conversation, Message, Role, ToolCall
from uncase_pipeline.records.ids import content_id

Turn = tuple[Role, str]
_MIN_TURNS = 6


def dialogues(shared: Path, corpus: str, limit: int | None = None) -> list[Conversation]:
    """Return the dialogues of a corpus that have at least six turns, in the order of the files."""
    domain, read = CORPORA[corpus]
    found = []
    for messages, tools in read(shared / "corpora"):
        if len(messages) >= _MIN_TURNS and {"user", "assistant"} <= {message.role for message in messages}:
            key = [message.content for message in messages]
            found.append(
                Conversation(content_id(corpus, len(found), key), domain, messages, "en", tools=tools)
            )
        if limit is not None and len(found) == limit:
            break
    return found


Read = Iterator[tuple[list[Message], list[dict[str, Any]] | None]]


def _plain(turns: list[Turn]) -> tuple[list[Message], None]:
    return [Message(role, text.strip()) for role, text in turns if text.strip()], None


def _craigslist(root: Path) -> Read:
    for entry in json.loads((root / "craigslistbargain_cars/dev.json").read_text()):
        roles: list[Role] = [
            "user" if kb["personal"]["Role"] == "buyer" else "assistant" for kb in entry["scenario"]["kbs"]
        ]
        yield _plain(
            [
                (roles[e["agent"]], e["data"])
                for e in entry["events"]
                if e["action"] == "message" and e["data"]
            ]
        )


def _flodial(root: Path) -> Read:
    for entry in json.loads((root / "flodial/dialogs.json").read_text()).values():
        yield _plain(
            [("user" if u["speaker"] == "user" else "assistant", u["utterance"]) for u in entry["utterences"]]
        )


def _sgd(file: str) -> Callable[[Path], Read]:
    def read(root: Path) -> Read:
        schema = {s["service_name"]: s for s in json.loads((root / "sgd/schema.json").read_text())}
        for entry in json.loads((root / "sgd" / file).read_text()):
            messages: list[Message] = []
            for turn in entry["turns"]:
                frame = turn["frames"][0]
                if "service_call" in frame:
                    messages.extend(_call(frame, len(messages)))
                role: Role = "user" if turn["speaker"] == "USER" else "assistant"
                messages.append(Message(role, turn["utterance"]))
            yield messages, [tool for name in entry["services"] for tool in _tools(schema[name])]

    return read


def _call(frame: dict[str, Any], number: int) -> list[Message]:
    call = ToolCall(f"call_{number}", frame["service_call"]["method"], frame["service_call"]["parameters"])
    results = json.dumps(frame.get("service_results", [])[:1])
    return [Message("assistant", "", tool_calls=[call]), Message("tool", results, tool_call_id=call.id)]


def _tools(service: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for intent in service["intents"]:
        slots = [*intent["required_slots"], *intent["optional_slots"]]
        yield {
            "type": "function",
            "function": {
                "name": intent["name"],
                "parameters": {
                    "type": "object",
                    "properties": {slot: {"type": "string"} for slot in slots},
                    "required": list(intent["required_slots"]),
                },
            },
        }


def _aci(root: Path) -> Read:
    with (root / "aci_bench/valid.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            lines = (re.match(r"\[(\w+)\] (.*)", line) for line in row["dialogue"].splitlines())
            yield _plain([("assistant" if m[1] == "doctor" else "user", m[2]) for m in lines if m])


def _mts(root: Path) -> Read:
    with (root / "mts_dialog/MTS-Dialog-ValidationSet.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            lines = (re.match(r"(\w+): (.*)", line.strip()) for line in row["dialogue"].splitlines())
            yield _plain([("assistant" if m[1] == "Doctor" else "user", m[2]) for m in lines if m])


def _primock(root: Path) -> Read:
    interval = re.compile(r'xmin = ([\d.]+) *\n\s*xmax = [\d.]+ *\n\s*text = "(.*)"')
    for path in sorted((root / "primock57/transcripts").glob("*_doctor.TextGrid")):
        turns = [
            (float(start), role, re.sub(r"<[^>]*>", "", text))
            for role, file in (("assistant", path), ("user", Path(str(path).replace("_doctor", "_patient"))))
            for start, text in interval.findall(file.read_text())
            if text.strip()
        ]
        yield _plain([("user" if role == "user" else "assistant", text) for _, role, text in sorted(turns)])


def _mathdial(root: Path) -> Read:
    for line in (root / "mathdial/test_cut.jsonl").read_text().splitlines():
        parts = [part.partition(": ") for part in json.loads(line)["conversation"].split("|EOM|")]
        yield _plain(
            [
                ("assistant" if who == "Teacher" else "user", re.sub(r"^\(\w+\)", "", text))
                for who, _, text in parts
            ]
        )


def _sharc(root: Path) -> Read:
    for entry in json.loads((root / "sharc/sharc1_dev_cut.json").read_text()):
        turns: list[Turn] = [("user", f"{entry['scenario']} {entry['question']}")]
        for past in entry["history"]:
            turns += [("assistant", past["follow_up_question"]), ("user", past["follow_up_answer"])]
        yield _plain([*turns, ("assistant", entry["answer"])])


CORPORA: dict[str, tuple[str, Callable[[Path], Read]]] = {
    "craigslist_cars": ("automotive.sales", _craigslist),
    "sgd_rentalcars": ("automotive.sales", _sgd("rentalcars.json")),
    "sgd_banks": ("finance.advisory", _sgd("banks.json")),
    "sgd_doctors": ("medical.consultation", _sgd("services_doctor_dentist.json")),
    "aci_bench": ("medical.consultation", _aci),
    "mts_dialog": ("medical.consultation", _mts),
    "primock57": ("medical.consultation", _primock),
    "flodial": ("industrial.support", _flodial),
    "mathdial": ("education.tutoring", _mathdial),
    "sharc": ("legal.advisory", _sharc),
}
"""Domain and reader per corpus."""
