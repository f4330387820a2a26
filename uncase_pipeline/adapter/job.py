"""Prepares the job of the training process: rows at hand, hashes, a folder to work in. Knows the lake, no torch."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter.contract import AdapterSettings, StartingPoint, TrainingJob
from uncase_pipeline.adapter.pairing import digest_of, gather_pairs
from uncase_pipeline.adapter.tracking import tracking_uri
from uncase_pipeline.records.control_group import held_out
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.ids import canonical_json
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake, Version

RESULT_FILE = "result.json"
FAILURE_FILE = "failure.json"
_ANONYMIZED = "conversations.parquet"
_MOST_REAL_ROWS = 50
_DATA_FILES = re.compile(r"(data|preference)/(train|validation|test)-.*\.parquet")


def make_job(
    lake: Lake,
    settings: Settings,
    dataset: Version,
    domain: str,
    chosen: AdapterSettings,
    *,
    scanner: Callable[[], Scanner],
    start: StartingPoint | None = None,
) -> TrainingJob:
    """Prepare the job of one domain: its dataset at hand, and a working folder that survives a kill.

    Args:
        lake: Where the dataset, and the anonymized conversations, are.
        settings: Of the house.
        dataset: The exported version.
        domain: Partition.
        chosen: What to train, and how.
        scanner: Looks for identifiers in a user's file of preference pairs; made only if there is one.
        start: The published adapter that it goes on from.
    """
    home = settings.home.resolve() / "training"
    job = TrainingJob(
        domain=domain,
        dataset=home,
        dataset_version=dataset.id,
        dataset_digest=_digest(lake, dataset, domain, chosen),
        work=home,
        cache=settings.home.resolve() / "bases",
        ledger=settings.home.resolve() / "privacy-ledger.db",
        settings=chosen,
        tracking_uri=tracking_uri(settings),
        start=start,
    )
    work = home / domain / job.id
    if chosen.retrain:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (RESULT_FILE, FAILURE_FILE):
        (work / name).unlink(missing_ok=True)
    real = _control_group(lake, domain, work)
    found: dict[str, Any] = {"work": work, "dataset": at_hand(lake, dataset, work, _DATA_FILES), **real}
    if chosen.training.objective == "dpo":
        file = chosen.training.preference_file
        found["pairs"] = gather_pairs(lake, domain, real.get("real"), file and file.resolve(), scanner)
    return job.model_copy(update=found)


def _digest(lake: Lake, dataset: Version, domain: str, chosen: AdapterSettings) -> str:
    """Return the hash of the rows that a job reads."""
    exported = _data_digest(dataset)
    if chosen.training.objective == "sft":
        return exported
    anonymized = lake.current("anonymized_conversations", domain)
    feedback = anonymized.files.get(_ANONYMIZED) if anonymized else None
    return digest_of(exported, feedback, chosen.training.preference_file)


def _data_digest(dataset: Version) -> str:
    """Return the hash of the rows alone: a card or certificate with a new date is no new dataset."""
    files = {name: digest for name, digest in dataset.files.items() if _DATA_FILES.fullmatch(name)}
    return hashlib.sha256(canonical_json(files)).hexdigest()


def at_hand(lake: Lake, version: Version, work: Path, wanted: re.Pattern[str]) -> Path:
    """Return a folder of this machine with a version's files, copying them where the lake is elsewhere."""
    if "file" in lake.fs.protocol:
        return Path(version.folder)
    folder = work / version.id
    for name in filter(wanted.fullmatch, version.files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        lake.fs.get_file(version.path(name), os.fspath(folder / name))
    return folder


def _control_group(lake: Lake, domain: str, work: Path) -> dict[str, Any]:
    """Name the anonymized conversations of held-out subjects, on which the adapter is measured beside the synthetic.

    Nothing was learned from them: seeds never come from the control group.
    """
    version = lake.current("anonymized_conversations", domain)
    if version is None:
        return {}
    key = lake.vault.derive("control-group")
    columns = ["conversation_id", "subject_id"]
    rows = (row for b in version.batches(_ANONYMIZED, columns=columns) for row in b.to_pylist())
    chosen = [
        row["conversation_id"] for row in rows if held_out(row["subject_id"] or row["conversation_id"], key)
    ]
    folder = at_hand(lake, version, work, re.compile(re.escape(_ANONYMIZED)))
    return {"real": folder / _ANONYMIZED, "real_ids": sorted(chosen)[:_MOST_REAL_ROWS]}
