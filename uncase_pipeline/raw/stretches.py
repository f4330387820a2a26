"""A file in stretches of whole lines, as UTF-8 or decoded. Knows line ends and bad bytes, not formats."""

from collections.abc import Iterator

from uncase_pipeline.raw.source import Source

_LONGEST_CHARACTER = 4


def whole_lines(source: Source, limit: int) -> Iterator[bytes]:
    """Yield whole lines with plain newlines, many at a time; one beyond the limit comes in pieces longer than it."""
    held = b""
    for block in _plain_newlines(source):
        held = held + block if held else block
        cut = held.rfind(b"\n") + 1
        if not cut and len(held) > limit + _LONGEST_CHARACTER:
            cut = _end_of_characters(held)
        if cut:
            yield held[:cut]
            held = held[cut:]
    if held:
        yield held


def stretches(source: Source, limit: int) -> Iterator[tuple[str, bool]]:
    """Yield whole lines as text, as ``whole_lines`` does.

    Yields:
        Text with plain newlines, and whether it holds bytes that can't be decoded.
    """
    for lines in whole_lines(source, limit):
        yield decoded(lines)


def decoded(data: bytes) -> tuple[str, bool]:
    """Return UTF-8 as text, and whether it holds bytes that can't be decoded; they come as lone surrogates."""
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogateescape"), True


def is_clean(text: str) -> bool:
    """Whether a text holds no byte that could not be decoded."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain_newlines(source: Source) -> Iterator[bytes]:
    carried = b""
    for block in source.utf8_blocks():
        data = carried + block if carried else block
        carried = b""
        if data.endswith(b"\r"):
            data, carried = data[:-1], b"\r"
        returns = data.count(b"\r")
        if returns and returns == data.count(b"\r\n"):
            data = data.translate(None, b"\r")  # five times faster than to replace pairs
        elif returns:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if data:
            yield data
    if carried:
        yield b"\n"


def _end_of_characters(data: bytes) -> int:
    """Return where the last whole character ends."""
    for back in range(1, _LONGEST_CHARACTER):
        if data[-back] >= 0xC0:
            return len(data) - back
        if data[-back] < 0x80:
            break
    return len(data)
