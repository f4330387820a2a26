"""Spans and their union. Knows offsets, not what makes a span."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(slots=True, unsafe_hash=True)  # not frozen: made a hundred thousand times, and twice as fast so
class Span:
    """A stretch of one text that some detector calls an identifier; never changed.

    Attributes:
        entity: Name in ``entities.ENTITIES``.
        start: First character.
        end: One past the last character.
        score: Confidence between 0 and 1.
        detector: Who said so, for reports and tests.
    """

    entity: str
    start: int
    end: int
    score: float
    detector: str = ""

    @property
    def length(self) -> int:
        """Characters covered."""
        return self.end - self.start


def union(spans: Iterable[Span]) -> list[Span]:
    """Merge overlapping spans into disjoint ones that cover all of them.

    A merged span carries the label of its longest part, and of the surer one where two are equally long:
    a card number inside a digit run stays a card, and no character that any detector found is left out.
    """
    merged: list[Span] = []
    best: list[Span] = []
    spans = list(spans)
    if len(spans) < 2:  # most often, and a copy takes longer than the rest
        return [span for span in spans if span.end > span.start]
    for span in sorted(spans, key=lambda item: (item.start, -item.end)):
        if merged and span.start < merged[-1].end:
            best[-1] = max(best[-1], span, key=lambda item: (item.length, item.score))
            end = max(merged[-1].end, span.end)
            score = max(merged[-1].score, span.score)
            merged[-1] = Span(best[-1].entity, merged[-1].start, end, score, best[-1].detector)
        elif span.end > span.start:
            merged.append(span)
            best.append(span)
    return merged


def replaced(text: str, spans: Iterable[Span], substitute: Callable[[Span, str], str]) -> str:
    """Rewrite disjoint spans in one pass, so that no offset is ever stale.

    Args:
        text: The original text.
        spans: Disjoint and in order, as ``union`` returns them.
        substitute: Gets the span and its original text.
    """
    pieces: list[str] = []
    position = 0
    for span in spans:
        pieces += (text[position : span.start], substitute(span, text[span.start : span.end]))
        position = span.end
    pieces.append(text[position:])
    return "".join(pieces)
