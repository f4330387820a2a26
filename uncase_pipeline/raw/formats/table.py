"""CSV and TSV: delimiter, quoting and header are found by looking. Knows records of text, not conversations."""

import ast
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import StringIO
from itertools import chain
from typing import Any

import orjson

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats import rows
from uncase_pipeline.raw.formats.base import ODD, Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.columns import Columns, understand
from uncase_pipeline.raw.formats.dialogue import DIALOGUE
from uncase_pipeline.raw.formats.openai_messages import OPENAI
from uncase_pipeline.raw.formats.sharegpt import SHAREGPT
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.stretches import stretches
from uncase_pipeline.raw.turns import BadRecordError
from uncase_pipeline.records.conversation import Message
from uncase_pipeline.records.rejection import Rejection

_DELIMITERS = ",;\t|"
_SAMPLE_RECORDS = 200
_DECLARED = re.compile(r'"?sep=([^"\r\n])"?[\r\n]+', re.IGNORECASE)
_TOO_LONG = "\udcff"
_FIELD_LIMIT = 4 * 1024 * 1024
_PRINTED_LIMIT = 1024 * 1024
csv.field_size_limit(_FIELD_LIMIT)


def delimiter_of(head: str) -> str | None:
    """Return the delimiter under which the sample has the most columns that hold in every record."""
    best: tuple[float, int, str] | None = None
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for row in _sample(head, delimiter) if row)
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        score = (count / widths.total(), width, delimiter)
        if width > 1 and (best is None or score[:2] > best[:2]):
            best = score
    return best[2] if best else None


def _sample(head: str, delimiter: str) -> list[list[str]]:
    lines = head.splitlines(keepends=True)
    try:
        return list(csv.reader(lines[:_SAMPLE_RECORDS], delimiter=delimiter))[:-1] or list(
            csv.reader(lines[:1], delimiter=delimiter)
        )
    except csv.Error:
        return []


