"""Excel workbooks (``.xlsx``): the sheets that hold a dialogue, each read as a table. Knows cells, no columns.

A formula is what it last came to, a date is a date whatever its cell shows, and of merged cells the first has the
value. Sheets that hold something else are set aside one by one. The texts of a workbook are held while it is read.
"""

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.blocks import Row
from uncase_pipeline.raw.formats.columns import Columns, understand
from uncase_pipeline.raw.formats.gathered import HELD_LIMIT
from uncase_pipeline.raw.formats.table import TITLES, read_rows
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import (
    WORKBOOK_PART,
    ZIP_START,
    CannotReadError,
    Source,
    is_office,
    unpacks_to_more_than_allowed,
)
from uncase_pipeline.records.rejection import Rejection

_HELD_WHOLE = frozenset({"xl/styles.xml", WORKBOOK_PART, "[Content_Types].xml"})
_TREES_LIMIT = 32 * 1024 * 1024
"""Parts that the library holds as trees, ten times as large as they are."""
_ROWS, _COLUMNS = 1_048_576, 256
"""As many rows as Excel has: a row may claim any number, and those before it are made up. Columns that we look at."""
_AT_ONCE = 1_000
_ESCAPED = re.compile(r"_x(00(?:0[1-9A-F]|1[0-9A-F]))_")
"""How Excel writes what XML can't hold, such as the return of Windows."""
_EXCEL_BEGINS = datetime(1899, 12, 30)
_SERIAL = range(20_000, 80_000)
"""Days since 1900 that are dates from 1954 to 2119, in a column of times whose cells aren't marked as dates."""


def _claim(probe: Probe) -> Claim | None:
    source = probe.source
    ours = source.sample.startswith(ZIP_START) and is_office(source.stream, WORKBOOK_PART)
    return Claim(0.99, "an Excel workbook") if ours else None


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    before = 0
    for sheet in _sheets(source):
        try:
            top = _first_rows(sheet)
        except CannotReadError as error:
            yield set_aside(source, error.reason, before)
            continue
        found = _header(top)
        if found is not None:
            rows = _Rows(sheet, *found, before, source)
            yield from read_rows(rows.again, found[1], source, options)
            before = rows.end
        elif top:
            yield set_aside(source, "sheet-without-dialogue", before)
            before += len(top)


def _sheets(source: Source) -> list[Any]:
    """Open the workbook.

    Raises:
        CannotReadError: ``zip-bomb``, ``too-much-to-hold``, ``bad-workbook``.
    """
    try:
        with zipfile.ZipFile(source.stream) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise CannotReadError("bad-workbook") from None
    if any(map(unpacks_to_more_than_allowed, members)):
        raise CannotReadError("zip-bomb")
    held = sum(member.file_size for member in members if member.filename in _HELD_WHOLE)
    if held > _TREES_LIMIT or any(member.file_size > HELD_LIMIT for member in members):
        raise CannotReadError("too-much-to-hold")
    from openpyxl import load_workbook  # a tenth of a second and 10 MB that most inboxes never need

    book = _carefully(lambda: load_workbook(source.stream, read_only=True, data_only=True, keep_links=False))
    return list(book.worksheets)


def _carefully(work: Callable[[], Any]) -> Any:
    """Return what the library makes of a workbook: it warns with what is in cells, and fails in any way.

    Raises:
        CannotReadError: ``bad-workbook``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return work()
    except Exception:
        raise CannotReadError("bad-workbook") from None


def _first_rows(sheet: Any) -> list[list[str]]:
    """Return the first rows as text, none where the sheet is empty there."""
    rows = _carefully(lambda: list(sheet.iter_rows(max_row=TITLES, max_col=_COLUMNS, values_only=True)))
    found = [[_text(value) for value in row] for row in rows]
    return found if any(map(any, found)) else []


def _header(top: list[list[str]]) -> tuple[int, Columns] | None:
    """Return the number of the row that names the columns of a dialogue, and what they mean."""
    for number, row in enumerate(top, start=1):
        width = max((at for at, name in enumerate(row, start=1) if name), default=0)
        columns = understand(row[:width])
        if columns.kind is not None:
            return number, columns
    return None


class _Rows:
    """The rows of a sheet below its header, as often as they are asked for."""

    def __init__(self, sheet: Any, header: int, columns: Columns, before: int, source: Source) -> None:
        self.end = before
        """Behind the rows seen yet, counted through the workbook."""
        self._sheet = sheet
        self._header = header
        self._before = before
        self._width = len(columns.names)
        self._times = [at for name in ("time", "clock") if (at := columns.get(name)) is not None]
        self._source = source

    def again(self) -> Iterator[Row | Rejection]:
        """Yield the rows that say something; where the sheet breaks off, that is set aside."""
        rows = self._sheet.iter_rows(
            min_row=self._header + 1, max_row=_ROWS, max_col=self._width, values_only=True
        )
        number = self._before
        try:
            while some := _carefully(lambda: list(islice(rows, _AT_ONCE))):
                for row in some:
                    if any(value is not None for value in row):
                        yield number, self._cells(row)
                    number += 1
                self.end = max(self.end, number)
        except CannotReadError as error:
            yield set_aside(self._source, error.reason, number)
            self.end = max(self.end, number + 1)

    def _cells(self, row: Sequence[Any]) -> list[str]:
        cells = [_text(value) for value in row]
        cells += [""] * (self._width - len(cells))
        for at in self._times:
            if at < len(row) and isinstance(row[at], int | float) and int(row[at]) in _SERIAL:
                cells[at] = _text(_EXCEL_BEGINS + timedelta(seconds=round(row[at] * 86_400)))
        return cells


def _text(value: Any) -> str:
    """Return the value of a cell as it would stand in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _ESCAPED.sub(_unescaped, value).replace("\r\n", "\n").strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time.min:
        value = value.date()
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


def _unescaped(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 16))


WORKBOOK = Format("xlsx", _claim, _read)
