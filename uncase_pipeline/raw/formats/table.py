"""CSV and TSV: delimiter, quoting and header are found by looking. Knows records of text, not conversations."""

import ast
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import orjson
from pyarrow import RecordBatch

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats import rows
from uncase_pipeline.raw.formats.base import ODD, Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.blocks import Block, Blocks, Row, packed
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.columns import Columns, folded, understand
from uncase_pipeline.raw.formats.csv_blocks import csv_blocks
from uncase_pipeline.raw.formats.dialogue import DIALOGUE
from uncase_pipeline.raw.formats.openai_messages import OPENAI
from uncase_pipeline.raw.formats.row_batches import batches
from uncase_pipeline.raw.formats.sharegpt import SHAREGPT
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import BadRecordError, is_markup, plain
from uncase_pipeline.records.conversation import Message
from uncase_pipeline.records.rejection import Rejection

TITLES = 10
"""Lines above its header that a report may have."""
_DELIMITERS = ",;\t|"
_SAMPLE_RECORDS = 200
_DECLARED = re.compile(r'"?sep=([^"\r\n])"?[\r\n]+', re.IGNORECASE)
_PRINTED_LIMIT = 1024 * 1024


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


def _below_titles(source: Source) -> Source:
    """Return a table from its header on, where the report that it was saved from has titles above it."""
    found = _header(source)
    if found is not None and understand(found[1]).kind is not None:
        return source
    raw = source.sample[source.bom :]
    lines = raw.decode(source.encoding, "replace").split("\n")
    for number in range(1, min(TITLES, len(lines) - 1)):
        if any(_begins_table(lines[number : number + 2], delimiter) for delimiter in _DELIMITERS):
            titles = "\n".join(lines[:number]).encode(source.encoding, "replace") + "\n".encode(
                source.encoding
            )
            return replace(source, bom=source.bom + len(titles)) if raw.startswith(titles) else source
    return source


def _begins_table(lines: list[str], delimiter: str) -> bool:
    """Whether a line names columns of a dialogue, and the one below it has as many."""
    header, first = (line.strip("\r").split(delimiter) for line in lines)
    return (
        len(header) == len(first) > 1 and understand([name.strip(' "') for name in header]).kind is not None
    )


def _claim(probe: Probe) -> Claim | None:
    found = _header(_below_titles(probe.source)) if probe.framing == "none" else None
    if found is None:
        return None
    delimiter, header = found
    kind = understand(header).kind
    named = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}.get(delimiter, "marks")
    if kind is None:
        looks = probe.source.name.lower().endswith((".csv", ".tsv"))
        return (
            Claim(0.3, f"{len(header)} columns between {named}, none of them a dialogue") if looks else None
        )
    return Claim(0.85, f"{len(header)} columns between {named}, whose header names {kind}")


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    found = _open(source, options)
    if found is None:
        yield set_aside(source, "not-a-table")
    else:
        yield from read_blocks(*found, source, options)


def _pack(source: Source, options: ReadOptions) -> Iterator[RecordBatch | Draft | Rejection]:
    found = _open(source, options)
    if found is None or found[1].kind != "turns":
        yield from _read(source, options)
    else:
        yield from batches(*found, source, options, TABLE.name)


def _open(source: Source, options: ReadOptions) -> tuple[Blocks, Columns] | None:
    source = _below_titles(source)
    found = _header(source)
    if found is None:
        return None
    delimiter, header = found

    def blocks(wanted: Sequence[int] | None) -> Iterator[Block | Rejection]:
        return csv_blocks(source, delimiter, len(header), options, wanted)

    return blocks, understand(header)


def read_rows(
    again: Callable[[], Iterator[Row | Rejection]], columns: Columns, source: Source, options: ReadOptions
) -> Iterator[Draft | Rejection]:
    """Read a table, whatever file it lies in, from rows of text; else as ``read_blocks``."""
    return read_blocks(lambda _: packed(again()), columns, source, options)


