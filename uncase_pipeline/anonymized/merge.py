"""Small repairs of united spans: parts of one name become one span, edges lose spaces. Knows no detector."""

import re
from dataclasses import replace

from uncase_pipeline.anonymized.spans import Span

_BETWEEN_NAMES = re.compile(r"[ \t\-]{1,2}|\s(?:de|del|de la|de las|de los|la|y|van|von|da|dos)\s|\.\s?")


_INITIALS_BEFORE = re.compile(r"(?<!\w)(?:[A-ZÀ-Ý]\.\s?){1,3}$")
_LONGEST_INITIALS = 10


def tidy(text: str, spans: list[Span]) -> list[Span]:
    """Join neighbouring parts of a name, take in initials, and strip white space from the edges."""
    joined: list[Span] = []
    for span in (_with_initials(text, span) for span in spans):
        between = text[joined[-1].end : span.start] if joined else ""
        if joined and span.start < joined[-1].end:
            joined[-1] = replace(joined[-1], end=max(span.end, joined[-1].end))
        elif joined and span.entity == joined[-1].entity == "PERSON" and _BETWEEN_NAMES.fullmatch(between):
            joined[-1] = replace(joined[-1], end=span.end, score=max(span.score, joined[-1].score))
        else:
            joined.append(span)
    return [stripped for span in joined if (stripped := _stripped(text, span)).length > 0]


def _with_initials(text: str, span: Span) -> Span:
    if span.entity != "PERSON":
        return span
    initials = _INITIALS_BEFORE.search(text, max(0, span.start - _LONGEST_INITIALS), span.start)
    return replace(span, start=initials.start()) if initials else span


def _stripped(text: str, span: Span) -> Span:
    covered = text[span.start : span.end]
    if covered == covered.strip():
        return span
    return replace(
        span,
        start=span.start + len(covered) - len(covered.lstrip()),
        end=span.end - len(covered) + len(covered.rstrip()),
    )
