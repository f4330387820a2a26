"""One file to read: opened safely, hashed, its encoding decided. Knows bytes, not formats.

The file is opened once, without following a link and without waiting on a pipe, and is read through that
handle: deleting or replacing it meanwhile changes nothing. Its digest names it; its name is only a hint, since
chat exports carry the customer's name in it.
"""

import codecs
import gzip
import hashlib
import lzma
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 20
SAMPLE = 1 << 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HIGH_LINE = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")


class CannotReadError(Exception):
    """A file can't be walked; ``reason`` is the code it is set aside with."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a member of an archive.

    Attributes:
        name: File name, a hint for detection (``WhatsApp Chat with …``); never logged.
        sha256: Digest of the bytes.
        size: Length in bytes.
        encoding: Codec that reads it, decided on all bytes.
        bom: Length of the byte order mark.
        sample: The first 64 KiB.
        stream: The open file; readers seek it.
    """

    name: str
    sha256: str
    size: int
    encoding: str
    bom: int
    sample: bytes
    stream: BinaryIO

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes after the byte order mark, in blocks."""
        self.stream.seek(self.bom)
        while block := self.stream.read(BLOCK):
            yield block

    def utf8_blocks(self) -> Iterator[bytes]:
        """Yield the content as UTF-8; bytes that can't be decoded come through as they are."""
        if self.encoding == "utf-8":
            yield from self.blocks()
        else:
            for text in self._decoded():
                yield text.encode("utf-8", "surrogatepass")

    def _decoded(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        for block in self.blocks():
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)

    def head(self) -> str:
        """Return the decoded sample."""
        return self.sample[self.bom :].decode(self.encoding, "replace").replace("\r\n", "\n")

    def lines(self, limit: int) -> Iterator[bytes | None]:
        """Yield every line as UTF-8 without its end; None stands for one that is longer than ``limit``."""
        carry: list[bytes] = []
        held = 0
        for block in self.utf8_blocks():
            first, *rest = block.split(b"\n")
            held += len(first)
            if held <= limit:
                carry.append(first)
            else:
                carry.clear()
            if not rest:
                continue
            yield b"".join(carry) if held <= limit else None
            yield from rest[:-1]
            carry, held = [rest[-1]], len(rest[-1])
        if held:
            yield b"".join(carry) if held <= limit else None


