"""Chats in lines: one begins a message, those below go on with it. Knows lines, no product."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from uncase_pipeline.raw.formats.base import set_aside
from uncase_pipeline.raw.formats.gathered import Held
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.rejection import Rejection


@dataclass(slots=True)
class Turn:
    """A message while its lines are gathered.

    Attributes:
        author: As it stands; None for notices.
        time: ISO 8601.
        lines: What was said.
    """

    author: str | None
    time: str | None
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What was said, without the blank lines around it."""
        return "\n".join(self.lines).strip("\n")


BESIDE: Final = "beside"
"""Of a line that is no part of a message: a day, a title."""


def turns(
    source: Source, options: ReadOptions, begin: Callable[[str], Turn | str | None]
) -> Iterator[Turn | Rejection]:
    """Yield the messages of a file, and what had to be set aside.

    Args:
        source: The file.
        options: How to read.
        begin: Returns the message that a line begins, ``BESIDE``, or None where it goes on with one.

    Raises:
        CannotReadError: ``too-much-to-hold``.
    """
    turn: Turn | None = None
    held = Held()
    stray = False
    for number, raw in enumerate(source.lines(options.max_record_bytes)):
        if raw is None:
            yield set_aside(source, "record-too-long", number)
            continue
        line = raw.decode("utf-8", "replace").rstrip("\r").replace("\x00", "")
        held.add(line)
        begun = begin(line)
        if isinstance(begun, Turn):
            if turn is not None:
                yield turn
            turn = begun
        elif begun is None and turn is not None:
            turn.lines.append(line)
        elif begun is None and line.strip() and not stray:
            stray = True
            yield set_aside(source, "text-before-first-message", number)
    if turn is not None:
        yield turn
