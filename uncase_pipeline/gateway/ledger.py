"""The egress ledger: what left, to whom, with which verdict, in an append-only hash chain. Holds no content.

Each entry's hash covers the entry and the hash before it, so that a changed, removed or inserted entry breaks
the chain from there on; a certificate that quotes the head also pins the end. Triggers refuse updates.
"""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

import orjson

from uncase_pipeline.gateway.commits import Commits, connect
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.ids import canonical_json
from uncase_pipeline.settings import Settings

Event = Literal["sent", "withdrawn", "stopped", "answered", "failed"]

IN_PROCESS = "in-process"
"""Destination of calls that never leave the machine's memory."""

_GENESIS = "0" * 64
_SCHEMA = """
CREATE TABLE IF NOT EXISTS egress (
  seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL, partition TEXT, entry BLOB NOT NULL, hash TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS egress_run ON egress (run_id);
CREATE INDEX IF NOT EXISTS egress_partition ON egress (partition);
CREATE TRIGGER IF NOT EXISTS egress_no_update BEFORE UPDATE ON egress
  BEGIN SELECT RAISE(ABORT, 'the egress ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS egress_no_delete BEFORE DELETE ON egress
  BEGIN SELECT RAISE(ABORT, 'the egress ledger is append-only'); END;
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of one call.

    Attributes:
        at: Time, ISO 8601 in UTC.
        event: ``sent`` before it leaves; ``withdrawn`` if it did not leave after all, because the run was
            cancelled at that moment; ``stopped`` at the gate, on the way out or back; ``answered`` and
            ``failed`` after it left.
        run_id: The run.
        call: Key of the request.
        attempt: 1 for the first time that this call leaves.
        destination: Host, or ``in-process``.
        model: As routed.
        template: Name and version of the prompt template.
        payload_hash: SHA-256 of the canonical payload.
        verdict: Counts of identifiers and shield flags.
        lineage: Ids of the work that it belongs to.
        scanner: Version of the scanner that judged.
    """

    at: str
    event: Event
    run_id: str
    call: str
    attempt: int
    destination: str
    model: str
    template: str
    payload_hash: str
    verdict: Json
    lineage: Json
    scanner: str

    def wire(self) -> Json:
        """Return the entry as it is hashed."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class EgressSummary:
    """What a certificate quotes.

    Attributes:
        entries: Entries counted.
        calls_sent: Calls that left this process, retries included.
        calls_in_process: Calls answered inside the process.
        stopped: Payloads and answers stopped at the gate.
        destinations: Calls that left, per host.
        models: Calls per model.
        templates: Calls per prompt template.
        pii: Identifiers found per type, in what left and what came back.
        head: Hash of the last entry of the whole chain.
        length: Entries in the whole chain.
        intact: Whether the whole chain verifies.
    """

    entries: int = 0
    calls_sent: int = 0
    calls_in_process: int = 0
    stopped: int = 0
    destinations: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    templates: Counter[str] = field(default_factory=Counter)
    pii: Counter[str] = field(default_factory=Counter)
    head: str = _GENESIS
    length: int = 0
    intact: bool = True

    def wire(self) -> Json:
        """Return it as plain JSON."""
        values: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: dict(sorted(value.items())) if isinstance(value, Counter) else value
            for name, value in values.items()
        }


class Ledger:
    """Appends entries; several processes may append to the same chain."""

    def __init__(self, path: Path) -> None:
        self._commits = Commits(path, _SCHEMA)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the ledger of this machine."""
        return cls(ledger_path(settings))

    async def append(self, entry: Entry) -> None:
        """Add an entry and return once it is on disk."""
        body = canonical_json(entry.wire())
        await self._commits.add((entry.run_id, entry.lineage.get("domain"), body), _append)

    def close(self) -> None:
        """Finish writing."""
        self._commits.close()


def ledger_path(settings: Settings) -> Path:
    """Return where the ledger of this machine is."""
    return settings.home / "egress.sqlite"


def verify(path: Path) -> list[int]:
    """Return the numbers of the entries at which the chain is broken; none where it is intact."""
    if not path.exists():
        return []
    with closing(connect(path)) as db:
        return list(_breaks(db))


def summary(path: Path, *, run_id: str | None = None, partition: str | None = None) -> EgressSummary:
    """Sum up what left, for a run, a partition, both or all.

    Args:
        path: See ``ledger_path``. A ledger that does not exist sums up to nothing.
        run_id: Only this run.
        partition: Only this domain.
    """
    total = EgressSummary()
    if not path.exists():
        return total
    with closing(connect(path)) as db:
        for entry in _entries(db, run_id, partition):
            _add(total, entry)
        last = db.execute("SELECT seq, hash FROM egress ORDER BY seq DESC LIMIT 1").fetchone()
        total.length, total.head = last or (0, _GENESIS)
        total.intact = next(_breaks(db), None) is None
    return total


def _append(db: sqlite3.Connection, entries: list[tuple[str, str | None, bytes]]) -> None:
    last = db.execute("SELECT seq, hash FROM egress ORDER BY seq DESC LIMIT 1").fetchone()
    seq, link = last or (0, _GENESIS)
    values: list[Any] = []
    for run_id, partition, body in entries:
        seq, link = seq + 1, _link(link, body)
        values += (seq, run_id, partition, body, link)
    rows = ",".join(["(?, ?, ?, ?, ?)"] * len(entries))
    db.execute(f"INSERT INTO egress VALUES {rows}", values)  # noqa: S608  # question marks


def _link(previous: str, body: bytes) -> str:
    return hashlib.sha256(previous.encode() + body).hexdigest()


def _breaks(db: sqlite3.Connection) -> Iterator[int]:
    """Walk the chain. The indexed columns are copies of the entry's, and count as tampered if they differ."""
    previous, expected = _GENESIS, 1
    for seq, run_id, partition, body, found in db.execute("SELECT * FROM egress ORDER BY seq"):
        linked = isinstance(body, bytes) and seq == expected and found == _link(previous, body)
        if not linked or _copied(body) != (run_id, partition):
            yield seq
        previous, expected = found, seq + 1


def _copied(body: bytes) -> tuple[str, str | None]:
    entry = orjson.loads(body)
    return entry["run_id"], entry["lineage"].get("domain")


def _entries(db: sqlite3.Connection, run_id: str | None, partition: str | None) -> Iterator[Json]:
    rows = db.execute(
        "SELECT entry FROM egress WHERE (?1 IS NULL OR run_id = ?1) AND (?2 IS NULL OR partition = ?2)",
        (run_id, partition),
    )
    for (body,) in rows:
        yield orjson.loads(body)


def _add(total: EgressSummary, entry: Json) -> None:
    total.entries += 1
    total.pii.update(entry["verdict"].get("pii", {}))
    if entry["event"] == "stopped":
        total.stopped += 1
    if entry["event"] not in ("sent", "withdrawn"):
        return
    calls = 1 if entry["event"] == "sent" else -1
    total.models[entry["model"]] += calls
    total.templates[entry["template"]] += calls
    if entry["destination"] == IN_PROCESS:
        total.calls_in_process += calls
    else:
        total.calls_sent += calls
        total.destinations[entry["destination"]] += calls
