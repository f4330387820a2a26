"""Whether a dataset is the one that a certificate was issued for. Needs nothing but the public key."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from securesystemslib.signer import SSlibKey

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.seal.keys import read_public_key
from uncase_pipeline.seal.merkle import leaf_hash
from uncase_pipeline.seal.rows import count_rows, leaves_of_file
from uncase_pipeline.seal.statement import Statement, open_envelope

CERTIFICATE_FILE = "certificate.json"
PUBLIC_KEY_FILE = "certificate.pub"
REPORTS_FILE = "reports.parquet"
LEAF_COLUMN = "leaf"
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer.

    Attributes:
        ok: Whether every byte is as it was certified.
        differences: What differs, for a person; empty where nothing does.
        statement: What was certified, None where the signature does not hold.
        key_id: The public key that was used.
    """

    ok: bool
    differences: list[str]
    statement: Statement | None
    key_id: str


def verify_files(
    certificate_path: Path, dataset_path: Path, public_key: Path | SSlibKey | None = None
) -> Verdict:
    """Check a dataset against a certificate.

    Args:
        certificate_path: The signed envelope.
        dataset_path: A file that was certified, a JSONL copy of the certified rows, or a folder of the
            certified files.
        public_key: The key to trust; the one beside the certificate where it is not given.

    Raises:
        UncaseError: Where a file is not there or is no certificate or key at all.
    """
    for path in (certificate_path, dataset_path):
        if not path.exists():
            raise UncaseError("no-such-file", f"There is nothing at {path}.", "Check the path.")
    key = (
        public_key
        if isinstance(public_key, SSlibKey)
        else read_public_key(public_key or certificate_path.with_name(PUBLIC_KEY_FILE))
    )
    try:
        statement = open_envelope(certificate_path.read_bytes(), key)
    except UncaseError as error:
        return Verdict(False, [error.message], None, key.keyid)
    if dataset_path.is_dir():
        differences = list(_folder_differences(statement, dataset_path, certificate_path))
    else:
        differences = list(_file_differences(statement, dataset_path, certificate_path))
    return Verdict(not differences, differences, statement, key.keyid)


def _folder_differences(statement: Statement, folder: Path, certificate: Path) -> Iterator[str]:
    beside = {certificate.name, PUBLIC_KEY_FILE}
    found = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not (path.parent == folder and path.name in beside)
    }
    yield from (f"{name} is missing." for name in sorted(statement.subjects.keys() - found.keys()))
    yield from (f"{name} was not certified." for name in sorted(found.keys() - statement.subjects.keys()))
    for name in sorted(found.keys() & statement.subjects.keys()):
        if _digest(found[name]) != statement.subjects[name]:
            yield f"{name} was changed."


def _file_differences(statement: Statement, path: Path, certificate: Path) -> Iterator[str]:
    if _digest(path) in statement.subjects.values():
        return
    rows = statement.predicate.get("rows")
    if path.suffix == ".parquet" or not rows:
        yield f"The bytes of {path.name} are not those that were certified."
    if not rows:
        return
    try:
        found = count_rows(leaves_of_file(path))
    except UncaseError as error:
        yield error.message
        return
    if found.count != rows["count"]:
        yield f"{found.count} rows, and {rows['count']} were certified."
    if found.root != rows["root"]:
        yield f"The Merkle root of the rows is {found.root[:16]}…, and {rows['root'][:16]}… was certified."
        yield from _row_differences(statement, path, certificate.with_name(REPORTS_FILE))


def _row_differences(statement: Statement, path: Path, reports: Path) -> Iterator[str]:
    """Name the rows, where the reports with the certified leaves lie beside the certificate."""
    if not reports.exists() or _digest(reports) != statement.subjects.get(REPORTS_FILE):
        return
    named = 0
    known = {digest for digest, _ in _certified_leaves(reports)}
    found = (leaf_hash(leaf).hex() for leaf in leaves_of_file(path))
    pairs = zip_longest(found, _certified_leaves(reports), fillvalue=None)
    for number, (digest, certified) in enumerate(pairs, start=1):
        if certified is None or digest != certified[0]:
            named += 1
            if named > _NAMED:
                yield "… and more rows."
                return
            yield _row_difference(number, digest, certified, known)


def _row_difference(
    number: int, digest: str | None, certified: tuple[str, str] | None, known: set[str]
) -> str:
    here = "is another certified row" if digest in known else "was never certified"
    match digest, certified:
        case None, (_, row):
            return f"Row {number} ({row}) is not there."
        case _, None:
            return f"Row {number} was added: it {here}."
        case _, (_, row):
            return f"Row {number} should be {row}: what stands there {here}."
    return f"Row {number} differs."


def _certified_leaves(reports: Path) -> Iterator[tuple[str, str]]:
    with pq.ParquetFile(reports) as file:
        for batch in file.iter_batches(columns=[LEAF_COLUMN, "conversation_id"]):
            table = pa.Table.from_batches([batch]).to_pylist()
            yield from ((row[LEAF_COLUMN], row["conversation_id"]) for row in table if row[LEAF_COLUMN])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
