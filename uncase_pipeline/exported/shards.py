"""Files that are written in a stream and cut by size. Knows Parquet and JSON lines, not what the rows say."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import IO, Any, Protocol, Self

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from uncase_pipeline.records.conversation import Json
from uncase_pipeline.storage.lake import Stage

_GROUP_BYTES = 2_000_000


class Shards(Protocol):
    """Numbered files of one config and split."""

    rows: int

    def write(self, rows: Sequence[Json]) -> None:
        """Append rows."""
        ...

    def close(self) -> None:
        """Finish the last file; without rows there is still one, empty."""
        ...


class ParquetShards:
    """Parquet with zstd; a new file once the rows of the last take more than ``most_bytes`` in memory.

    Rows wait until they make a row group: the writer keeps what it knows of each group until the file ends.
    """

    def __init__(self, stage: Stage, stem: str, schema: pa.Schema, most_bytes: int) -> None:
        self.rows = 0
        self._waiting: list[pa.RecordBatch] = []
        self._stage, self._stem, self._schema, self._most = stage, stem, schema, most_bytes
        self._bytes = self._number = 0
        self._open_file = ExitStack()
        self._writer: pq.ParquetWriter | None = None

    def write(self, rows: Sequence[Json]) -> None:
        """Append rows."""
        if not rows:
            return
        batch = _batch(rows, self._schema)
        self._waiting.append(batch)
        self.rows += batch.num_rows
        if sum(waiting.nbytes for waiting in self._waiting) > _GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Finish the last file; without rows there is still one, empty."""
        self._flush()
        if self._writer is None:
            self._next()
        self._open_file.close()

    def _flush(self) -> None:
        if not self._waiting:
            return
        if self._writer is None or self._bytes > self._most:
            self._next()
        assert self._writer is not None
        table = pa.Table.from_batches(self._waiting)
        self._writer.write_table(table)
        self._bytes += table.nbytes
        self._waiting.clear()

    def _next(self) -> None:
        self._open_file.close()
        name = f"{self._stem}-{self._number:05d}.parquet"
        self._writer = self._open_file.enter_context(self._stage.writer(name, self._schema))
        self._number += 1
        self._bytes = 0


class LineShards:
    """JSON lines; plain, because the services that take them want them plain."""

    def __init__(self, stage: Stage, stem: str, most_bytes: int) -> None:
        self.rows = 0
        self._stage, self._stem, self._most = stage, stem, most_bytes
        self._bytes = self._number = 0
        self._open_file = ExitStack()
        self._file: IO[bytes] | None = None

    def write(self, rows: Sequence[Json]) -> None:
        """Append rows."""
        if not rows:
            return
        if self._file is None or self._bytes > self._most:
            self._next()
        assert self._file is not None
        self._bytes += self._file.write(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        self.rows += len(rows)

    def close(self) -> None:
        """Finish the last file; without rows there is still one, empty."""
        if self._file is None:
            self._next()
        self._open_file.close()

    def _next(self) -> None:
        self._open_file.close()
        name = f"{self._stem}-{self._number:05d}.jsonl"
        self._file = self._open_file.enter_context(self._stage.open(name))
        self._number += 1
        self._bytes = 0


class ShardSet:
    """Every config and split of one dataset, opened when it is first written, closed together."""

    def __init__(self, stage: Stage, most_bytes: int) -> None:
        self._stage, self._most = stage, most_bytes
        self._open: dict[str, Shards] = {}

    def parquet(self, stem: str, schema: pa.Schema) -> Shards:
        """Return the Parquet shards with this stem (``data/train``)."""
        if stem not in self._open:
            self._open[stem] = ParquetShards(self._stage, stem, schema, self._most)
        return self._open[stem]

    def lines(self, stem: str) -> Shards:
        """Return the JSONL shards with this stem (``openai/train``)."""
        if stem not in self._open:
            self._open[stem] = LineShards(self._stage, stem, self._most)
        return self._open[stem]

    def rows(self) -> dict[str, int]:
        """Return rows per stem."""
        return {stem: shards.rows for stem, shards in sorted(self._open.items())}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        for shards in self._open.values():
            shards.close()


def _batch(rows: Sequence[Json], schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [_array([row[field.name] for row in rows], field.type) for field in schema], schema=schema
    )


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Return an array; pyarrow does not build JSON inside lists from Python values by itself."""
    if kind == pa.json_():
        return _as_json(pa.array(values, pa.string()))
    if pa.types.is_list(kind) and kind.value_type == pa.json_():
        plain = pa.array(values, pa.list_(pa.string()))
        return pa.ListArray.from_arrays(plain.offsets, _as_json(plain.values))
    return pa.array(values, kind)


def _as_json(texts: pa.Array) -> pa.Array:
    return pa.ExtensionArray.from_storage(pa.json_(), texts)
