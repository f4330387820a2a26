"""Erases one person: their rows where rows are theirs, and every version that was derived from them.

Rows that are one person's (feedback, raw, anonymized) are rewritten without them and booked as erased, a group's
conversation too in which they are one of several customers. What
was made from them (seeds and all after) is withdrawn, since it can't be un-made row by row; it is made
again from what is left. The tombstone keeps a later import of the same export from bringing the person back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.storage.books import SET_ASIDE_FILE, TALLY_FILE, Books, read_tally
from uncase_pipeline.storage.lake import Lake, Stage, Version

OWN_ROWS = ("feedback_events", "raw_conversations", "anonymized_conversations")
DERIVED = (
    "seeds",
    "synthetic_conversations",
    "certified_conversations",
    "exported_datasets",
    "lora_adapter",
)
REASON = "erased"
_TOMBSTONES = "erased_subjects.txt"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done to one asset of one domain: rows removed, or the whole version withdrawn."""

    domain: str
    asset: str
    rows: int
    withdrawn: bool


def erased_subjects(home: Path) -> frozenset[str]:
    """Return the subject ids that no import may bring back."""
    path = home / _TOMBSTONES
    return frozenset(path.read_text().split()) if path.exists() else frozenset()


def remember_erasure(home: Path, subject_id: str) -> None:
    """Write the tombstone of a subject: a pseudonymous id, and nothing else of them."""
    if subject_id not in erased_subjects(home):
        home.mkdir(parents=True, exist_ok=True)
        with (home / _TOMBSTONES).open("a") as file:
            file.write(f"{subject_id}\n")


def erase_subject(lake: Lake, domain: str, subject_id: str) -> Iterator[Erasure]:
    """Erase a subject from one domain.

    Yields:
        One item per asset that held something of them. Nothing where they were unknown.
    """
    found: list[tuple[str, Version, set[str]]] = []
    theirs: set[str] = set()
    for asset in OWN_ROWS:
        version = lake.current(asset, domain)
        rows = _rows_of(version, subject_id, theirs) if version else set()
        if version and rows:
            found.append((asset, version, rows))
            theirs |= rows
    derived = [asset for asset in DERIVED if found and lake.current(asset, domain) is not None]
    for asset in derived:
        lake.withdraw(asset, domain)
    # Backwards: the first says whose rows the later ones hold, and is still there if this is killed half-way.
    for asset, version, rows in reversed(found):
        _rewrite(lake, asset, domain, version, rows)
    yield from (Erasure(domain, asset, len(rows), withdrawn=False) for asset, _, rows in found)
    yield from (Erasure(domain, asset, 0, withdrawn=True) for asset in derived)


def _tables(version: Version) -> list[str]:
    return [name for name in version.files if name.endswith(".parquet") and name != SET_ASIDE_FILE]


def holds_subject(batch: pa.RecordBatch, subject_ids: Iterable[str]) -> pa.BooleanArray:
    """Return which rows are of one of these people: as the customer, or as one of the customers of a group."""
    names = list(subject_ids)
    found = pc.is_in(batch.column("subject_id"), value_set=pa.array(names, pa.string()), skip_nulls=True)
    for name in names:
        listed = pc.match_substring(batch.column("metadata"), f'"{name}"')
        found = pc.or_(found, pc.fill_null(listed, fill_value=False))
    return found


def _rows_of(version: Version, subject_id: str, known: set[str]) -> set[str]:
    """Return the ids of the rows that are theirs, those known from an earlier asset included."""
    ids = pa.array(sorted(known), pa.string())
    rows: set[str] = set()
    for name in _tables(version):
        for batch in version.batches(name, columns=["conversation_id", "subject_id", "metadata"]):
            same = pc.is_in(batch.column("conversation_id"), value_set=ids)
            theirs = pc.or_(holds_subject(batch, [subject_id]), same)
            rows.update(batch.filter(theirs).column("conversation_id").to_pylist())
    return rows


def _rewrite(lake: Lake, asset: str, domain: str, version: Version, rows: set[str]) -> None:
    with lake.stage(asset, domain) as stage:
        removed: list[str] = []
        for name in _tables(version):
            kept = _copy_without(version, stage, name, rows, removed)
            stage.name_content(name, content_id("set", kept))
        for name in set(version.files) - set(_tables(version)) - {SET_ASIDE_FILE, TALLY_FILE}:
            with stage.open(name) as file:
                file.write(lake.fs.cat_file(version.path(name)))
        _carry_books(version, stage, removed)
        stage.publish()
    lake.forget_older(asset, domain)


def _copy_without(version: Version, stage: Stage, name: str, rows: set[str], removed: list[str]) -> list[str]:
    kept: list[str] = []
    ids = pa.array(sorted(rows), pa.string())
    with stage.writer(name, version.schema(name)) as writer:
        for batch in version.batches(name):
            theirs = pc.is_in(batch.column("conversation_id"), value_set=ids)
            removed.extend(batch.filter(theirs).column("conversation_id").to_pylist())
            rest: pa.RecordBatch = batch.filter(pc.invert(theirs))
            kept.extend(rest.column("conversation_id").to_pylist())
            writer.write_batch(rest)
    return kept


def _carry_books(version: Version, stage: Stage, removed: list[str]) -> None:
    """Copy the books and add the erased rows; a quarantined one leaves the quarantine as well."""
    before = read_tally(version)
    with Books.kept(stage) as books:
        books.tally.rows_in = before.rows_in
        for batch in version.batches(SET_ASIDE_FILE):
            for row in batch.to_pylist():
                if row["where"] not in removed:
                    books.set_aside(Rejection(**row))
        for identity in removed:
            books.set_aside(Rejection(REASON, identity))
        aside = books.tally.rejected.total() + books.tally.quarantined.total()
        books.tally.rows_out = before.rows_in - aside
