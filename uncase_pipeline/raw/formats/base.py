"""What a format is: a claim on a file, and a reader of drafts. Knows framing of JSON, but no single format."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from pyarrow import RecordBatch

from uncase_pipeline.raw import json_values
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.plain_records import Plainly
from uncase_pipeline.raw.json_values import Broken
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import BadRecordError
from uncase_pipeline.records.rejection import Rejection

Framing = Literal["lines", "array", "sequence", "document", "none"]
DOCUMENT_LIMIT = 256 * 1024 * 1024
_PROBED = 8
_PACKED_TURNS = 2_000
"""More at once is no faster."""
ODD = (
    TypeError,
    ValueError,
    KeyError,
    AttributeError,
    IndexError,
    RecursionError,
    OverflowError,
    BadRecordError,
)
"""What a record can raise that has the fields of a shape and other values in them."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That a file is of a format: how sure, and why. ``why`` never quotes the file."""

    confidence: float
    why: str


class Probe:
    """What detection looks at, read once and shared by all formats."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @cached_property
    def head(self) -> str:
        """The decoded start of the file."""
        return self.source.head()

    @cached_property
    def framing(self) -> Framing:
        """How JSON values lie in the file."""
        start = self.head.lstrip(" \t\r\n")
        if start.startswith("[") and not self._lists_in_lines(start):
            good = [value for _, value in islice(json_values.elements(self.source, 1 << 22), 2)]
            return "array" if good and not all(isinstance(value, Broken) for value in good) else "none"
        if not start.startswith(("{", "[")):
            return "none"
        if json_values.is_sequence(start):
            return "sequence"
        sample = self.source.sample.strip()
        parsed = [value for _, value in islice(json_values.lines(self.source, 1 << 24), 20)]
        good_lines = sum(isinstance(value, dict | list) for value in parsed)
        return "lines" if good_lines > 1 or (good_lines and b"\n" in sample) else "document"

    @staticmethod
    def _lists_in_lines(start: str) -> bool:
        """Whether each line is an array of its own."""
        first, _, rest = start.partition("\n")
        return (
            first.rstrip().endswith("]")
            and rest.lstrip().startswith("[")
            and first.count("[") == first.count("]")
        )

    @cached_property
    def records(self) -> list[Any]:
        """The first records, whatever wraps them."""
        values = (value for _, value in framed(self.source, self.framing) if not isinstance(value, Broken))
        return list(islice(values, _PROBED))

    def are_mostly(self, ours: Callable[[Any], bool]) -> bool:
        """Whether half of the first records or more are of one sort."""
        count = sum(map(ours, self.records))
        return count > 0 and len(self.records) <= 2 * count


def framed(source: Source, framing: Framing, limit: int = 1 << 25) -> Iterator[tuple[int, Any]]:
    """Yield the JSON values of a file."""
    if framing == "lines":
        yield from json_values.lines(source, limit)
    elif framing == "array":
        yield from json_values.elements(source, limit)
    elif framing == "sequence":
        yield from json_values.sequence(source, limit)
    elif framing == "document":
        yield 0, json_values.document(source, DOCUMENT_LIMIT)


Read = Callable[[Source, ReadOptions], Iterator[Draft | Rejection]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        name: What ``--format`` takes.
        claim: Looks at a file and says whether it is one, None where it is not.
        read: Streams the conversations, and what had to be set aside.
        pack: The same faster, where a format can fill record batches; what is yielded as a draft is finished.
        labels: Words for people who search the documentation.
    """

    name: str
    claim: Callable[[Probe], Claim | None]
    read: Read
    pack: Callable[[Source, ReadOptions], Iterator[RecordBatch | Draft | Rejection]] | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A format whose records are JSON objects, in whatever file they lie.

    Attributes:
        name: What ``--format`` takes.
        matches: Why an object is one, None where it is not.
        drafts: Turns an object into drafts; raises ``BadRecordError`` where it can't.
        confidence: Of a match, against other shapes.
        plainly: How the plain ones among the records are written, where many are.
    """

    name: str
    matches: Callable[[Any], str | None]
    drafts: Callable[[Any, ReadOptions], Iterable[Draft]]
    confidence: float = 0.9
    inside: tuple[str, ...] = field(default=())
    plainly: Plainly | None = None

    def knows(self, record: Any) -> str | None:
        """Return why an object is of this shape. One that is oddly made is not; it must not stop the file."""
        try:
            return self.matches(record)
        except ODD:
            return None


def set_aside(source: Source, reason: str, position: int | None = None, *, rows: int = 1) -> Rejection:
    """Book a record, or the whole file, that a person should look at."""
    where = source.sha256[:16] if position is None else f"{source.sha256[:16]} record {position}"
    return Rejection(reason, where, "quarantined", rows)


def of_shape(shape: Shape, others: Callable[[], Iterable[Shape]]) -> Format:
    """Make a format of a shape: it reads lines, arrays, documents and documents that wrap records."""

    def claim(probe: Probe) -> Claim | None:
        return _claim(shape, probe)

    def read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
        ordered = _ordered(shape, others)
        for position, value in framed(source, Probe(source).framing, options.max_record_bytes):
            if isinstance(value, Broken):
                yield set_aside(source, value.reason, position)
            else:
                yield from read_record(source, value, position, ordered, options)

    def pack(source: Source, options: ReadOptions) -> Iterator[RecordBatch | Draft | Rejection]:
        held: list[tuple[int, Any]] = []
        size = 0
        for position, value in framed(source, Probe(source).framing, options.max_record_bytes):
            if isinstance(value, Broken):
                yield set_aside(source, value.reason, position)
            elif shape.plainly and (turns := shape.plainly.turns_of(value)):
                held.append((position, value))
                size += len(turns)
                if size >= _PACKED_TURNS:
                    yield from _batch(source, shape, held, others, options)
                    held, size = [], 0
            else:
                yield from read_record(source, value, position, _ordered(shape, others), options)
        if held:
            yield from _batch(source, shape, held, others, options)

    return Format(shape.name, claim, read, pack if shape.plainly else None)


def _ordered(shape: Shape, others: Callable[[], Iterable[Shape]]) -> list[Shape]:
    return [shape, *(other for other in others() if other.name != shape.name)]


def _batch(
    source: Source,
    shape: Shape,
    held: list[tuple[int, Any]],
    others: Callable[[], Iterable[Shape]],
    options: ReadOptions,
) -> Iterator[RecordBatch | Draft | Rejection]:
    """Yield one batch of records that are all plain, else record by record."""
    assert shape.plainly is not None
    positions, records = map(list, zip(*held, strict=True))
    lists = [record[shape.plainly.turns] for record in records]
    batch = shape.plainly.batch(lists, positions, shape.name, source, options)
    if batch is not None:
        yield batch
        return
    for position, record in held:
        yield from read_record(source, record, position, _ordered(shape, others), options)


def _claim(shape: Shape, probe: Probe) -> Claim | None:
    found = [
        why for record in probe.records for part in unwrapped(record, [shape]) if (why := shape.knows(part))
    ]
    if not found:
        return None
    share = min(1.0, len(found) / max(1, len(probe.records)))
    return Claim(shape.confidence * (0.5 + 0.5 * share), f"{_FRAMED[probe.framing]} {found[0]}")


_FRAMED = {
    "lines": "JSON lines",
    "sequence": "JSON values in a row",
    "array": "a JSON array",
    "document": "a JSON document",
    "none": "",
}


def unwrapped(value: Any, shapes: list[Shape], depth: int = 5) -> Iterator[Any]:
    """Yield the records in a value: itself, or those in the lists and objects that wrap them."""
    if any(shape.knows(value) for shape in shapes):
        yield value
        return
    if depth == 0 or not isinstance(value, dict | list):
        return
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            yield from unwrapped(item, shapes, depth - 1)


def read_record(
    source: Source, value: Any, position: int, shapes: list[Shape], options: ReadOptions
) -> Iterator[Draft | Rejection]:
    """Yield the drafts of one value by the first shape that knows it, or why it is set aside."""
    if shapes[0].knows(value):
        yield from _drafts(source, value, position, shapes[0], options)
        return
    ours = list(unwrapped(value, shapes[:1])) or unwrapped(value, shapes)
    found = False
    for record in ours:
        found = True
        shape = next(shape for shape in shapes if shape.knows(record))
        yield from _drafts(source, record, position, shape, options)
    if not found:
        yield set_aside(source, "not-a-conversation", position)


def _drafts(
    source: Source, record: Any, position: int, shape: Shape, options: ReadOptions
) -> Iterator[Draft | Rejection]:
    try:
        drafts = list(shape.drafts(record, options))
    except BadRecordError as error:
        yield set_aside(source, error.reason, position)
        return
    except ODD:
        yield set_aside(source, "bad-shape", position)
        return
    if not drafts:
        yield set_aside(source, "no-turns", position)
    for draft in drafts:
        draft.position = position
        yield draft
