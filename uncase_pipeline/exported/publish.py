"""Everything of a dataset version but its gate and its seal: rows, card, manifest. Knows no Dagster."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.exported.base_model import BaseModel, read_base_model
from uncase_pipeline.exported.build import Built, build
from uncase_pipeline.exported.card import CARD_FILE, card
from uncase_pipeline.exported.chats import chat_of
from uncase_pipeline.exported.croissant import CROISSANT_FILE, croissant
from uncase_pipeline.exported.file import example
from uncase_pipeline.exported.formats import FAMILIES, RECORD_FORMATS, format_of
from uncase_pipeline.exported.layout import DATA, PREFERENCE, TEXT
from uncase_pipeline.exported.manifest import MANIFEST_FILE, manifest
from uncase_pipeline.exported.render import template_text
from uncase_pipeline.exported.split import SPLITS
from uncase_pipeline.records.arrow import to_batches
from uncase_pipeline.records.conversation import Conversation, Json
from uncase_pipeline.records.native import from_wire
from uncase_pipeline.records.rejection import Tally
from uncase_pipeline.seal.lock import seal_stage
from uncase_pipeline.seal.statement import Statement
from uncase_pipeline.seal.verify import CERTIFICATE_FILE
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.lake import Stage, Version

SOURCE_CERTIFICATE_FILE = "source_certificate.json"
TRUTH_FILE = "truth.json"
_NO_DATE = "2025-01-01"
PREDICATE_TYPE = "urn:uncase:exported-datasets:v1"


@dataclass(frozen=True, slots=True)
class Export:
    """A dataset that was written and not yet sealed.

    Attributes:
        tally: The books.
        built: What the pass wrote.
        truth: The truth table, one row per format.
        source: Id of the certified version.
    """

    tally: Tally
    built: Built
    truth: list[Json]
    source: str

    def splits(self) -> dict[str, int]:
        """Return the rows per split."""
        return {split: self.built.rows.get(f"{DATA}/{split}", 0) for split in SPLITS}


def export_dataset(
    certified: Version, statement: Statement, stage: Stage, domain: str, settings: Settings
) -> Export:
    """Write the dataset of a certified version into the stage.

    Args:
        certified: The version, with its seal already opened.
        statement: What its certificate says.
        stage: Where to write.
        domain: Partition key.
        settings: Formats, date, shard size.
    """
    base = named_base_model(settings)
    with Books.kept(stage) as books:
        built = build(
            certified,
            stage,
            books,
            formats=settings.export_formats or [*FAMILIES, *RECORD_FORMATS],
            now=render_time(settings, statement),
            salt=str(settings.seed),
            shard_bytes=settings.export_shard_mb * 1_000_000,
            mode=settings.export_tool_mode,
            base=base,
        )
    with stage.open(SOURCE_CERTIFICATE_FILE) as file:
        file.write(certified.lake.fs.cat_file(certified.path(CERTIFICATE_FILE)))
    _write_templates(stage, built, base)
    truth = truth_table(built)
    if base is not None:
        examples = [chat_of(example()), chat_of(example(tools=False))]
        truth[-1]["same_bytes_as"] = base.equals(examples, render_time(settings, statement))
    export = Export(books.tally, built, truth, certified.id)
    stage.write_json(TRUTH_FILE, truth)
    text = card(
        domain,
        statement=statement,
        tally=export.tally,
        built=built,
        truth=truth,
        source=certified.id,
        licence=settings.export_licence,
    )
    _write_text(stage, CARD_FILE, text)
    about = {
        "name": f"uncase-{domain}-{certified.id[:8]}",
        "description": f"Certified synthetic conversations of {domain}.",
        "license": settings.export_licence,
        "isBasedOn": f"certified_conversations/{domain}/{certified.id}",
    }
    files = stage.files()
    stage.write_json(CROISSANT_FILE, croissant(about, files, _sizes(stage, files, certified)))
    files = stage.files()
    sizes = _sizes(stage, files, certified)
    stage.write_json(MANIFEST_FILE, manifest(files, sizes, built.rows, certified, statement))
    return export


def _sizes(stage: Stage, files: Iterable[str], certified: Version) -> dict[str, int]:
    return {name: certified.lake.fs.size(stage.path(name)) for name in files}


def _write_templates(stage: Stage, built: Built, base: BaseModel | None) -> None:
    """Write each format's template beside its texts: what a tokenizer takes for ``chat_template``."""
    for name in (name for name in built.truths if name not in RECORD_FORMATS):
        format_ = base.format if base and name == base.format.name else format_of(name)
        _write_text(stage, f"{TEXT}/{name}/chat_template.jinja", template_text(format_))
        if format_.with_tools:
            _write_text(stage, f"{TEXT}/{name}/chat_template_tools.jinja", template_text(format_, tools=True))