def read_blocks(
    blocks: Blocks, columns: Columns, source: Source, options: ReadOptions
) -> Iterator[Draft | Rejection]:
    """Read a table by what its columns mean.

    Args:
        blocks: Opens the table from its first record.
        columns: What the columns mean.
        source: The file, for what is set aside.
        options: How to read.
    """
    kind = columns.kind
    if kind is None:
        yield set_aside(source, "not-a-dialogue")
    elif kind == "turns":
        yield from rows.conversations(blocks, columns, source, options)
    else:
        for block in blocks(None):
            if isinstance(block, Rejection):
                yield block
                continue
            for row in block.rows():
                yield from _whole(row, kind, columns, source, options)


def _whole(
    row: tuple[int, Sequence[str]], kind: str, columns: Columns, source: Source, options: ReadOptions
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
        draft.key = draft.key or (cells[key] if key is not None else None)
        yield draft


def _pair(cells: Sequence[str], columns: Columns, _options: ReadOptions) -> Iterator[Draft]:
    question, answer = (cells[columns.index[name]] for name in ("question", "answer"))
    if not question.strip() or not answer.strip():
        raise BadRecordError("no-turns")
    yield Draft([Message("user", question), Message("assistant", answer)], 0, roles_rule="columns")


def _transcript(cells: Sequence[str], columns: Columns, options: ReadOptions) -> Iterator[Draft]:
    from uncase_pipeline.raw.formats.transcript import turns_of_text

    cell = cells[columns.index["transcript"]]
    if cell.lstrip()[:1] in {"[", "{"} and cell.rstrip()[-1:] in {"]", "}"}:
        with suppress(BadRecordError):
            yield from _in_cell(cell, options)
            return
    messages = turns_of_text(plain(cell) if is_markup(cell) else cell)
    if messages is None:
        raise BadRecordError("not-a-transcript")
    yield Draft(messages, 0)


def _embedded(cells: Sequence[str], columns: Columns, options: ReadOptions) -> Iterator[Draft]:
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
        printed = ast.literal_eval(re.sub(r"\}\s+\{", "}, {", cell))
        return orjson.loads(orjson.dumps(printed))  # what JSON can't hold, no conversation holds either
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        raise BadRecordError("bad-json") from None


def _comments(cells: Sequence[str], columns: Columns, options: ReadOptions) -> Iterator[Draft]:
    """Read an issue of Jira: what was reported, and a comment in each of its columns."""
    named = {folded(name): at for at, name in reversed(list(enumerate(columns.names)))}
    key, reporter, described, created = (_cell(cells, named, names) for names in _ISSUE)
    told = [(created, reporter, described), *(_comment(cells[at]) for at in columns.comments)]
    said = [
        Said(author or None, text.strip(), clock.iso(time, day_first=options.day_first))
        for time, author, text in told
        if text.strip()
    ]
    if not said:
        raise BadRecordError("no-turns")
    for draft in chat(said, replace(options, gap_seconds=_NEVER), thread=("jira", key)):
        yield replace(draft, key=key or None)


def _comment(cell: str) -> tuple[str, str, str]:
    """Return time, author and text of a comment."""
    match = _COMMENT.match(cell)
    return (match["time"], match["author"], match["text"]) if match else ("", "", cell)


def _cell(cells: Sequence[str], named: dict[str, int], names: Sequence[str]) -> str:
    return next((cells[named[name]] for name in names if name in named), "")


_COMMENT = re.compile(r"(?P<time>[^;\n]{6,40});(?P<author>[^;\n]{1,80});(?P<text>.*)", re.DOTALL)
_ISSUE = (
    ("issue_key", "clave_de_incidencia", "vorgangsschlussel", "cle_de_ticket", "issue_id"),
    ("reporter_id", "reporter", "informador", "autor", "rapporteur"),
    ("description", "descripcion", "beschreibung"),
    ("created", "creada", "erstellt", "creation"),
)
_NEVER = 1 << 40
"""A ticket is one conversation, however long nobody writes."""
_WHOLE = {"comments": _comments, "pairs": _pair, "transcripts": _transcript, "messages": _embedded}

TABLE = Format("csv", _claim, _read, _pack)
