"""The records of a CSV file in blocks: clean stretches by Arrow, any other record by record. Knows no columns.

A stretch is clean where every quote opens a field, closes it or is doubled inside, every record is as wide as the
header, and no byte is null or not UTF-8. There Arrow reads what the strict reader of the standard library reads,
many times faster. Everywhere else that one is used, and a bad record is set aside alone.
"""

import csv
from collections.abc import Generator, Iterator, Sequence
from io import StringIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from uncase_pipeline.raw.formats.base import set_aside
from uncase_pipeline.raw.formats.blocks import Block, Row, packed
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.stretches import decoded, is_clean, whole_lines
from uncase_pipeline.records.rejection import Rejection

_TOO_LONG = "\udcff"
_FIELD_LIMIT = 4 * 1024 * 1024
csv.field_size_limit(_FIELD_LIMIT)
_QUOTE, _NEWLINE = ord('"'), ord("\n")
_BEFORE_HEADER, _HEADER = -2, -1


def csv_blocks(
    source: Source, delimiter: str, width: int, options: ReadOptions, columns: Sequence[int] | None = None
) -> Iterator[Block | Rejection]:
    """Yield the records of the table after its header, and what can't be read, each with its number.

    Args:
        source: The file.
        delimiter: Between two fields.
        width: Fields of the header.
        options: How to read.
        columns: Positions of the columns that are wanted, None for all.
    """
    wanted = range(width) if columns is None else columns
    pieces = _Pieces(whole_lines(source, options.max_record_bytes), options.max_record_bytes)
    careful = _Careful(source, pieces, delimiter, width, wanted)
    clean = _Clean(delimiter, width, wanted)
    data = pieces.next()
    while data:
        end = clean.end(data) if careful.number >= _HEADER and not pieces.is_too_long(data) else None
        if end == 0 and len(longer := pieces.after(data)) > len(data):
            data = longer
            continue
        block = clean.block(data[:end], careful.number + 1) if end else None
        if block is None:
            data = (yield from careful.blocks(data)) or pieces.next()
        else:
            careful.number += len(block)
            if len(block):
                yield block
            data = pieces.after(data[end:])


class _Pieces:
    """Stretches of whole lines; one that can't be used yet is handed out again."""

    def __init__(self, pieces: Iterator[bytes], limit: int) -> None:
        self._pieces = pieces
        self._limit = limit
        self._kept = b""

    def next(self) -> bytes:
        """Return the next stretch, empty at the end of the file."""
        piece, self._kept = self._kept or next(self._pieces, b""), b""
        return piece

    def after(self, rest: bytes) -> bytes:
        """Return what is left of a stretch with the next one behind it, unless they are too much to hold."""
        if len(rest) > _FIELD_LIMIT:
            return rest
        piece = self.next()
        if rest and self.is_too_long(piece):
            self._kept, piece = piece, b""
        return rest + piece if rest else piece

    def is_too_long(self, piece: bytes) -> bool:
        """Whether this is a part of a line that is beyond the limit."""
        return len(piece) > self._limit and b"\n" not in piece


class _Clean:
    """Reads whole clean records at once."""

    def __init__(self, delimiter: str, width: int, wanted: Sequence[int]) -> None:
        self._width = width
        self._wanted = wanted
        names = [str(position) for position in range(width)]
        self._names = [names[position] for position in wanted]
        self._borders = np.zeros(256, dtype=np.bool_)
        self._borders[[ord(delimiter), _NEWLINE]] = True
        self._read = arrow_csv.ReadOptions(use_threads=False, column_names=names)
        self._parse = arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
        self._convert = arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), include_columns=self._names
        )

    def end(self, data: bytes) -> int | None:
        """Return where the last whole record ends, from the start of a record; None where anything is odd."""
        if self._width == 1 or len(data) > _FIELD_LIMIT or b"\x00" in data or not _is_utf8(data):
            return None
        return self._end_of_quoted(data) if b'"' in data else len(data)

    def _end_of_quoted(self, data: bytes) -> int | None:
        text = np.frombuffer(b"\n%b\n" % data, dtype=np.uint8)
        quotes = np.flatnonzero(text == _QUOTE)
        opening, closing = quotes[::2], quotes[1::2]
        doubled = opening[1:] == closing[: len(opening) - 1] + 1
        starts, behind = self._borders[text[opening - 1]], text[closing + 1]
        starts[1:] |= doubled
        if not (starts.all() and (self._borders[behind] | (behind == _QUOTE)).all()):
            return None
        if len(quotes) % 2 == 0:
            return len(data)
        newlines = np.flatnonzero(text[1:-1] == _NEWLINE)
        outside = newlines[np.searchsorted(quotes, newlines + 1) % 2 == 0]
        return int(outside[-1]) + 1 if len(outside) else 0

    def block(self, data: bytes, first: int) -> Block | None:
        """Return whole clean records; None where one of them has another width."""
        self._read.block_size = len(data) + 1
        try:
            table = arrow_csv.read_csv(pa.BufferReader(data), self._read, self._parse, self._convert)
        except pa.ArrowInvalid:
            return None
        columns = (table.column(name).combine_chunks() for name in self._names)
        numbers = np.arange(first, first + table.num_rows, dtype=np.int64)
        return Block(numbers, dict(zip(self._wanted, columns, strict=True)))


