"""Export: the truth table of the formats, and their speeds beside transformers' own. ``make bench-export``.

Goldens are read where ``UNCASE_SHARED`` names the shared folder; without it that column says so. Speeds are per
CPU-second of one core, on conversations of twelve turns. ``--memory`` adds the peak of whole exports.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from uncase_pipeline.exported.carriage import TextCarrier
from uncase_pipeline.exported.chats import Chat, chat_of
from uncase_pipeline.exported.formats import FAMILIES, FORMATS, RECORD_FORMATS, Format
from uncase_pipeline.exported.neutralize import suspicious
from uncase_pipeline.exported.records import alpaca_records, openai_record
from uncase_pipeline.exported.render import Renderer, template_text
from uncase_pipeline.exported.rendering import Refused
from uncase_pipeline.records.conversation import Conversation, Message
from uncase_pipeline.records.native import from_wire

NOW = datetime(2025, 6, 28, 9, 30)
TURNS = 12
SECONDS = 0.4
GOLDENS = "goldens/chat_templates.json"


@dataclass(slots=True)
class Row:
    """One row of the truth table."""

    name: str
    goldens: str = "no UNCASE_SHARED"
    carried: int = 0
    calls: int = 0
    learned: int = 0
    characters: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Print the truth table, the speeds, and with ``--memory`` the peaks."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--memory", action="store_true")
    options.add_argument("--export", type=int, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.export:
        print(json.dumps(export_rows(chosen.export)))
        return
    goldens = read_goldens()
    print_truth([truth_of(format_, goldens) for format_ in FORMATS.values()])
    print_speeds()
    if chosen.memory:
        print_memory()


def read_goldens() -> dict[str, Any] | None:
    """Return the goldens, None where they are not at hand."""
    root = os.environ.get("UNCASE_SHARED")
    path = Path(root) / GOLDENS if root else None
    if path is None or not path.is_file():
        return None
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def truth_of(format_: Format, goldens: dict[str, Any] | None) -> Row:
    """Match a format with its goldens, and carry their conversations as an export would."""
    row = Row(format_.name)
    if goldens is None:
        return row
    chats = {name: golden_chat(conversation) for name, conversation in goldens["conversations"].items()}
    row.goldens = matched(format_, goldens, chats)
    carrier = TextCarrier(format_, NOW)
    for chat in chats.values():
        try:
            rendering = carrier.render(carrier.prepared(chat, suspicious_=suspicious(chat)))
        except Refused as refusal:
            row.left_out[refusal.reason] += 1
            continue
        row.carried += 1
        row.learned += rendering.learned
        row.characters += len(rendering.text)
    row.calls = carrier.truth.tool_rows
    return row


def golden_chat(conversation: dict[str, Any]) -> Chat:
    """Return a conversation of the goldens as templates take it."""
    return chat_of(from_wire({"conversation_id": "", "domain": "", **conversation}))


def matched(format_: Format, goldens: dict[str, Any], chats: dict[str, Chat]) -> str:
    """Return how many goldens of a format are matched, its expected refusals among them."""
    renderer = Renderer(format_, NOW)
    entries = [golden for golden in goldens["goldens"] if golden["template"] == format_.name]
    good = 0
    for golden in entries:
        options = {**golden["chat_template_kwargs"], "add_generation_prompt": golden["add_generation_prompt"]}
        try:
            text: str | None = renderer.text(chats[golden["conversation"]], **options)
        except Refused:
            text = None
        good += text == golden.get("output")
    return f"{good} of {len(entries)}" if entries else "of its two"


def print_truth(rows: list[Row]) -> None:
    """Print the truth table over the conversations of the goldens."""
    print("## Truth table, over the 15 conversations of the goldens\n")
    print("Every carried row ends each answer with a learned stop token, and its calls are read back.\n")
    print("| format | goldens byte-equal | carried | with calls, read back | learned | left out |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        learned = f"{row.learned / row.characters:.0%}" if row.characters else ""
        reasons = ", ".join(f"{count} {reason}" for reason, count in row.left_out.most_common()) or "none"
        print(f"| {row.name} | {row.goldens} | {row.carried} | {row.calls} | {learned} | {reasons} |")


def print_speeds() -> None:
    """Print conversations per CPU-second: text, text with spans, and transformers."""
    chat = chat_of(long_conversation(0))
    print(f"\n## Conversations of {TURNS} turns per CPU-second\n")
    print("| format | rendered | with learned spans | transformers, official-size template |")
    print("|---|---|---|---|")
    for name in FAMILIES.values():
        renderer = Renderer(FORMATS[name], NOW)
        ours = rate(lambda: renderer.text(chat))  # noqa: B023 - called before the next turn
        spans = rate(lambda: renderer.render(chat))  # noqa: B023
        print(f"| {name} | {ours:,.0f} | {spans:,.0f} | {transformers_rate(FORMATS[name], chat)} |")
    print(f"| openai_api | {rate(lambda: openai_record(chat)):,.0f} | | |")
    print(f"| alpaca | {rate(lambda: alpaca_records(chat)):,.0f} | | |")


def transformers_rate(format_: Format, chat: Chat) -> str:
    """Return the speed of transformers' renderer with TRL's copy of the official template, or with ours."""
    if find_spec("transformers") is None:
        return "not installed"
    from transformers.utils.chat_template_utils import render_jinja_template

    official = official_template(format_.name)
    template = official or template_text(format_)
    tokens = {"bos_token": format_.bos, "eos_token": format_.eos}

    def run() -> object:
        return render_jinja_template([chat.messages], chat_template=template, **tokens)

    return f"{rate(run):,.0f} ({'the official template' if official else 'our template'})"


def official_template(name: str) -> str | None:
    """Return TRL's copy of an official template, None where it ships none."""
    specification = find_spec("trl")
    file = {"harmony_gptoss": "gptoss"}.get(name, name)
    if specification is None or specification.origin is None:
        return None
    path = Path(specification.origin).parent / "chat_templates" / f"{file}.jinja"
    return path.read_text() if path.is_file() else None


