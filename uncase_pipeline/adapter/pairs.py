"""Preference pairs and where they come from: the export, production's feedback, a file. Knows rows, not tokens.

Feedback is read where it was anonymized: corrections and choices of people who agreed to training, each pair with its
subject as unit of privacy. A pair of a file is named by its place, "digest of the file:line": no id is made of what
it says, which could be tried until it fits.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field

from uncase_pipeline.adapter.contract import PairSources
from uncase_pipeline.adapter.dataset import Row, Turns, read_rows, turns_of
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.ids import canonical_json
from uncase_pipeline.records.rejection import Rejection

_EXPORTED = "preference"
_MOST_AT_ONCE = 1_000
_DIGITS = 16


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
    kept = list(pairs_beside_the_export(sources))
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
    """Yield the pairs of feedback, then those of the file that have a person: the others were refused."""
    if sources.feedback is not None:
        yield from feedback_pairs(sources.feedback)
    for found in file_pairs(sources.file, sources.file_sha256) if sources.file else ():
        if isinstance(found, Row) and found.conversation_id in sources.people:
            yield replace(found, subjects=(sources.people[found.conversation_id],))


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


def file_pairs(file: Path, sha256: str | None) -> Iterator[Row | Rejection]:
    """Yield the pair of every line, or why it is none: ``bad-pair``, ``known-pair``, ``same-answer``."""
    seen: set[bytes] = set()
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _judged(line, f"{(sha256 or '')[:_DIGITS]}:{number}", seen)


def _judged(line: bytes, where: str, seen: set[bytes]) -> Row | Rejection:
    found = _of_line(line, where)
    if found is None:
        return Rejection("bad-pair", where, "quarantined")
    if found.chosen == found.rejected:
        return Rejection("same-answer", where)
    said = hashlib.sha256(what_is_said(found)).digest()
    if said in seen:
        return Rejection("known-pair", where)
    seen.add(said)
    return found


def what_is_said(row: Row) -> bytes:
    """Return all of a pair but its place, in canonical form."""
    return canonical_json([row.subjects, row.messages, row.tools, row.chosen, row.rejected])


def _of_line(line: bytes, where: str) -> Row | None:
    try:
        pair = _Line.model_validate(json.loads(line))
        chosen, rejected = _turns(pair.chosen, "assistant"), _turns(pair.rejected, "assistant")
        prompt = _turns(pair.prompt, "user")
        subjects = (pair.subject_id,) if pair.subject_id else ()
        row = Row(where, subjects, None, prompt, pair.tools, chosen, rejected)
        what_is_said(row)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if any(answer[-1]["role"] != "assistant" for answer in (chosen, rejected)):
        return None
    return row


def _turns(given: str | list[dict[str, Any]], role: str) -> Turns:
    return turns_of([{"role": role, "content": given}] if isinstance(given, str) else given)