def named_base_model(settings: Settings) -> BaseModel | None:
    """Return the base model whose tokenizer is at hand: the one named for export, or for training."""
    if settings.export_tokenizer:
        return read_base_model(settings.export_tokenizer)
    folder = Path(settings.base_model)
    if not folder.is_dir():
        return None
    try:
        return read_base_model(folder)
    except UncaseError:
        return None  # a base model may have no chat template; nobody named it for export


def seal_dataset(stage: Stage, export: Export, settings: Settings, *, passed: bool) -> Statement:
    """Sign the staged dataset with its truth table; last before it is published."""
    predicate = {
        "passed": passed,
        "source_version": export.source,
        "rows": export.tally.rows_out,
        "truth": export.truth,
    }
    return seal_stage(stage, PREDICATE_TYPE, predicate, settings)


def truth_table(built: Built) -> list[Json]:
    """Return one row per format: what was carried, learned, left out and why."""
    return [
        {"format": name, **truth.document(), "left_out": dict(sorted(built.refused[name].items()))}
        for name, truth in built.truths.items()
    ]


def render_time(settings: Settings, statement: Statement) -> datetime:
    """Return what templates that read the clock are told: the date set, else the certificate's.

    Today's date would make every run another dataset.
    """
    day = settings.export_date
    if day is None:
        day = datetime.fromisoformat(str(statement.predicate.get("issued_at") or _NO_DATE)).date()
    return datetime.combine(day, time(), UTC)


def stored_batches(stage: Stage | Version, files: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Read back every string that the dataset holds, as conversations: data, and what lost in preferences."""
    return to_batches(_stored(stage, files))


def _stored(stage: Stage | Version, files: Sequence[str]) -> Iterator[Conversation]:
    columns = {DATA: ("messages",), PREFERENCE: ("rejected",)}
    for name in sorted(files):
        folder = name.partition("/")[0]
        if folder not in columns or not name.endswith(".parquet"):
            continue
        for batch in stage.batches(name):
            for row in batch.to_pylist():
                yield _conversation(row, columns[folder])


def _conversation(row: dict[str, Any], columns: Sequence[str]) -> Conversation:
    messages = [orjson.loads(message) for column in columns for message in row[column]]
    wire = {
        "conversation_id": row["conversation_id"],
        "domain": row.get("domain") or "",
        "language": row.get("language"),
        "messages": messages,
        "tools": orjson.loads(row["tools"]) if row["tools"] else None,
    }
    return from_wire(wire, where="a stored row")


def families_in_two_splits(stage: Stage, files: Sequence[str]) -> int:
    """Count, in the stored bytes, the subjects and seeds that stand in more than one split."""
    splits: dict[tuple[str, str], str] = {}
    shared: set[tuple[str, str]] = set()
    for split in SPLITS:
        for name in (name for name in files if name.startswith(f"{DATA}/{split}-")):
            for batch in stage.batches(name):
                for column in ("subject_id", "seed_id"):
                    for key in filter(None, batch.column(column).to_pylist()):
                        if splits.setdefault((column, key), split) != split:
                            shared.add((column, key))
    return len(shared)


def stored_rows(version: Version) -> int:
    """Count the stored rows of config ``default``."""
    stems = tuple(f"{DATA}/{split}-" for split in SPLITS)
    return sum(
        batch.num_rows
        for name in version.files
        if name.startswith(stems)
        for batch in version.batches(name, columns=["conversation_id"])
    )


def _write_text(stage: Stage, name: str, text: str) -> None:
    with stage.open(name) as file:
        file.write(text.encode())
