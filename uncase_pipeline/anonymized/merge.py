"""Small repairs of united spans: parts of one name become one span, edges lose spaces. Knows no detector."""

import re
from dataclasses import replace

from uncase_pipeline.anonymized.spans import Span

_BETWEEN_NAMES = re.compile(r"[ \t\-]{1,2}|\s(?:de|del|de la|de las|de los|la|y|van|von|da|dos)\s|\.\s?")


def tidy(text: str, spans: list[Span]) -> list[Span]:
    """Join neighbouring parts of a name, and strip white space from the edges of every span."""
    joined: list[Span] = []
    for span in spans:
        between = text[joined[-1].end : span.start] if joined else ""
        if joined and span.entity == joined[-1].entity == "PERSON" and _BETWEEN_NAMES.fullmatch(between):
            joined[-1] = replace(joined[-1], end=span.end, score=max(span.score, joined[-1].score))
        else:
            joined.append(span)
    return [stripped for span in joined if (stripped := _stripped(text, span)).length > 0]


def _stripped(text: str, span: Span) -> Span:
    covered = text[span.start : span.end]
    return replace(
        span,
        start=span.start + len(covered) - len(covered.lstrip()),
        end=span.end - len(covered) + len(covered.rstrip()),
    )
