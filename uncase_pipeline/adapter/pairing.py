"""Gathers the preference pairs of a job before it starts: scanned, split by person, booked. Knows the lake, no torch.

A row of a user's file in which an identifier is found goes no further, as in every layer. Ten per cent of the people
are held out, by the key that also holds out those whom no seed is made from; of two or more people at least one.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter.contract import PairSources
from uncase_pipeline.adapter.dataset import Row
from uncase_pipeline.adapter.pairs import file_pairs, pairs_beside_the_export, sha256_of, what_is_said
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.control_group import held_out_of
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.ids import keyed_id
from uncase_pipeline.records.native import from_wire
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.seed_rows import SEEDS_FILE
from uncase_pipeline.records.subject import subject_id
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline.storage.vault import Vault

HOLDS_IDENTIFIERS = "identifier-found"


def gather_pairs(
    lake: Lake, domain: str, feedback: Path | None, file: Path | None, scanner: Callable[[], Scanner]
) -> PairSources:
    """Return where the pairs are, which are held out, which are refused, and whose privacy they spend.

    Args:
        lake: With the seeds, by which a person's pairs and synthetic rows are known as one person's.
        domain: Partition.
        feedback: Anonymized conversations.
        file: JSON lines with ``prompt``, ``chosen`` and ``rejected``.
        scanner: The detector chain; made only if there is a file to scan.

    Raises:
        UncaseError: ``no-preference-file``.
    """
    if file is not None and not file.is_file():
        raise UncaseError(
            "no-preference-file",
            f"training.preference_file names {file}, which is no file.",
            'Name JSON lines, each with "prompt", "chosen" and "rejected".',
        )
    sources = PairSources(feedback=feedback, file=file)
    if file is not None:
        sources = sources.model_copy(update=_scanned(file, domain, scanner(), lake.vault))
    behind = {row.conversation_id: row.subjects[0] for row in pairs_beside_the_export(sources)}
    apart = held_out_of(behind.values(), lake.vault.derive("control-group"))
    learned = set(behind.values()) - apart
    booked = {f"subject:{subject}" for subject in learned} | set(_seeds_of(learned, lake, domain))
    held_out = [place for place, subject in behind.items() if subject in apart]
    return sources.model_copy(update={"held_out": held_out, "booked": sorted(booked)})


def digest_of(data: str, feedback: str | None, file: Path | None) -> str:
    """Return the hash of everything that a job on pairs reads."""
    written = hashlib.sha256(f"{data}\n{feedback}\n".encode())
    if file is not None and file.is_file():
        written.update(file.read_bytes())
    return written.hexdigest()


def _scanned(file: Path, domain: str, scanner: Scanner, vault: Vault) -> dict[str, Any]:
    """Return who is behind each pair of a file, and why the others are refused."""
    digest = sha256_of(file)
    people: dict[str, str] = {}
    refused: dict[str, str] = {}
    for found in file_pairs(file, digest):
        if isinstance(found, Rejection):
            refused[found.where] = found.reason
        elif not _clean(found, domain, scanner):
            refused[found.conversation_id] = HOLDS_IDENTIFIERS
        else:
            people[found.conversation_id] = _person(found, vault)
    return {"file_sha256": digest, "people": people, "refused": refused}


def _person(row: Row, vault: Vault) -> str:
    """Return the id under which the pipeline knows the person behind a pair; of an unnamed one, one of its own."""
    if not row.subjects:
        return keyed_id("pair", vault.derive("preference-pair"), what_is_said(row).decode())
    named = row.subjects[0]
    return named if named.startswith("subj_") else subject_id(named, vault.derive("subject-id"))


def _clean(row: Row, domain: str, scanner: Scanner) -> bool:
    """Whether no identifier is found in any turn, tool or subject; a row that is no conversation is not clean."""
    messages = [*row.messages, *(row.chosen or []), *(row.rejected or [])]
    wire = {
        "conversation_id": row.conversation_id,
        "domain": domain,
        "messages": messages,
        "tools": row.tools,
    }
    if any(scanner.scan_text(subject, domain=domain) for subject in row.subjects):
        return False
    try:
        return not scanner.scan_conversation(from_wire(wire, where=row.conversation_id))
    except UncaseError:
        return False


def _seeds_of(subjects: set[str], lake: Lake, domain: str) -> Iterator[str]:
    """Yield the ledger keys of the seeds that descend from these people: their synthetic rows were booked there."""
    version = lake.current("seeds", domain)
    if version is None:
        return
    for batch in version.batches(SEEDS_FILE, columns=["seed_id", "subject_ids"]):
        for row in batch.to_pylist():
            if subjects & set(row["subject_ids"] or ()):
                yield f"seed:{row['seed_id']}"
