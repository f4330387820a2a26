"""Seeds at rest: the Arrow schema of ``seeds.parquet``, its writer and its reader. Knows no seeding rule."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

import orjson
import pyarrow as pa

from uncase_pipeline.records.seed import Seed
from uncase_pipeline.storage.lake import Stage

SEEDS_FILE = "seeds.parquet"
BATCH_ROWS = 1_000

_TEXTS = pa.list_(pa.string())

SEEDS = pa.schema(
    [
        pa.field("seed_id", pa.string(), nullable=False),
        pa.field("version", pa.string(), nullable=False),
        pa.field("domain", pa.string(), nullable=False),
        pa.field("language", pa.string(), nullable=False),
        pa.field("objective", pa.string(), nullable=False),
        pa.field("tone", pa.string(), nullable=False),
        pa.field("roles", _TEXTS, nullable=False),
        ("role_descriptions", pa.string()),
        pa.field("steps", _TEXTS, nullable=False),
        ("facts", pa.string()),
        ("constraints", _TEXTS),
        ("negative_constraints", _TEXTS),
        ("tools", _TEXTS),
        ("turns_min", pa.int64()),
        ("turns_max", pa.int64()),
        ("tags", _TEXTS),
        ("scenario", pa.string()),
        ("thresholds", pa.string()),
        ("source_ids", _TEXTS),
        ("subject_ids", _TEXTS),
        ("support", pa.int64()),
        ("metadata", pa.string()),
        ("inferred_tools", pa.string()),
    ]
)
"""Objects of free shape (role descriptions, facts, thresholds, metadata, inferred tools) are JSON text."""

_JSON = ("role_descriptions", "facts", "thresholds", "metadata", "inferred_tools")


class Readable(Protocol):
    """What seeds can be read from: a published version, or a stage that is being audited."""

    def batches(self, name: str) -> Iterator[pa.RecordBatch]:
        """Stream the record batches of a file."""
        ...


def write_seeds(stage: Stage, seeds: Iterable[Seed]) -> int:
    """Write ``seeds.parquet`` of a stage, streaming.

    Returns:
        The number of seeds written.
    """
    rows = 0
    iterator = iter(seeds)
    with stage.writer(SEEDS_FILE, SEEDS) as writer:
        while chunk := list(islice(iterator, BATCH_ROWS)):
            writer.write_batch(pa.RecordBatch.from_pylist([_row(seed) for seed in chunk], SEEDS))
            rows += len(chunk)
    return rows


def read_seeds(version: Readable) -> Iterator[Seed]:
    """Read the seeds of a published version, one at a time, in the order in which they were written."""
    for batch in version.batches(SEEDS_FILE):
        for row in batch.to_pylist():
            yield _seed(row)


def _row(seed: Seed) -> dict[str, Any]:
    row = seed.model_dump(by_alias=False)
    wire = seed.model_dump(by_alias=True)
    turns = row.pop("turns")
    row.update(turns_min=turns["minimum"], turns_max=turns["maximum"], facts=wire["parametros_factuales"])
    row["inferred_tools"] = wire["herramientas_inferidas"]
    row.update({name: orjson.dumps(row[name]).decode() if row[name] else None for name in _JSON})
    return row


def _seed(row: dict[str, Any]) -> Seed:
    fields = {name: value for name, value in row.items() if not name.startswith("turns_")}
    fields.update({name: orjson.loads(row[name]) if row.get(name) else {} for name in _JSON})
    fields["turns"] = {"minimum": row["turns_min"], "maximum": row["turns_max"]}
    return Seed.model_validate(fields)
