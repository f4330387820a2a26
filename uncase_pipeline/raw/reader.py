"""Reads any file into conversations, streaming: what can't be read is yielded as a rejection. No file escapes.

This is the whole import, without the lake, without Dagster and without a screen.
"""

import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pyarrow import RecordBatch

from uncase_pipeline.collector import collecting_seldom
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.raw.detect import Detection, detect, format_of
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.finish import finish, finish_into
from uncase_pipeline.raw.folder_rules import FILE as RULES
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import (
    DOCUMENT_PART,
    WORKBOOK_PART,
    ZIP_START,
    CannotReadError,
    Source,
    gzip_source,
    is_gzip,
    is_office,
    is_zip,
    open_regular,
    survey,
    zip_sources,
)
from uncase_pipeline.raw.word import as_text
from uncase_pipeline.records.arrow import Pack
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.conversation import Source as Where
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.rejection import Rejection

FAULT = "parser-failed"
"""Books a fault of ours; the fuzz tests hold that it never occurs."""
T = TypeVar("T")


def read(path: Path, options: ReadOptions) -> Iterator[Conversation | Rejection]:
    """Yield the conversations of a file, and a rejection for everything that can't be read."""
    for source in sources(path):
        if isinstance(source, Rejection):
            yield source
        else:
            yield from read_source(source, options)


def sources(path: Path) -> Iterator[Source | Rejection]:
    """Yield the file, or each readable member where it is an archive."""
    unnamed = content_id("file", path.name)
    try:
        stream = open_regular(path)
    except CannotReadError as error:
        yield Rejection(error.reason, unnamed, "quarantined")
        return
    with stream:
        try:
            if not is_zip(stream) or any(is_office(stream, part) for part in (WORKBOOK_PART, DOCUMENT_PART)):
                packed = is_gzip(stream)
                yield _readable(gzip_source(path.name, stream) if packed else survey(path.name, stream))
                return
            for member in zip_sources(stream):
                if isinstance(member, Source):
                    yield _member(member, path.name)
                else:
                    yield Rejection(member[1], f"{unnamed} member {member[0]}", "quarantined")
        except CannotReadError as error:
            yield Rejection(error.reason, unnamed, "quarantined")
        except OSError:
            yield Rejection("unreadable-file", unnamed, "quarantined")


def _readable(source: Source) -> Source:
    """Return the source as formats read it: the text of a document in its place."""
    is_document = source.sample.startswith(ZIP_START) and is_office(source.stream, DOCUMENT_PART)
    return as_text(source) if is_document else source


def _member(source: Source, archive: str) -> Source | Rejection:
    """Return a member of an archive; WhatsApp's says whose chat it is by the name of the archive alone."""
    try:
        return _readable(replace(source, name=archive) if source.name.startswith("_chat") else source)
    except CannotReadError as error:
        return Rejection(error.reason, source.sha256[:16], "quarantined")


def read_batches(path: Path, options: ReadOptions, pack: Pack) -> Iterator[RecordBatch | Rejection]:
    """Read a file as ``read`` does, into record batches: the fast way, for large files.

    Args:
        path: The file.
        options: How to read.
        pack: Takes the conversations; what it holds at the end stays there, so that small files share a batch.

    Yields:
        Batches as they fill up, and rejections.
    """
    with collecting_seldom():
        for source in sources(path):
            if isinstance(source, Rejection):
                yield source
            else:
                yield from _guarded(source, _packed(source, options, pack))


def read_source(
    source: Source, options: ReadOptions, found: Detection | None = None
) -> Iterator[Conversation | Rejection]:
    """Yield the conversations of one source, by the format that it is taken for."""
    yield from _guarded(source, _finished(source, options, found))


def _guarded(source: Source, items: Iterator[T]) -> Iterator[T | Rejection]:
    """Yield the items; whatever goes wrong costs this source and no other."""
    try:
        yield from items
    except UncaseError:
        raise
    except CannotReadError as error:
        yield Rejection(error.reason, source.sha256[:16], "quarantined")
    except OSError:
        yield Rejection("unreadable-file", source.sha256[:16], "quarantined")
    except Exception:  # a fault of one parser must not stop the other files
        yield Rejection(FAULT, source.sha256[:16], "quarantined")


def _finished(
    source: Source, options: ReadOptions, found: Detection | None
) -> Iterator[Conversation | Rejection]:
    name = (found or detect(source, options.format)).format
    items = format_of(name).read(source, options) if name else _unknown(source)
    for draft in _never_empty(source, items):
        if isinstance(draft, Rejection):
            yield draft
        else:
            yield finish(draft, Where(name or "", source.sha256, draft.position), options)


def _packed(source: Source, options: ReadOptions, pack: Pack) -> Iterator[RecordBatch | Rejection]:
    name = detect(source, options.format).format
    format = format_of(name) if name else None
    items = (format.pack or format.read)(source, options) if format else _unknown(source)
    for item in _never_empty(source, items):
        if not isinstance(item, Draft):
            yield item
            continue
        finish_into(pack, item, Where(name or "", source.sha256, item.position), options)
        if pack.full:
            yield pack.take()


_BY_START = {
    b"%pdf": "pdf",
    b"{\\rtf": "rtf",
    b"\xd0\xcf\x11\xe0": "old-office-file",
    b"<!doctype html": "html",
    b"<html": "html",
    b"pk\x03\x04": "bad-zip",
}
"""Files that people take for exports, by their first bytes in lower case: every product exports text or JSON too."""


_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""What Office calls the content of a file that asks for a password."""


def _unknown(source: Source) -> Iterator[Rejection]:
    start = source.sample[source.bom :].lstrip()[:20].lower()
    if _ENCRYPTED in source.sample:
        yield Rejection("encrypted-workbook", source.sha256[:16], "quarantined")
        return
    reasons = (reason for mark, reason in _BY_START.items() if start.startswith(mark))
    yield Rejection(next(reasons, "unknown-format"), source.sha256[:16], "quarantined")


def _never_empty(source: Source, items: Iterable[T]) -> Iterator[T | Rejection]:
    """Yield the items; a source that holds none is booked."""
    empty = True
    for item in items:
        empty = False
        yield item
    if empty:
        yield Rejection("no-messages", source.sha256[:16], "quarantined")


def walk(folder: Path) -> Iterator[Path | Rejection]:
    """Yield the files of a folder in a fixed order; links and special files are set aside, hidden ones left."""
    for path in sorted(folder.rglob("*")):
        if path.name == RULES or any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            continue
        if stat.S_ISREG(mode):
            yield path
        else:
            reason = "symlink" if stat.S_ISLNK(mode) else "not-a-plain-file"
            yield Rejection(reason, content_id("file", path.name), "quarantined")
