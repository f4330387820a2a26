"""Preference pairs and where they come from: the export, production's feedback, a file. Knows rows, not tokens.

Feedback is read where it was anonymized: corrections and choices of people who agreed to training, each pair with its
subject as unit of privacy.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field

from uncase_pipeline.adapter.contract import PairSources
from uncase_pipeline.adapter.dataset import Row, Turns, read_rows, turns_of
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.rejection import Rejection

_EXPORTED = "preference"
_MOST_AT_ONCE = 1_000


class _Line(BaseModel):
    """A line of a user's file; TRL's two shapes, text or turns."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    prompt: str | list[dict[str, Any]] = Field(min_length=1)
    chosen: str | list[dict[str, Any]] = Field(min_length=1)
    rejected: str | list[dict[str, Any]] = Field(min_length=1)
    subject_id: str | None = None
    tools: list[dict[str, Any]] | None = None


def read_pairs(dataset: Path, sources: PairSources) -> tuple[list[Row], list[Row]]:
    """Return all pairs of a job: those to learn from, and those of held-out people.

    Raises:
        UncaseError: ``preference-file-changed`` since it was scanned.
    """
    apart = set(sources.held_out)
    kept = [row for row in pairs_beside_the_export(sources) if row.conversation_id not in sources.refused]
    _require_as_scanned(sources)
    train = read_rows(dataset, "train", layout=_EXPORTED)
    held_out = [
        row for split in ("validation", "test") for row in read_rows(dataset, split, layout=_EXPORTED)
    ]
    return (
        train + [row for row in kept if row.conversation_id not in apart],
        held_out + [row for row in kept if row.conversation_id in apart],
    )


def sha256_of(file: Path) -> str:
    """Return the hash of a file's bytes."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _require_as_scanned(sources: PairSources) -> None:
    """Stop where the file is no longer the one that was scanned: what came after the scan was not looked at."""
    if sources.file is not None and sha256_of(sources.file) != sources.file_sha256:
        raise UncaseError(
            "preference-file-changed",
            f"{sources.file} was changed after it was scanned for identifiers.",
            "Start training again, and leave the file alone until it has begun.",
        )


def pairs_beside_the_export(sources: PairSources) -> Iterator[Row]:
    """Yield the pairs of feedback, then those of the file; what is no pair is left to ``file_pairs`` to report."""
    if sources.feedback is not None:
        yield from feedback_pairs(sources.feedback)
    if sources.file is not None:
        yield from (found for found in file_pairs(sources.file) if isinstance(found, Row))


def feedback_pairs(anonymized: Path) -> Iterator[Row]:
    """Yield a pair for each anonymized conversation in which an answer lost to another."""
    for conversation in from_batches(pq.ParquetFile(anonymized).iter_batches(_MOST_AT_ONCE)):
        rejected = (conversation.metadata.get("feedback") or {}).get("rejected")
        source = conversation.source
        if rejected and source is not None and source.format == "feedback":
            yield _of_feedback(conversation, str(rejected))


def _of_feedback(conversation: Conversation, rejected: str) -> Row:
    turns = [{"role": m.role, "content": m.content} for m in conversation.messages if m.content]
    subject = conversation.subject_id or conversation.conversation_id
    return Row(
        conversation.conversation_id,
        (subject,),
        None,
        turns[:-1],
        chosen=turns[-1:],
        rejected=[{"role": "assistant", "content": rejected}],
    )


def file_pairs(file: Path) -> Iterator[Row | Rejection]:
    """Yield the pair of every line, or why it is none: ``bad-pair``, ``known-pair``, ``same-answer``."""
    seen: set[str] = set()
    name = content_id("file", file.name)
    with file.open("rb") as lines:
        for number, line in enumerate((line for line in lines if line.strip()), start=1):
            found = _of_line(line)
            where = f"{name}:{number}"
            if found is None:
                yield Rejection("bad-pair", where, "quarantined")
            elif found.chosen == found.rejected:
                yield Rejection("same-answer", where)
            elif found.conversation_id in seen:
                yield Rejection("known-pair", where)
            else:
                seen.add(found.conversation_id)
                yield found


def _of_line(line: bytes) -> Row | None:
    try:
        pair = _Line.model_validate(json.loads(line))
        chosen, rejected = _turns(pair.chosen, "assistant"), _turns(pair.rejected, "assistant")
        prompt = _turns(pair.prompt, "user")
        identity = content_id("pair", pair.model_dump(mode="json"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if any(answer[-1]["role"] != "assistant" for answer in (chosen, rejected)):
        return None
    subjects = (pair.subject_id or identity,)
    return Row(identity, subjects, None, prompt, pair.tools, chosen, rejected)


def _turns(given: str | list[dict[str, Any]], role: str) -> Turns:
    return turns_of([{"role": role, "content": given}] if isinstance(given, str) else given)
