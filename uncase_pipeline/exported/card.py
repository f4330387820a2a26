"""The dataset card: what ``datasets`` reads in its header, and a person below it. Knows no rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from uncase_pipeline.exported.build import Built
from uncase_pipeline.exported.environment import text_of
from uncase_pipeline.exported.formats import RECORD_FORMATS
from uncase_pipeline.exported.layout import DATA
from uncase_pipeline.exported.split import SPLITS
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.rejection import Tally
from uncase_pipeline.seal.statement import Statement

CARD_FILE = "README.md"


@dataclass(frozen=True, slots=True)
class Config:
    """A part of the dataset that is loaded by its name."""

    name: str
    folder: str


def configs_of(rows: dict[str, int]) -> list[Config]:
    """Return the configs that the written stems (``data/train``) make up; the default one first."""
    # ``datasets`` refuses a split without rows, so what is empty is not named.
    folders = dict.fromkeys(stem.rpartition("/")[0] for stem, count in rows.items() if count and "/" in stem)
    # ``datasets`` reads one file type per folder: the JSONL files are for the services that take them.
    configs = [
        Config("default" if folder == DATA else folder.rpartition("/")[2], folder)
        for folder in folders
        if folder not in RECORD_FORMATS
    ]
    return sorted(configs, key=lambda config: (config.name != "default", config.folder))


def header(configs: Sequence[Config], rows: dict[str, int], languages: Sequence[str], licence: str) -> str:
    """Return the YAML header of the card."""
    document: dict[str, Any] = {
        "license": licence,
        "language": list(languages),
        "task_categories": ["text-generation"],
        "tags": ["synthetic", "conversational", "uncase"],
        "configs": [_config(config, rows) for config in configs],
    }
    return f"---\n{yaml.safe_dump(document, sort_keys=False, allow_unicode=True)}---\n"


def _config(config: Config, rows: dict[str, int]) -> dict[str, Any]:
    files = [
        {"split": split, "path": f"{config.folder}/{split}-*.parquet"}
        for split in SPLITS
        if rows.get(f"{config.folder}/{split}")
    ]
    return {
        "config_name": config.name,
        **({"default": True} if config.name == "default" else {}),
        "data_files": files,
    }


def card(
    domain: str,
    *,
    statement: Statement,
    tally: Tally,
    built: Built,
    truth: Sequence[Json],
    source: str,
    licence: str,
) -> str:
    """Return the card.

    Args:
        domain: Partition key.
        statement: What the certificate of the rows says.
        tally: The books of the dataset.
        built: What was written.
        truth: The truth table.
        source: Id of the certified version.
        licence: Licence identifier.
    """
    configs = configs_of(built.rows)
    body = text_of("card.md").format(
        domain=domain,
        rows=tally.rows_out,
        splits=", ".join(f"{split} {built.rows.get(f'data/{split}', 0)}" for split in SPLITS),
        families=built.families,
        mode=built.mode,
        source=source,
        certificate=_certificate_rows(statement),
        truth=truth_markdown(truth),
    )
    return header(configs, built.rows, sorted(built.languages), licence) + body


def truth_markdown(truth: Sequence[Json]) -> str:
    """Return the truth table as Markdown."""
    lines = [
        "| format | rows | learned | with calls, all read back | over 2k / 4k / 8k tokens | left out |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_truth_line(row) for row in truth]
    return "\n".join(lines)


def _truth_line(row: Json) -> str:
    over = " / ".join(str(count) for count in row["truncated"].values())
    left_out = ", ".join(f"{count} {reason}" for reason, count in row["left_out"].items()) or "none"
    learned = f"{row['coverage']:.1%}" if row["coverage"] is not None else "not text"
    return f"| {row['format']} | {row['rows']} | {learned} | {row['tool_rows']} | {over} | {left_out} |"


def _certificate_rows(statement: Statement) -> str:
    """Return what the certificate says of the rows: its rulings, then its metrics."""
    predicate = statement.predicate
    lines = ["| gate | passed | what was found |", "|---|---|---|"]
    lines += [
        f"| {ruling['name']} | {'yes' if ruling['passed'] else 'no'} | {ruling['description']} |"
        for ruling in predicate.get("rulings", ())
    ]
    metrics = predicate.get("metrics") or {}
    if metrics:
        lines += ["", "| metric | threshold | rows that passed |", "|---|---|---|"]
    lines += [f"| {metric['title']} | {_bound(metric)} | {metric['passed']} |" for metric in metrics.values()]
    return "\n".join(lines)


def _bound(metric: Json) -> str:
    return f"{metric['direction'].replace('_', ' ')} {metric['threshold']:g}"
