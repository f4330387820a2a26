"""Parquet with a ``messages`` column, or with one row a turn. Streams row groups; knows no conversation."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.alpaca import ALPACA
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, Shape, read_record, set_aside
from uncase_pipeline.raw.formats.columns import understand
from uncase_pipeline.raw.formats.dialogue import DIALOGUE
from uncase_pipeline.raw.formats.json_rows import cell
from uncase_pipeline.raw.formats.native import NATIVE
from uncase_pipeline.raw.formats.openai_messages import OPENAI
from uncase_pipeline.raw.formats.sharegpt import SHAREGPT
from uncase_pipeline.raw.formats.table import read_rows
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.rejection import Rejection

_SHAPES: list[Shape] = [NATIVE, OPENAI, SHAREGPT, ALPACA, DIALOGUE]
_BATCH = 256


def _claim(probe: Probe) -> Claim | None:
    if not probe.source.sample.startswith(b"PAR1"):
        return None
    return Claim(0.99, "a Parquet file")


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    try:
        file = pq.ParquetFile(source.stream)
        names = file.schema_arrow.names
    except (pa.ArrowException, OSError):
        yield set_aside(source, "bad-parquet")
        return
    columns = understand(names)
    if columns.kind in {"turns", "transcripts"}:

        def again() -> Iterator[tuple[int, list[str]] | Rejection]:
            for position, row in _rows(file):
                yield position, [cell(row.get(name)) for name in names]

        yield from read_rows(again, columns, source, options)
        return
    try:
        for position, row in _rows(file):
            yield from read_record(source, _without_nulls(row), position, _SHAPES, options)
    except (pa.ArrowException, OSError):
        yield set_aside(source, "bad-parquet")


def _rows(file: pq.ParquetFile) -> Iterator[tuple[int, dict[str, Any]]]:
    position = 0
    for batch in file.iter_batches(_BATCH):
        for row in batch.to_pylist():
            yield position, row
            position += 1


def _without_nulls(value: Any) -> Any:
    """Drop keys that only the column's schema brought: Parquet gives every struct every field."""
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


PARQUET = Format("parquet", _claim, _read)
