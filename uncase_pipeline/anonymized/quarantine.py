"""Conversations that wait for a person, and what people decided. Knows the lake, not the detectors.

The rows are encrypted. A decision is one line of a ledger: who, when, which conversation, and why; the next
materialization obeys it.
"""

import getpass
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import orjson
import pyarrow as pa

from uncase_pipeline.anonymized.anonymizer import Quarantined
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records import native
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.storage.lake import Lake

ASSET = "anonymized_conversations"
QUARANTINE_FILE = "quarantine.vault.parquet"
QUARANTINE = pa.schema(
    [
        ("conversation_id", pa.string()),
        ("reason", pa.string()),
        ("places", pa.list_(pa.string())),
        ("conversation", pa.string()),
    ]
)
"""``places`` are paths and offsets in the masked text; ``conversation`` is the original, hence the vault."""
_LEDGER = "quarantine-decisions.jsonl"

Verdict = Literal["release", "drop"]


@dataclass(frozen=True, slots=True)
class Held:
    """One conversation in quarantine, without its content."""

    domain: str
    conversation_id: str
    reason: str
    places: list[str]
    decision: Verdict | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided."""

    conversation_id: str
    decision: Verdict
    reviewer: str
    at: str
    note: str


def quarantine_row(conversation: Conversation, held: Quarantined) -> dict[str, object]:
    """Return the row that is stored, encrypted, for a conversation."""
    return {
        "conversation_id": conversation.conversation_id,
        "reason": held.reason,
        "places": [f"{doubt.path}:{doubt.start}-{doubt.end} {doubt.reason}" for doubt in held.doubts],
        "conversation": native.dumps(conversation).decode(),
    }


def list_held(lake: Lake, home: Path) -> Iterator[Held]:
    """Yield what the current versions of all domains hold in quarantine."""
    decided = decisions(home)
    for domain in DOMAINS:
        version = lake.current(ASSET, domain)
        if version is None:
            continue
        for batch in version.batches(QUARANTINE_FILE, columns=["conversation_id", "reason", "places"]):
            for row in batch.to_pylist():
                yield Held(
                    domain,
                    row["conversation_id"],
                    row["reason"],
                    row["places"],
                    decided.get(row["conversation_id"]),
                )


def decide(lake: Lake, home: Path, conversation_id: str, decision: Verdict, note: str = "") -> Decision:
    """Record a decision on a conversation that is in quarantine.

    Raises:
        UncaseError: ``not-in-quarantine``.
    """
    if not any(held.conversation_id == conversation_id for held in list_held(lake, home)):
        raise UncaseError(
            "not-in-quarantine",
            f"There is no conversation {conversation_id} in quarantine.",
            "See `uncase quarantine list` for those that are.",
        )
    made = Decision(
        conversation_id, decision, getpass.getuser(), datetime.now(UTC).isoformat(timespec="seconds"), note
    )
    home.mkdir(parents=True, exist_ok=True)
    with (home / _LEDGER).open("ab") as ledger:
        ledger.write(orjson.dumps(asdict(made)) + b"\n")
    return made


def decisions(home: Path) -> dict[str, Verdict]:
    """Return the last decision on every conversation."""
    path = home / _LEDGER
    if not path.exists():
        return {}
    lines = (orjson.loads(line) for line in path.read_bytes().splitlines())
    return {line["conversation_id"]: line["decision"] for line in lines}