def rate(work: Callable[[], object]) -> float:
    """Return how often some work is done in a CPU-second: the best of three."""
    return max(_once(work) for _ in range(3))


def _once(work: Callable[[], object]) -> float:
    done, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < SECONDS:
        for _ in range(50):
            work()
        done += 50
    return done / spent


def long_conversation(number: int) -> Conversation:
    """Return a conversation of twelve turns."""
    messages = [
        Message(
            role="user" if turn % 2 == 0 else "assistant",
            content=f"Turno {turn} de la conversación {number}, con un texto de largo normal para un chat.",
        )
        for turn in range(TURNS)
    ]
    return Conversation(f"conv_{number}", "automotive.sales", messages, "es", seed_id=f"seed_{number // 4}")


def print_memory() -> None:
    """Print the peak memory and the pace of whole exports, each in a process of its own."""
    print("\n## Whole exports: every format in one pass\n")
    print("| rows | peak MB | rows per CPU-second, all formats |")
    print("|---|---|---|")
    for rows in (2_000, 20_000):
        command = [sys.executable, __file__, "--export", str(rows)]
        found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        print(f"| {rows:,} | {found['peak_mb']:.0f} | {found['rate']:.0f} |")


def export_rows(count: int) -> dict[str, float]:
    """Export generated rows into a lake of their own."""
    from uncase_pipeline.exported.publish import export_dataset
    from uncase_pipeline.records.arrow import CONVERSATIONS, to_batches
    from uncase_pipeline.seal.lock import require_valid, seal_stage
    from uncase_pipeline.settings import Settings
    from uncase_pipeline.storage.lake import Lake

    def rows() -> Iterator[Conversation]:
        return map(long_conversation, range(count))

    with tempfile.TemporaryDirectory() as folder:
        house = Settings(home=Path(folder), lake=f"{folder}/lake")
        lake = Lake.open(house)
        with lake.stage("certified_conversations", "automotive.sales") as stage:
            with stage.writer("conversations.parquet", CONVERSATIONS) as writer:
                for batch in to_batches(rows()):
                    writer.write_batch(batch)
            seal_stage(stage, "bench", {"passed": True}, house)
            certified = stage.publish()
        begun = time.process_time()
        with lake.stage("exported_datasets", "automotive.sales") as stage:
            export_dataset(certified, require_valid(certified, house), stage, "automotive.sales", house)
        spent = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    return {"peak_mb": peak, "rate": count / spent, "formats": len(FAMILIES) + len(RECORD_FORMATS)}


if __name__ == "__main__":
    main()