def _header(source: Source) -> tuple[str, list[str]] | None:
    head = source.head().lstrip("\n")
    declared = None
    if match := _DECLARED.match(head):
        declared, head = match[1], head[match.end() :]
    delimiter = declared or delimiter_of(head)
    if delimiter is None:
        return None
    try:
        header = next(csv.reader(head.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error:
        return None
    return delimiter, header


class _Lines:
    """Lines for the parser; those of the record at hand can be handed out again.

    A quote that is never closed swallows what follows it. Then only the first line is bad.
    """

    def __init__(self, source: Source, limit: int) -> None:
        self._limit = limit
        self._stretches = stretches(source, limit)
        self._lines: Iterator[str] = iter(())
        self._again: list[str] = []
        self.taken: list[str] = []
        self.suspect = False
        """Whether the stretch at hand holds a null or bytes that can't be decoded."""

    def __iter__(self) -> Iterator[str]:
        taken = self.taken
        while self._again:
            taken.append(self._again.pop())
            yield taken[-1]
        while True:
            for line in self._lines:
                taken.append(line)
                yield line
            text = self._next_stretch()
            if text is None:
                return
            self._lines = StringIO(text, newline="\n")

    def _next_stretch(self) -> str | None:
        """Return the next lines; a line beyond the limit is one mark in their place."""
        text, dirty = next(self._stretches, (None, False))
        if text is None:
            return None
        too_long = False
        while text is not None and len(text) > self._limit and "\n" not in text:
            too_long = True
            text, dirty = next(self._stretches, (None, False))
        self.suspect = dirty or too_long or "\x00" in (text or "")
        if too_long:
            return f"{_TOO_LONG}\n{(text or '').partition(chr(10))[2]}"
        return text

    def give_back(self) -> None:
        """Hand out again what the record at hand swallowed after its first line."""
        self._again.extend(reversed(self.taken[1:]))
        self.taken.clear()


def records(
    source: Source, delimiter: str, width: int, options: ReadOptions
) -> Iterator[tuple[int, list[str]] | Rejection]:
    """Yield the records of the table after its header, and what can't be read, each with its number."""
    lines = _Lines(source, options.max_record_bytes)
    taken = lines.taken
    number = -2
    while True:
        try:
            for row in csv.reader(lines, delimiter=delimiter, strict=True):
                taken.clear()
                if number >= -1 and len(row) == width and not lines.suspect:
                    number += 1
                    yield number, row
                    continue
                if not row or row == [""] or (number < -1 and row[0][:4].lower() == "sep="):
                    continue
                number += 1
                if number >= 0:
                    reason = _reason(row, width)
                    yield set_aside(source, reason, number) if reason else (number, row)
        except csv.Error:
            number += 1
            lines.give_back()
            yield set_aside(source, "bad-csv-record", number)
        else:
            return


def _ids(source: Source, delimiter: str, key: int, options: ReadOptions) -> Iterator[str]:
    """Yield the cells of one column, unchecked; ``csv.Error`` where a record is bad."""
    text = (text for text, _ in stretches(source, options.max_record_bytes))
    lines = chain.from_iterable(StringIO(part, newline="\n") for part in text)
    for row in csv.reader(lines, delimiter=delimiter, strict=True):
        if len(row) > key:
            yield row[key]


def _reason(row: list[str], width: int) -> str | None:
    text = "".join(row)
    if len(row) != width:
        if text == _TOO_LONG:
            return "record-too-long"
        if len(row) < width or any(cell.strip() for cell in row[width:]):
            return "wrong-number-of-columns"
    if not text.isascii() and _has_surrogate(text):
        return "bad-encoding"
    return "null-byte" if "\x00" in text else None


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _claim(probe: Probe) -> Claim | None:
    found = _header(probe.source) if probe.framing == "none" else None
    if found is None:
        return None
    delimiter, header = found
    kind = understand(header).kind
    named = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[delimiter]
    if kind is None:
        looks = probe.source.name.lower().endswith((".csv", ".tsv"))
        return (
            Claim(0.3, f"{len(header)} columns between {named}, none of them a dialogue") if looks else None
        )
    return Claim(0.85, f"{len(header)} columns between {named}, whose header names {kind}")


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    found = _header(source)
    if found is None:
        yield set_aside(source, "not-a-table")
        return
    delimiter, header = found
    columns = understand(header)

    def again() -> Iterator[tuple[int, list[str]] | Rejection]:
        return records(source, delimiter, len(header), options)

    key = columns.get("conversation") or 0
    yield from read_rows(again, columns, source, options, ids=lambda: _ids(source, delimiter, key, options))


def read_rows(
    again: rows.Rows,
    columns: Columns,
    source: Source,
    options: ReadOptions,
    *,
    ids: Callable[[], Iterable[str]] | None = None,
) -> Iterator[Draft | Rejection]:
    """Read a table, whatever file it lies in, by what its columns mean.

    Args:
        again: Opens the table from its first record.
        columns: What the columns mean.
        source: The file, for what is set aside.
        options: How to read.
        ids: A faster way to the conversation ids alone.
    """
    kind = columns.kind
    if kind is None:
        yield set_aside(source, "not-a-dialogue")
    elif kind == "turns":
        yield from rows.conversations(again, columns, source, options, ids=ids)
    else:
        for row in again():
            yield from (row,) if isinstance(row, Rejection) else _whole(row, kind, columns, source, options)


def _whole(
    row: tuple[int, list[str]], kind: str, columns: Columns, source: Source, options: ReadOptions
) -> Iterator[Draft | Rejection]:
    number, cells = row
    try:
        drafts = list(_WHOLE[kind](cells, columns, options))
    except BadRecordError as error:
        yield set_aside(source, error.reason, number)
        return
    key = columns.get("conversation")
    for draft in drafts:
        draft.position = number
        draft.key = cells[key] if key is not None else draft.key
        yield draft


def _pair(cells: list[str], columns: Columns, _options: ReadOptions) -> Iterator[Draft]:
    question, answer = (cells[columns.index[name]] for name in ("question", "answer"))
    if not question.strip() or not answer.strip():
        raise BadRecordError("no-turns")
    yield Draft([Message("user", question), Message("assistant", answer)], 0, roles_rule="columns")


def _transcript(cells: list[str], columns: Columns, options: ReadOptions) -> Iterator[Draft]:
    from uncase_pipeline.raw.formats.transcript import turns_of_text

    cell = cells[columns.index["transcript"]]
    if cell.lstrip()[:1] in {"[", "{"} and cell.rstrip()[-1:] in {"]", "}"}:
        with suppress(BadRecordError):
            yield from _in_cell(cell, options)
            return
    messages = turns_of_text(cell)
    if messages is None:
        raise BadRecordError("not-a-transcript")
    yield Draft(messages, 0)


def _embedded(cells: list[str], columns: Columns, options: ReadOptions) -> Iterator[Draft]:
    yield from _in_cell(cells[columns.index["messages"]], options)


def _in_cell(cell: str, options: ReadOptions) -> list[Draft]:
    """Return the conversation in a cell: JSON, or lists as Python prints them."""
    try:
        found: Any = orjson.loads(cell)
    except orjson.JSONDecodeError:
        found = _printed(cell)
    value = {"messages": found} if isinstance(found, list) else found
    for shape in (OPENAI, SHAREGPT, DIALOGUE):
        if shape.knows(value):
            try:
                return list(shape.drafts(value, options))
            except BadRecordError:
                raise
            except ODD:
                raise BadRecordError("bad-shape") from None
    raise BadRecordError("not-a-conversation")


def _printed(cell: str) -> Any:
    """Return what pandas wrote of a list: literals only, nothing is run."""
    if len(cell) > _PRINTED_LIMIT:
        raise BadRecordError("bad-json")
    try:
        return ast.literal_eval(re.sub(r"\}\s+\{", "}, {", cell))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        raise BadRecordError("bad-json") from None


_WHOLE = {"pairs": _pair, "transcripts": _transcript, "messages": _embedded}

TABLE = Format("csv", _claim, _read)
