"""Exported datasets for tests: small, with the columns and the seal of real ones."""

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from uncase_pipeline.seal.lock import seal_stage
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake, Version

CARS = ["Toyota Yaris", "Nissan Versa", "Mazda 3", "Kia Rio", "Honda City"]
SPLITS = {"train": 0.8, "validation": 0.1, "test": 0.1}


def turns(dice: random.Random) -> list[dict[str, Any]]:
    """Return an invented sales conversation."""
    price, months, share = dice.randint(180, 420) * 1000, dice.choice([12, 24, 36, 48]), dice.randint(5, 30)
    return [
        {"role": "user", "content": f"Hola, busco un {dice.choice(CARS)}, ¿qué precio tiene?"},
        {"role": "assistant", "content": f"Cuesta {price} pesos con un enganche del {share} por ciento."},
        {"role": "user", "content": "¿A cuántos meses se puede financiar?"},
        {"role": "assistant", "content": f"Se puede financiar a {months} meses. ¿Le gustaría verlo?"},
    ]


def rows(count: int, *, rows_per_subject: int = 2, prefix: str = "") -> list[dict[str, Any]]:
    """Return rows as the export writes them: messages as a list of JSON texts."""
    dice = random.Random(5)
    return [
        {
            "conversation_id": f"{prefix}c{number}",
            "subject_id": f"subj_{prefix}{number // rows_per_subject}",
            "seed_id": f"{prefix}s{number // rows_per_subject}",
            "messages": [json.dumps(turn) for turn in turns(dice)],
            "tools": None,
        }
        for number in range(count)
    ]


def split(found: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Cut rows into train, validation and test."""
    first, second = int(len(found) * 0.8), int(len(found) * 0.9)
    return {"train": found[:first], "validation": found[first:second], "test": found[second:]}


def write_folder(folder: Path, found: list[dict[str, Any]]) -> Path:
    """Write the splits of a dataset folder."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, part in split(found).items():
        pq.write_table(pa.Table.from_pylist(part), folder / "data" / f"{name}-00000.parquet")
    return folder


def publish(lake: Lake, settings: Settings, domain: str, found: list[dict[str, Any]]) -> Version:
    """Publish a sealed exported dataset."""
    with lake.stage("exported_datasets", domain) as stage:
        for name, part in split(found).items():
            table = pa.Table.from_pylist(part)
            with stage.writer(f"data/{name}-00000.parquet", table.schema) as writer:
                for batch in table.to_batches():
                    writer.write_batch(batch)
        seal_stage(stage, "https://uncase.dev/test", {"passed": True}, settings)
        return stage.publish()
