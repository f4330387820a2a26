"""The rows of a dataset as leaves: the exact native JSON line of each conversation. Knows Parquet and JSONL.

A JSONL file's leaves are its lines as they stand, so one changed byte in it changes the root, even one that
means the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.native import dumps
from uncase_pipeline.seal.merkle import MerkleTree


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows, and the Merkle root over them in order."""

    count: int
    root: str

    def document(self) -> dict[str, Any]:
        """Return what a predicate says of its rows."""
        return {
            "count": self.count,
            "root": self.root,
            "tree": "RFC 6962 with SHA-256; leaf = the native JSON line of the conversation",
        }


def leaf(conversation: Conversation) -> bytes:
    """Return the native JSON line of a conversation, without the newline."""
    return dumps(conversation)


def count_rows(leaves: Iterable[bytes]) -> Rows:
    """Return the number and the root of leaves that stream by."""
    tree = MerkleTree()
    for line in leaves:
        tree.append(line)
    return Rows(tree.size, tree.root.hex())


def leaves_of_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Return the leaves of stored conversations."""
    return map(leaf, from_batches(batches))


def leaves_of_file(path: Path) -> Iterator[bytes]:
    """Return the leaves of a Parquet or a JSONL file.

    Raises:
        UncaseError: ``bad-dataset`` where the file can't be read as either.
    """
    if path.suffix == ".parquet":
        return _leaves_of_parquet(path)
    return _lines(path)


def _leaves_of_parquet(path: Path) -> Iterator[bytes]:
    try:
        with pq.ParquetFile(path) as file:
            yield from leaves_of_batches(file.iter_batches(1_000))
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError):
        raise UncaseError(
            "bad-dataset", f"{path.name} can't be read as a Parquet file of conversations.", "Copy it again."
        ) from None


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            # A last line without its newline keeps a mark, so that a file cut by one byte is another file.
            yield line[:-1] if line.endswith(b"\n") else line + b"\0"
