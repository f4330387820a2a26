"""Turns that lie flat in JSON, one object a turn, as message tables are dumped. Grouped as rows of a table are."""

from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Framing, Probe, framed, set_aside
from uncase_pipeline.raw.formats.columns import understand
from uncase_pipeline.raw.formats.table import read_rows
from uncase_pipeline.raw.json_values import Broken
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import text_of
from uncase_pipeline.records.rejection import Rejection


def _header(probe: Probe) -> list[str]:
    keys: dict[str, None] = {}
    for record in probe.records:
        if isinstance(record, dict):
            keys.update(dict.fromkeys(record))
    return list(keys)


def _claim(probe: Probe) -> Claim | None:
    if probe.framing not in {"lines", "array"} or not all(
        isinstance(record, dict) for record in probe.records
    ):
        return None
    header = _header(probe)
    columns = understand(header)
    return Claim(0.45, "flat JSON objects, one turn each") if columns.kind == "turns" else None


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    probe = Probe(source)
    header, framing = _header(probe), probe.framing
    columns = understand(header)

    def again() -> Iterator[tuple[int, list[str]] | Rejection]:
        return _rows(source, header, framing, options)

    yield from read_rows(again, columns, source, options)


def _rows(
    source: Source, header: list[str], framing: Framing, options: ReadOptions
) -> Iterator[tuple[int, list[str]] | Rejection]:
    for number, record in framed(source, framing, options.max_record_bytes):
        if isinstance(record, Broken):
            yield set_aside(source, record.reason, number)
        elif not isinstance(record, dict):
            yield set_aside(source, "not-an-object", number)
        else:
            yield number, [cell(record.get(name)) for name in header]


def cell(value: Any) -> str:
    """Return a JSON value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_of(value) or ""


JSON_ROWS = Format("json-rows", _claim, _read)
