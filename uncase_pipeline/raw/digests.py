"""A digest of each conversation of a record batch: what two of the same id are compared by. Knows columns only.

Where a conversation was read does not count. Text is hashed as it lies in the columns, a run of turns at once,
together with the length of every cell, so that no two different conversations look alike.
"""

import hashlib
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa

from uncase_pipeline.records.arrow import turns_of

_OWN = ("conversation_id", "domain", "language", "seed_id", "subject_id", "tools", "metadata")
_ABSENT = -1


def digests(batch: pa.RecordBatch) -> Iterator[tuple[int, bytes]]:
    """Yield the number of turns and the digest of each conversation."""
    ends, turns = turns_of(batch)
    said = _Cells(turns.flatten())
    own = _Cells([batch.column(name) for name in _OWN])
    for row, (start, end) in enumerate(pairwise(ends)):
        digest = hashlib.sha256()
        own.feed(digest, row, row + 1)
        said.feed(digest, start, end)
        yield end - start, digest.digest()


class _Cells:
    """Some text columns of equal length, to hash any run of their rows."""

    def __init__(self, columns: list[pa.StringArray]) -> None:
        lengths = np.empty((len(columns[0]), len(columns)), dtype=np.int32)
        self._texts: list[tuple[list[int], memoryview]] = []
        for number, column in enumerate(columns):
            offsets = np.frombuffer(column.buffers()[1] or bytes(4), dtype=np.int32)
            offsets = offsets[column.offset : column.offset + len(column) + 1]
            lengths[:, number] = np.diff(offsets) if len(column) else 0
            if column.null_count:
                lengths[column.is_null().to_numpy(zero_copy_only=False), number] = _ABSENT
            if column.null_count < len(column):
                self._texts.append((offsets.tolist(), memoryview(column.buffers()[2] or b"")))
        self._lengths = memoryview(lengths.tobytes())
        self._width = lengths.itemsize * len(columns)

    def feed(self, digest: "hashlib._Hash", start: int, end: int) -> None:
        """Hash the rows from ``start`` up to ``end``: lengths first, then the text of one column after another."""
        digest.update(self._lengths[start * self._width : end * self._width])
        for offsets, text in self._texts:
            first, last = offsets[start], offsets[end]
            if first < last:
                digest.update(text[first:last])
