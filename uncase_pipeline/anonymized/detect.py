"""The detector chain over one text: normalize, hide tokens that are masks already, ask every detector, unite.

Knows no conversation and no policy.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Protocol

from uncase_pipeline.anonymized.entities import Profile, wanted
from uncase_pipeline.anonymized.names.people import NameDetector
from uncase_pipeline.anonymized.normalize import normalize
from uncase_pipeline.anonymized.recognizers import Recognizers, SpacyNames
from uncase_pipeline.anonymized.spans import Span, union
from uncase_pipeline.anonymized.structured.detector import CLINICAL, StructuredDetector
from uncase_pipeline.settings import Settings

_MASK = re.compile(
    r"\[[A-Z][A-Z_]*(?:_\d+)?\]|(?<!\w)(?:[a-z]{2,12}_[0-9a-f]{24}|[0-9a-f]{40}|[0-9a-f]{64})(?!\w)"
)
"""Masks, our own ids and SHA digests: they identify nobody."""
_HIDDEN = "\x01"
_BESIDE_MASKS = re.compile(f"[^{_HIDDEN}]+")
_CRUMB = 4
_REMEMBERED = 4_096
_SHORTEST_DIGEST = 40


class Detector(Protocol):
    """Anything that finds identifiers in a normalized text."""

    def detect(self, text: str) -> Iterable[Span]:
        """Return spans, overlapping ones too."""
        ...


class Detectors:
    """All detectors of the house and those that users add, in union."""

    def __init__(self, more: Sequence[Detector] = ()) -> None:
        self._structured = StructuredDetector()
        self._names = NameDetector()
        self._more = more
        added = "".join(f"+{type(detector).__name__.lower()}" for detector in more)
        self._all = lru_cache(maxsize=_REMEMBERED)(self._look)
        self.version = f"uncase-detectors/1+{self._names.version}{added}"

    def find(self, text: str, *, domain: str | None = None, profile: Profile = "strict") -> list[Span]:
        """Return disjoint spans in offsets of ``text``."""
        kept = (span for span in self._all(text, domain) if wanted(span.entity, span.score, profile))
        return union(kept)

    def _look(self, text: str, domain: str | None) -> tuple[Span, ...]:
        """Ask every detector. Remembered for a while: the audit reads again what the masker left unchanged."""
        if not text or text.isspace():
            return ()
        shape = normalize(text)
        readable = _hidden(shape.text)
        found = [
            *self._structured.detect(readable, domain=domain),
            *self._names.detect(readable, domain=domain, places=domain == CLINICAL),
        ]
        for detector in self._more:
            found += detector.detect(readable)
        if found and readable is not shape.text:
            found = [piece for span in found for piece in _outside_masks(span, readable)]
        return tuple(shape.back(span) for span in found)


def _hidden(text: str) -> str:
    """Blank what is a mask or a digest already, at equal length."""
    if "[" in text or "_" in text or any(len(word) >= _SHORTEST_DIGEST for word in text.split()):
        return _MASK.sub(lambda match: _HIDDEN * len(match[0]), text)
    return text


def _outside_masks(span: Span, readable: str) -> Iterator[Span]:
    """Yield what a span covers beside masks; crumbs such as a comma and a digit are nobody's identifier."""
    covered = readable[span.start : span.end]
    if _HIDDEN not in covered:
        yield span
        return
    for match in _BESIDE_MASKS.finditer(covered):
        if sum(map(str.isalnum, match[0])) >= _CRUMB:
            yield replace(span, start=span.start + match.start(), end=span.start + match.end())


def chain_for(settings: Settings) -> Detectors:
    """Return the chain of this process for these settings, loaded once."""
    return load_chain(tuple(settings.recognizers))


@cache
def load_chain(recognizers: tuple[str, ...] = ()) -> Detectors:
    """Return the house's detectors, installed spaCy pipelines and the named recognizers, once per process."""
    more: list[Detector] = []
    if SpacyNames.installed():
        more.append(SpacyNames())
    if recognizers:
        more.append(Recognizers(recognizers))
    return Detectors(more)