def open_regular(path: Path) -> BinaryIO:
    """Open a plain file for reading.

    Raises:
        CannotReadError: ``file-vanished``, ``symlink``, ``not-a-plain-file``, ``no-permission``.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise CannotReadError("file-vanished") from None
    except PermissionError:
        raise CannotReadError("no-permission") from None
    except OSError:
        reason = "symlink" if path.is_symlink() else "not-a-plain-file"
        raise CannotReadError(reason) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise CannotReadError("not-a-plain-file")
    return os.fdopen(handle, "rb", buffering=0)


def survey(name: str, stream: BinaryIO, *, max_bytes: int | None = None) -> Source:
    """Read a stream once: digest, size, sample and encoding.

    Args:
        name: File name.
        stream: Seekable stream; stays open.
        max_bytes: Where given, more than this is refused (archives).

    Raises:
        CannotReadError: ``empty-file``; ``zip-bomb`` beyond ``max_bytes``.
    """
    digest, size, sample = hashlib.sha256(), 0, b""
    guess = _EncodingGuess()
    stream.seek(0)
    while block := stream.read(BLOCK):
        if not size:
            sample = block[:SAMPLE]
            guess.start(sample)
        size += len(block)
        if max_bytes is not None and size > max_bytes:
            raise CannotReadError("zip-bomb")
        digest.update(block)
        guess.feed(block)
    if not size or not sample.strip(b"\x00 \r\n\t\xef\xbb\xbf\xff\xfe"):
        raise CannotReadError("empty-file")
    return Source(name, digest.hexdigest(), size, guess.encoding(), guess.bom, sample, stream)


class _EncodingGuess:
    """Decides the encoding on all bytes: a mark, else UTF-8 unless its lines speak against it."""

    def __init__(self) -> None:
        self.bom = 0
        self._fixed: str | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._good = self._bad = 0

    def start(self, sample: bytes) -> None:
        for mark, codec in _BOMS:
            if sample.startswith(mark):
                self.bom, self._fixed = len(mark), codec
                return
        self._fixed = _utf16_without_mark(sample)

    def feed(self, block: bytes) -> None:
        if self._fixed is not None:
            return
        try:
            decoded = self._decoder.decode(block)
        except UnicodeDecodeError:
            self._decoder.reset()
            self._count_lines(block)
        else:
            self._good += len(decoded) < len(block) - 3

    def _count_lines(self, block: bytes) -> None:
        for line in _HIGH_LINE.findall(block):
            try:
                line.decode()
            except UnicodeDecodeError:
                self._bad += 1
            else:
                self._good += 1

    def encoding(self) -> str:
        """Return the codec; a few bad lines in a UTF-8 file stay bad lines."""
        if self._fixed is not None:
            return self._fixed
        return "cp1252" if self._bad > self._good else "utf-8"


def _utf16_without_mark(sample: bytes) -> str | None:
    pairs = len(sample) // 2
    if pairs < 4:
        return None
    for codec, zeros, text in (
        ("utf-16-le", sample[1::2], sample[::2]),
        ("utf-16-be", sample[::2], sample[1::2]),
    ):
        if zeros.count(0) > 0.7 * pairs and text.count(0) < 0.01 * pairs:
            return codec
    return None


ZIP_MEMBERS = (
    ".txt",
    ".json",
    ".jsonl",
    ".ndjson",
    ".csv",
    ".tsv",
    ".md",
    ".vtt",
    ".srt",
    ".eml",
    ".mbox",
    ".yml",
    ".yaml",
    ".xlsx",
    ".docx",
    ".html",
    ".xml",
)
_DOCUMENTS_SENT = (".xlsx", ".docx", ".html", ".xml")
ZIP_START = b"PK\x03\x04"
WORKBOOK_PART, DOCUMENT_PART = "xl/workbook.xml", "word/document.xml"
_DOCUMENTS = {
    "xl/workbook.bin": "spreadsheet",
    "content.xml": "spreadsheet",
    "[Content_Types].xml": "office-document",
}
MAX_UNPACKED = 8 * 1024**3
MAX_RATIO = 200
_FREE_RATIO_BYTES = 8 * 1024**2
BAD_MEMBER = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)


def is_zip(stream: BinaryIO) -> bool:
    """Whether the stream is a zip archive."""
    stream.seek(0)
    return stream.read(4) == ZIP_START


def is_office(stream: BinaryIO, part: str) -> bool:
    """Whether a zip archive is one document of Office, which has this part, and not a box of files."""
    try:
        return part in zipfile.ZipFile(stream).namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def is_gzip(stream: BinaryIO) -> bool:
    """Whether the stream is one file that gzip packed."""
    stream.seek(0)
    return stream.read(3) == b"\x1f\x8b\x08"


def gzip_source(name: str, stream: BinaryIO) -> Source:
    """Return the file in a gzip; nothing is unpacked to disk.

    Raises:
        CannotReadError: ``bad-gzip``, ``zip-bomb``, ``empty-file``.
    """
    packed = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    content = gzip.GzipFile(fileobj=stream, mode="rb")
    try:
        return survey(name.removesuffix(".gz"), content, max_bytes=_allowed(packed))  # type: ignore[arg-type]
    except (OSError, EOFError, zlib.error):
        raise CannotReadError("bad-gzip") from None


def zip_sources(stream: BinaryIO) -> Iterator[Source | tuple[int, str]]:
    """Yield the readable members of an archive; nothing is unpacked to disk.

    Yields:
        A source, or the number of a member that is set aside and the reason code.

    Raises:
        CannotReadError: ``bad-zip`` where the archive can't be walked.
    """
    try:
        archive = zipfile.ZipFile(stream)
        members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise CannotReadError("bad-zip") from None
    names = {member.filename for member in members}
    if document := next((what for name, what in _DOCUMENTS.items() if name in names), None):
        raise CannotReadError(document)
    sent = _DOCUMENTS_SENT if any(map(_is_chat, names)) else ()
    wanted = [
        (number, member)
        for number, member in enumerate(members)
        if _is_export(member.filename) and not member.filename.lower().endswith(sent)
    ]
    if not wanted:
        raise CannotReadError("no-export-in-zip")
    for number, member in wanted:
        reason = _member_reason(member)
        if reason:
            yield number, reason
            continue
        try:
            with archive.open(member) as content:
                yield survey(Path(member.filename).name, content, max_bytes=_budget(member))  # type: ignore[arg-type]
        except CannotReadError as error:
            yield number, error.reason
        except BAD_MEMBER:
            yield number, "bad-zip-member"


def _is_chat(name: str) -> bool:
    """Whether a member is a WhatsApp chat: documents that lie beside it were sent in it, and are no exports."""
    base = name.rpartition("/")[2].lower()
    return base.endswith(".txt") and (base == "_chat.txt" or "whatsapp" in base)


def _is_export(name: str) -> bool:
    base = name.rpartition("/")[2]
    return base.lower().endswith(ZIP_MEMBERS) and not base.startswith("._") and "__MACOSX" not in name


def _budget(member: zipfile.ZipInfo) -> int:
    return _allowed(member.compress_size)


def unpacks_to_more_than_allowed(member: zipfile.ZipInfo) -> bool:
    """Whether a member of an archive is much larger than what it is packed in."""
    return member.file_size > _budget(member)


def _allowed(packed: int) -> int:
    return min(MAX_UNPACKED, max(_FREE_RATIO_BYTES, packed * MAX_RATIO))


def _member_reason(member: zipfile.ZipInfo) -> str | None:
    parts = member.filename.replace("\\", "/").split("/")
    if ".." in parts or member.filename.startswith("/") or ":" in parts[0]:
        return "unsafe-path-in-zip"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "symlink"
    if member.flag_bits & 0x1:
        return "encrypted-zip"
    if unpacks_to_more_than_allowed(member):
        return "zip-bomb"
    return None
