"""Looks for identifiers in everything a run left behind, decoded: a compressed column hides nothing here."""

import gzip
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from uncase_pipeline.storage.lake import VAULT_SUFFIX

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_NUMBER = re.compile(r"\+?\d(?:[ ().-]?\d){7,}")
_CODE = re.compile(r"\b[A-Z]{4}\d{6}[A-Z0-9]{3,8}\b")
_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\d")


def identifiers_of(inbox: Path) -> set[str]:
    """Return mails, long numbers and official codes that stand in the files of an inbox, as written there."""
    found: set[str] = set()
    for path in sorted(inbox.rglob("*")):
        if path.is_file():
            text = _plain(path)
            for pattern in (_EMAIL, _NUMBER, _CODE):
                found.update(match.group().strip(" .") for match in pattern.finditer(text))
    return {identifier for identifier in found if not _ISO_MOMENT.match(identifier)}


def _plain(path: Path) -> str:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return path.read_text("utf-8", "replace")


def spilled(identifiers: set[str], *roots: Path) -> list[tuple[str, str]]:
    """Return ``(file name, identifier)`` for every identifier that can be read below the roots."""
    wanted = {identifier: identifier.encode() for identifier in identifiers}
    return [
        (str(path.relative_to(root)), identifier)
        for root in roots
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.endswith(VAULT_SUFFIX)
        for content in [b"\n".join(_readable(path))]
        for identifier, needle in wanted.items()
        if needle in content
    ]


def _readable(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, and what they say once decoded."""
    yield str(path).encode()
    if path.suffix == ".parquet":
        # Not its bytes: a dictionary's indices 48 to 57 in a row read as the digits 0 to 9.
        file = pq.ParquetFile(path)
        yield repr((file.metadata, file.schema_arrow.metadata)).encode()
        for batch in file.iter_batches():
            yield repr(batch.to_pylist()).encode()
        return
    yield path.read_bytes()
    if path.suffix in {".db", ".sqlite"}:
        yield from _rows(path)
    elif path.suffix == ".zst":
        yield pa.CompressedInputStream(pa.OSFile(str(path)), "zstd").read()
    elif path.suffix == ".gz":
        yield gzip.decompress(path.read_bytes())


def _rows(path: Path) -> Iterator[bytes]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            for row in connection.execute(f'select * from "{table}"'):
                yield repr(row).encode()
