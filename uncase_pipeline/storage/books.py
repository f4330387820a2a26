"""The books of a layer, written beside its rows: who was set aside and why, and the tally."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.storage.lake import Stage, Version

SET_ASIDE = pa.schema(
    [("reason", pa.string()), ("where", pa.string()), ("fate", pa.string()), ("rows", pa.int64())]
)
SET_ASIDE_FILE = "set_aside.parquet"
TALLY_FILE = "tally.json"
_BUFFER = 1_000


class Books:
    """Keeps the tally while rows stream by; memory does not grow with the rejections."""

    def __init__(self, writer: pq.ParquetWriter) -> None:
        self.tally = Tally()
        self._writer = writer
        self._buffer: list[Rejection] = []

    @classmethod
    @contextmanager
    def kept(cls, stage: Stage) -> Iterator[Self]:
        """Open the books of a stage; both files are there when the block ends."""
        with stage.writer(SET_ASIDE_FILE, SET_ASIDE) as writer:
            books = cls(writer)
            yield books
            books._flush()
        stage.write_json(TALLY_FILE, _document(books.tally))

    def set_aside(self, rejection: Rejection) -> None:
        """Book one rejection."""
        self.tally.set_aside(rejection)
        self._buffer.append(rejection)
        if len(self._buffer) >= _BUFFER:
            self._flush()

    def _flush(self) -> None:
        if self._buffer:
            rows = [asdict(rejection) for rejection in self._buffer]
            self._writer.write_batch(pa.RecordBatch.from_pylist(rows, SET_ASIDE))
            self._buffer.clear()


def _document(tally: Tally) -> dict[str, Any]:
    return {
        "rows_in": tally.rows_in,
        "rows_out": tally.rows_out,
        "rejected": dict(tally.rejected),
        "quarantined": dict(tally.quarantined),
    }


def read_tally(version: Version) -> Tally:
    """Return the tally of a published version."""
    stored = version.json(TALLY_FILE)
    tally = Tally(stored["rows_in"], stored["rows_out"])
    tally.rejected.update(stored["rejected"])
    tally.quarantined.update(stored["quarantined"])
    return tally
