"""Frames JSON into values without holding the file: lines, or the elements of an array. Knows no format.

A value that can't be parsed is yielded as ``Broken`` with a reason and without its text, and reading goes on
behind it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from uncase_pipeline.raw.source import CannotReadError, Source

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_DEPTH = 12


def _nested(depth: int) -> bytes:
    deeper = rb"|" + _nested(depth - 1) if depth else b""
    return rb"[\[{](?:[^][{}\"]++|" + _STRING + deeper + rb")*+[\]}]"


_ELEMENT = re.compile(_nested(_DEPTH) + rb"|" + _STRING + rb"|[^][{},:\s\"]++", re.DOTALL)
"""One JSON value, nested up to a depth, matched without backtracking; deeper ones are walked by ``_Scan``."""
_OUTSIDE = re.compile(rb"[\[\]{}\"]")
_IN_STRING = re.compile(rb"[\"\\]")
_GAP = re.compile(rb"[\s,]*+")
_KEYS = re.compile(rb'"\s*+:')
_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Broken:
    """A value that was set aside: reason code only."""

    reason: str


def parse(text: bytes) -> Any:
    """Parse one JSON value, strictly.

    Returns:
        The value, or ``Broken``: ``bad-json``, ``json-too-deep``, ``bad-number``, ``lone-surrogate``,
        ``null-byte``, ``bad-encoding`` or ``duplicate-key``.
    """
    if b"\\u0000" in text or b"\x00" in text:
        return Broken("null-byte")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Broken(_reason(str(error), text))
    # what is parsed and written again has as many keys as the text, unless one was there twice
    keys = text.count(b'":')
    if keys != _keys_of_list(value) and keys != orjson.dumps(value).count(b'":') and _has_duplicate_key(text):
        return Broken("duplicate-key")
    return value


def _keys_of_list(value: Any) -> int:
    """Return the keys of an object that is one list of flat objects, as most records are; 0 for any other."""
    if type(value) is not dict or len(value) != 1:
        return 0
    (inner,) = value.values()
    return 1 + sum(map(len, inner)) if type(inner) is list and set(map(type, inner)) == {dict} else 0


def _reason(said: str, text: bytes) -> str:
    if "depth" in said or "recursion" in said:
        return "json-too-deep"
    if not _is_utf8(text):
        return "bad-encoding"
    if "surrogate" in said:
        return "lone-surrogate"
    if "infinity" in said:
        return "bad-number"
    if re.search(rb"[:\[,]\s*-?(?:NaN|Infinity)\b", text[:1_000_000]):
        return "bad-number"
    return "bad-json"


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


class _DuplicateKeyError(Exception):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise _DuplicateKeyError
    return keys


def _has_duplicate_key(text: bytes) -> bool:
    try:
        json.loads(text, object_pairs_hook=_unique)
    except _DuplicateKeyError:
        return True
    except (ValueError, RecursionError):
        return False
    return False


def lines(source: Source, limit: int) -> Iterator[tuple[int, Any]]:
    """Yield ``(line number from 0, value or Broken)`` for each line that is not blank."""
    for number, line in enumerate(source.lines(limit)):
        if line is None:
            yield number, Broken("record-too-long")
        elif line and not line.isspace():
            yield number, parse(line)


class _Window:
    """A moving view on the UTF-8 bytes of a source."""

    def __init__(self, source: Source, limit: int) -> None:
        self._blocks = source.utf8_blocks()
        self.data = b""
        self.at = 0
        self.limit = limit
        self.broken = False
        """Whether nothing more can be read, since nobody knows where the value at hand ends."""

    def more(self) -> bool:
        """Read on, dropping what was consumed; False at the end."""
        block = next(self._blocks, b"")
        if not block:
            return False
        self.data = self.data[self.at :] + block
        self.at = 0
        return True

    def skip_gap(self) -> bool:
        """Move to the next byte that is neither space nor comma; False at the end."""
        while True:
            match = _GAP.match(self.data, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.data):
                return True
            if not self.more():
                return False

    def peek(self) -> bytes:
        return self.data[self.at : self.at + 1]

    def value(self) -> bytes | None:
        """Return the next value and move behind it; None where it is longer than the limit.

        Raises:
            CannotReadError: ``truncated`` where the file ends inside a value.
        """
        wanted = 0
        while True:
            match = _ELEMENT.match(self.data, self.at) if len(self.data) - self.at >= wanted else None
            if match and match.end() < len(self.data):
                self.at = match.end()
                return match.group()
            held = len(self.data) - self.at
            if held > self.limit:
                self._skip()
                return None
            wanted = held * 2
            if not self.more():
                return self._last(match)

    def _last(self, match: "re.Match[bytes] | None") -> bytes | None:
        match = match or _ELEMENT.match(self.data, self.at)
        end = match.end() if match else _Scan().end(self.data, self.at)
        if end is None:
            raise CannotReadError("truncated")
        text, self.at = self.data[self.at : end], end
        return text

    def _skip(self) -> None:
        """Move behind a value without holding it."""
        scan = _Scan()
        while (end := scan.end(self.data, self.at)) is None:
            self.at = len(self.data)
            if not self.more():
                raise CannotReadError("truncated")
        self.at = end


class _Scan:
    """Finds the end of an object or array at any depth, block after block."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def end(self, data: bytes, at: int) -> int | None:
        """Return where the value ends; None where it goes on behind this data, all of which is now read."""
        if self._escaped:
            self._escaped, at = False, at + 1
        while at < len(data):
            token = (_IN_STRING if self._in_string else _OUTSIDE).search(data, at)
            if token is None:
                return None
            at = token.end()
            mark = token.group()
            if mark == b"\\":
                at += 1
                self._escaped = at > len(data)
            elif mark == b'"':
                self._in_string = not self._in_string
            else:
                self._depth += 1 if mark in b"[{" else -1
                if self._depth <= 0:
                    return at
        return None


