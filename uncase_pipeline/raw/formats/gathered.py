"""Holds what belongs together until a file ends, where any record may go on with a conversation. Knows no format.

What is held has a bound: a file that asks for more is refused as one, and can be cut in parts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from uncase_pipeline.raw.formats.base import ODD, Probe, framed, set_aside
from uncase_pipeline.raw.json_values import Broken
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import CannotReadError, Source
from uncase_pipeline.records.rejection import Rejection

HELD_LIMIT = 512 * 1024 * 1024
_TURN = 512
"""What a turn takes beside its texts."""
K = TypeVar("K")
T = TypeVar("T")


class Held:
    """Counts what is held of one file."""

    def __init__(self) -> None:
        self._size = 0

    def add(self, *texts: str) -> None:
        """Count one more turn with its texts.

        Raises:
            CannotReadError: ``too-much-to-hold``.
        """
        self._size += _TURN + sum(map(len, texts))
        if self._size > HELD_LIMIT:
            raise CannotReadError("too-much-to-hold")


@dataclass(slots=True)
class Pile(Generic[T]):
    """What belongs together, and the record that it began in."""

    position: int
    items: list[T] = field(default_factory=list)


class Piles(dict[K, Pile[T]]):
    """The piles of one file by what names them: a chat, a session, a thread. None is empty."""

    def __init__(self) -> None:
        super().__init__()
        self._held = Held()

    def put(self, name: K, item: T, position: int, *texts: str) -> None:
        """Put an item on its pile, and count the texts that it holds.

        Raises:
            CannotReadError: ``too-much-to-hold``.
        """
        self._held.add(*texts)
        if name not in self:
            self[name] = Pile(position)
        self[name].items.append(item)


def gather(
    source: Source, options: ReadOptions, take: Callable[[int, Any], Iterable[str]]
) -> Iterator[Rejection]:
    """Hand over each record of a file, and yield what is set aside.

    Args:
        source: The file.
        options: How to read.
        take: Takes a position and a record, and returns the reasons for what it does not take.
    """
    for position, record in framed(source, Probe(source).framing, options.max_record_bytes):
        if isinstance(record, Broken):
            yield set_aside(source, record.reason, position)
            continue
        try:
            for reason in take(position, record):
                yield set_aside(source, reason, position)
        except ODD:
            yield set_aside(source, "bad-shape", position)
