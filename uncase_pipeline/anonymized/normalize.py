"""One shape for many spellings of the same character, with the way back to the original offsets.

Detectors see the normalized text: homoglyphs and full-width forms as ASCII, one kind of space and dash,
composed accents, no zero-width characters. Knows no detector.
"""

import re
import unicodedata
from dataclasses import dataclass

from uncase_pipeline.anonymized.spans import Span

_LOOK_ALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁҺԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
    "\u00a0\u202f\u2007\u2009\u200a\u2002\u2003\u3000\u2010\u2011\u2012\u2013\u2014\u2212\ufe58\uff0d"
    "\u2018\u2019\u02bc\u00b4\uff07\u201c\u201d\u2044\u2215\u2024\u3002",
    "ABESIJKMHOPCTYXaesijopcyxdhqwABEZHIKMNOPTYXo" + " " * 8 + "-" * 8 + "'" * 5 + '""' + "//" + "..",
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DIGITS = {
    code: ord("0") + unicodedata.decimal(chr(code))
    for start in (0x0660, 0x06F0, 0x0966, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6)
    for code in range(start, start + 10)
}
_SAME_LENGTH = {**_FULL_WIDTH, **_DIGITS, **_LOOK_ALIKES}
_DROPPED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
)
_UNEVEN = re.compile(f"[{_DROPPED}\u0300-\u036f]")
_BEYOND_LATIN = re.compile(r"[^\x00-\x7f¡¿ªº\u00c0-\u00ff]")
"""What may need normalizing: Spanish is written without, and a look costs a tenth of a translation."""


@dataclass(slots=True)
class Normalized:
    """A normalized text.

    Attributes:
        text: What detectors see.
        origin: For each of its characters, and one past the last, the offset in the original; None where
            the two are equally long.
    """

    text: str
    origin: list[int] | None = None

    def back(self, span: Span) -> Span:
        """Return the span in offsets of the original, with the marks that belong to its last character."""
        if self.origin is None:
            return span
        end = self.origin[span.end - 1] + 1 if span.end else 0
        following = self.origin[span.end]
        return Span(span.entity, self.origin[span.start], max(end, following), span.score, span.detector)


def normalize(text: str) -> Normalized:
    """Normalize a text, fast where there is nothing to do."""
    if text.isascii() or not _BEYOND_LATIN.search(text):
        return Normalized(text)
    even = text.translate(_SAME_LENGTH)
    if not _UNEVEN.search(even):
        return Normalized(even)
    return _composed(even)


def _composed(text: str) -> Normalized:
    """Compose accents and drop what has no width, one base character with its marks at a time."""
    pieces: list[str] = []
    origin: list[int] = []
    for match in re.finditer(f"([^{_DROPPED}])([{_DROPPED}\u0300-\u036f]*)", text, re.DOTALL):
        marks = "".join(mark for mark in match[2] if unicodedata.combining(mark))
        piece = unicodedata.normalize("NFC", match[1] + marks)
        pieces.append(piece)
        origin += [match.start()] * len(piece)
    return Normalized("".join(pieces), [*origin, len(text)])


def folded(text: str) -> str:
    """Return a key that is equal for spellings that differ in case and accents only."""
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