def elements(source: Source, limit: int) -> Iterator[tuple[int, Any]]:
    """Yield ``(index, value or Broken)`` for each element of a top-level array.

    Raises:
        CannotReadError: ``not-json`` where the file does not hold an array.
    """
    window = _Window(source, limit)
    if not window.skip_gap() or window.peek() != b"[":
        raise CannotReadError("not-json")
    window.at += 1
    index = 0
    for value in _values(window):
        yield index, value
        index += 1
    if window.broken:
        return
    if window.peek() != b"]":
        yield index, Broken("truncated")
        return
    window.at += 1
    if window.skip_gap():
        yield index, Broken("trailing-data")


def sequence(source: Source, limit: int) -> Iterator[tuple[int, Any]]:
    """Yield ``(index, value or Broken)`` for objects that follow each other, however they are laid out."""
    window = _Window(source, limit)
    index = 0
    for value in _values(window):
        yield index, value
        index += 1
    if window.peek() == b"]":
        yield index, Broken("bad-json")


def is_sequence(start: str) -> bool:
    """Whether objects follow each other that do not lie one in a line."""
    text = start.encode("utf-8", "replace")
    first = _ELEMENT.match(text) if text.startswith(b"{") else None
    gap, found, _ = text[first.end() :].partition(b"{") if first else (b"", b"", b"")
    if first is None or not found or gap.strip(b" \t\r\n,"):
        return False
    return b"\n" in first.group() or b"\n" not in gap or b"," in gap


def _values(window: _Window) -> Iterator[Any]:
    """Yield the values before a closing bracket or the end; after one that can't be walked there are no more."""
    while window.skip_gap() and window.peek() != b"]":
        try:
            text = window.value()
        except CannotReadError as error:
            window.broken = True
            yield Broken(error.reason)
            return
        if text is None:
            yield Broken("record-too-long")
        elif not text:
            window.broken = True
            yield Broken("bad-json")
            return
        else:
            yield parse(text)


def document(source: Source, limit: int) -> Any:
    """Parse a file that is one JSON value; ``Broken`` where it is too long or can't be parsed."""
    if source.size > limit:
        return Broken("record-too-long")
    return parse(b"".join(source.utf8_blocks()).strip(_SPACE))
