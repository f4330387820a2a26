"""The log of audits: every verdict with its reasons and figures, of unpublished adapters too. Knows no torch.

A failed adapter is published nowhere, and its working folder is used again: without the log its reason would be lost.
"""

import json
from datetime import UTC, datetime
from typing import Any

from uncase_pipeline.adapter.contract import TrainingJob, TrainingResult
from uncase_pipeline.settings import Settings

_FILE = "audits.jsonl"


def keep_audit(settings: Settings, job: TrainingJob, result: TrainingResult) -> None:
    """Append the audit of a run, if there was one and it was not kept before."""
    if result.audit is None:
        return
    audit = result.audit.model_dump(mode="json")
    kept = [entry for entry in audits(settings, job.domain) if entry["job"] == job.id]
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
    with (settings.home / _FILE).open("a") as log:
        log.write(json.dumps(entry, separators=(",", ":")) + "\n")


def audits(settings: Settings, domain: str | None = None) -> list[dict[str, Any]]:
    """Return the log, the oldest first."""
    file = settings.home / _FILE
    lines = file.read_text().splitlines() if file.exists() else []
    entries: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [entry for entry in entries if domain in (None, entry["domain"])]
