"""Which conversations are known, and which of two versions of one is kept. Knows ids and lengths, no content.

Kept in a private SQLite file that is gone when it is closed, so that memory does not grow with the partition.
"""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Literal, Self

News = Literal["new", "known", "grown"]
_CACHE_KIB = 8_192


@dataclass(frozen=True, slots=True)
class Seen:
    """What the index says of a conversation: whether it is news, and how many of its turns were known."""

    news: News
    known_turns: int


class Index:
    """Remembers for each id the row that holds it, its turns and the digest of its content."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(
            "CREATE TABLE seen (id TEXT PRIMARY KEY, row INTEGER, turns INTEGER, digest BLOB) WITHOUT ROWID"
        )
        self._database.execute("BEGIN")
        self.replaced = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with closing(self._database):
            pass

    def note(self, identifier: str, turns: int, digest: bytes, row: int) -> Seen:
        """Note a conversation that would be stored in this row.

        A longer version of a known conversation takes its place; of two equally long ones the one with the
        greater digest does, so that the outcome does not depend on the order of files.
        """
        added = self._database.execute(
            "INSERT INTO seen VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (identifier, row, turns, digest),
        )
        if added.rowcount:
            return Seen("new", 0)
        known = self._database.execute(
            "SELECT turns, digest FROM seen WHERE id = ?", (identifier,)
        ).fetchone()
        if (turns, digest) <= known:
            return Seen("known", turns)
        self._database.execute(
            "UPDATE seen SET row = ?, turns = ?, digest = ? WHERE id = ?", (row, turns, digest, identifier)
        )
        self.replaced += 1
        return Seen("grown", min(known[0], turns))

    def holds(self, conversation_id: str, row: int) -> bool:
        """Whether this row is the one that stands for the conversation."""
        found = self._database.execute("SELECT row FROM seen WHERE id = ?", (conversation_id,)).fetchone()
        return found is not None and found[0] == row

    def __len__(self) -> int:
        count: int = self._database.execute("SELECT count(*) FROM seen").fetchone()[0]
        return count

    def content_digest(self) -> str:
        """Return one digest of all that is held, whatever the order it came in."""
        digest = hashlib.sha256()
        for identifier, content in self._database.execute("SELECT id, digest FROM seen ORDER BY id"):
            digest.update(identifier.encode())
            digest.update(content)
        return digest.hexdigest()
