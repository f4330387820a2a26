"""Reads the exported dataset: rows, and the unit of privacy of each. Knows files, not tokens and not torch."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq

from uncase_pipeline.errors import UncaseError

Split = Literal["train", "validation", "test"]
Turns = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """One training conversation, or one preference pair.

    Attributes:
        conversation_id: Id of the row, for lineage.
        subjects: Pseudonymous ids of the people whose conversations it descends from; empty for curated seeds.
        seed_id: The seed it was made from.
        messages: The conversation; for a pair, the prompt.
        tools: Tool definitions.
        chosen: For a pair: the answer that won.
        rejected: For a pair: the answer that lost.
    """

    conversation_id: str
    subjects: tuple[str, ...]
    seed_id: str | None
    messages: Turns
    tools: list[Any] | None = None
    chosen: Turns | None = None
    rejected: Turns | None = None


def read_rows(folder: Path, split: Split, *, layout: str = "data") -> list[Row]:
    """Read one split of the exported folder; a split that was not written has no rows."""
    return [_row(raw) for file in sorted((folder / layout).glob(f"{split}-*.parquet")) for raw in _raw(file)]


def units_of(rows: Sequence[Row]) -> list[int]:
    """Number the unit of privacy of each row, from 0.

    Rows that share a subject, or a seed, are one unit, through any chain of such rows: whoever is behind a row is
    then behind no other unit. Rows of a curated seed have that seed as their unit; rows with neither stand alone.
    """
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    keys = [_keys(row, position) for position, row in enumerate(rows)]
    for first, *others in keys:
        for other in others:
            parent[root(other)] = root(first)
    numbers: dict[str, int] = {}
    return [numbers.setdefault(root(first), len(numbers)) for first, *_ in keys]


def people_of(rows: Sequence[Row]) -> list[str]:
    """Return the keys under which the people behind rows are booked: their own, and the seeds made from them.

    Both, because a family of subjects may be named after another of its members once the dataset has grown. Rows
    that descend from nobody have no entry: the export names their family after their seed, or after themselves.
    """
    keys = {
        key
        for position, row in enumerate(rows)
        if set(row.subjects) - {row.seed_id, row.conversation_id}
        for key in _keys(row, position)
    }
    return sorted(keys)


def _keys(row: Row, position: int) -> list[str]:
    keys = [f"subject:{subject}" for subject in row.subjects]
    if row.seed_id:
        keys.append(f"seed:{row.seed_id}")
    return keys or [f"row:{position}"]


def _raw(file: Path) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(file).iter_batches(1_000):
        yield from batch.to_pylist()


def _row(raw: dict[str, Any]) -> Row:
    messages = raw.get("messages") or raw.get("prompt")
    if not messages:
        raise UncaseError(
            "bad-training-row",
            f"A row of the exported dataset has no messages ({raw.get('conversation_id')}).",
            "Materialize exported_datasets again with this version.",
        )
    return Row(
        conversation_id=str(raw.get("conversation_id") or ""),
        subjects=_subjects(raw),
        seed_id=raw.get("seed_id"),
        messages=turns_of(messages),
        tools=_loaded(raw.get("tools")) or None,
        chosen=turns_of(raw["chosen"]) if raw.get("chosen") else None,
        rejected=turns_of(raw["rejected"]) if raw.get("rejected") else None,
    )


def _subjects(raw: dict[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for value in (raw.get("subject_ids"), raw.get("subject_id")):
        found += value if isinstance(value, list) else [value] if value else []
    return tuple(dict.fromkeys(found))


def turns_of(messages: Any) -> Turns:
    """Return turns as chat templates take them: plain keys, arguments of calls as objects."""
    return [_turn(_loaded(message)) for message in _loaded(messages)]


def _turn(message: dict[str, Any]) -> dict[str, Any]:
    turn = {"role": message["role"], "content": message.get("content") or ""}
    calls = [_call(call) for call in _loaded(message.get("tool_calls")) or []]
    if calls:
        turn["tool_calls"] = calls
    if message.get("tool_call_id"):
        turn["tool_call_id"] = message["tool_call_id"]
    return turn


def _call(call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"]
    return {
        "id": call.get("id"),
        "type": "function",
        "function": {"name": function["name"], "arguments": _loaded(function["arguments"])},
    }


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
