"""The log of audits: every verdict with its reasons and figures, of unpublished adapters too. Knows no torch.

A failed adapter is published nowhere, and its working folder is used again: without the log its reason would be lost.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter.contract import TrainingJob, TrainingResult
from uncase_pipeline.settings import Settings

_FILE = "audits.jsonl"


def keep_audit(settings: Settings, job: TrainingJob, result: TrainingResult) -> None:
    """Append the audit of a run, if there was one and it was not kept before."""
    if result.audit is None:
        return
    audit = result.audit.model_dump(mode="json")
    kept = [entry for entry in audits(settings, job.domain)[0] if entry["job"] == job.id]
    if kept and kept[-1]["audit"] == audit:
        return
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "domain": job.domain,
        "job": job.id,
        "dataset_version": job.dataset_version,
        "epsilon": result.privacy.epsilon,
        "audit": audit,
    }
    settings.home.mkdir(parents=True, exist_ok=True)
    append_line(settings.home / _FILE, json.dumps(entry, separators=(",", ":")))


def audits(settings: Settings, domain: str | None = None) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the log, the oldest first, and the numbers of the lines that no entry can be read from.

    Such a line is what a process left that was killed as it wrote; those before and after it say what they said.
    """
    file = settings.home / _FILE
    lines = file.read_bytes().split(b"\n")[:-1] if file.exists() else []
    entries = [_entry(line) for line in lines]
    torn = [number for number, entry in enumerate(entries, start=1) if entry is None]
    return [entry for entry in entries if entry and domain in (None, entry["domain"])], torn


def append_line(file: Path, line: str) -> None:
    """Append one line to a log; the end of a line that a killed process left torn is not joined to it."""
    with file.open("ab+") as log:
        if log.tell() and os.pread(log.fileno(), 1, log.tell() - 1) != b"\n":
            log.write(b"\n")
        log.write(f"{line}\n".encode())


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and {"domain", "job", "audit"} <= set(entry) else None