class _Careful:
    """Reads record by record, until a stretch and a record end together.

    A quote that is never closed swallows what follows it. Then only its first line is bad: the others are read
    again.
    """

    def __init__(
        self, source: Source, pieces: _Pieces, delimiter: str, width: int, wanted: Sequence[int]
    ) -> None:
        self.number = _BEFORE_HEADER
        """Of the last record; the header is -1."""
        self._source = source
        self._pieces = pieces
        self._delimiter = delimiter
        self._width = width
        self._wanted = wanted
        self._lines = StringIO()
        self._length = 0
        self._taken: list[str] = []
        self._again: list[str] = []
        self._suspect = False

    def blocks(self, data: bytes) -> Generator[Block | Rejection, None, bytes]:
        """Yield the records of a stretch, and of those that follow until one ends with a record.

        Returns:
            What is left of the stretch, where that is the whole table behind its header.
        """
        self._suspect = False
        self._open(data)
        yield from packed(self._records(), self._wanted)
        return self._lines.read().encode("utf-8", "surrogateescape")

    def _records(self) -> Iterator[Row | Rejection]:
        while True:
            before = self.number
            try:
                for cells in csv.reader(self._handed_out(), delimiter=self._delimiter, strict=True):
                    self._taken.clear()
                    record = self._record(cells)
                    if record is not None:
                        yield record
                    if self._is_over(before):
                        return
            except csv.Error:
                self.number += 1
                self._again.extend(reversed(self._taken[1:]))
                self._taken.clear()
                yield set_aside(self._source, "bad-csv-record", self.number)
                if self._is_over(before):
                    return
            else:
                return

    def _record(self, cells: list[str]) -> Row | Rejection | None:
        if not cells or cells == [""] or (self.number < _HEADER and cells[0][:4].lower() == "sep="):
            return None
        self.number += 1
        if self.number == _HEADER:
            return None
        reason = _reason(cells, self._width) if self._suspect or len(cells) != self._width else None
        return set_aside(self._source, reason, self.number) if reason else (self.number, cells[: self._width])

    def _is_over(self, before: int) -> bool:
        if self._again:
            return False
        return before < _HEADER <= self.number or self._lines.tell() == self._length

    def _handed_out(self) -> Iterator[str]:
        while True:
            while self._again:
                self._taken.append(self._again.pop())
                yield self._taken[-1]
            for line in self._lines:
                self._taken.append(line)
                yield line
            piece = self._pieces.next()
            if not piece:
                return
            self._open(piece)

    def _open(self, piece: bytes) -> None:
        """Take the lines of a stretch; a line beyond the limit is one mark in their place."""
        too_long = False
        while self._pieces.is_too_long(piece):
            too_long = True
            piece = self._pieces.next()
        text, dirty = decoded(piece)
        if too_long:
            text = f"{_TOO_LONG}\n{text.partition(chr(_NEWLINE))[2]}"
        self._suspect = self._suspect or dirty or too_long or "\x00" in text
        self._lines, self._length = StringIO(text, newline="\n"), len(text)


def _reason(cells: list[str], width: int) -> str | None:
    text = "".join(cells)
    if len(cells) != width:
        if text == _TOO_LONG:
            return "record-too-long"
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            return "wrong-number-of-columns"
    if not text.isascii() and not is_clean(text):
        return "bad-encoding"
    return "null-byte" if "\x00" in text else None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
