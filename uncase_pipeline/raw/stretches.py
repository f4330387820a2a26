"""Decoded text in stretches of whole lines. Knows line ends and bad bytes, not formats."""

import codecs
import io
from collections.abc import Iterator
from itertools import chain

from uncase_pipeline.raw.source import Source


def stretches(source: Source, limit: int) -> Iterator[tuple[str, bool]]:
    """Yield whole lines, many at a time; a line beyond the limit comes in pieces longer than it.

    Yields:
        Text with plain newlines, and whether it holds bytes that can't be decoded.
    """
    held, dirty = "", False
    for text, bad in _blocks(source):
        held, dirty = held + text if held else text, dirty or bad
        cut = held.rfind("\n") + 1
        if not cut and len(held) > limit:
            cut = len(held)
        if cut:
            yield held[:cut], dirty
            held, dirty = held[cut:], bad
    if held:
        yield held, dirty


def _blocks(source: Source) -> Iterator[tuple[str, bool]]:
    """Yield text with plain newlines, and whether it holds bytes that can't be decoded."""
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder("utf-8")("surrogateescape"), translate=True
    )
    for block in chain(source.utf8_blocks(), (b"",)):
        text = decoder.decode(block, final=not block)
        yield text, not is_clean(text)


def is_clean(text: str) -> bool:
    """Whether a text holds no byte that could not be decoded."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
