"""The detector chain over one text: normalize, hide tokens that are masks already, ask every detector, unite.

Knows no conversation and no policy.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
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
_CHARACTERS = 2_000_000
"""After so many texts, or so many characters, what was found in those before them is forgotten."""
_SHORTEST_DIGEST = 40


_Seen = defaultdict[str | None, dict[str, tuple[Span, ...]]]
"""What was found, by domain and text."""


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
        self._seen: _Seen = defaultdict(dict)
        self._before: _Seen = defaultdict(dict)
        self._texts = self._characters = 0
        self.version = f"uncase-detectors/1+{self._names.version}{added}"

    def find(self, text: str, *, domain: str | None = None, profile: Profile = "strict") -> list[Span]:
        """Return disjoint spans in offsets of ``text``."""
        return self.find_all([text], domain=domain, profile=profile)[0]

    def find_all(
        self, texts: Sequence[str], *, domain: str | None = None, profile: Profile = "strict"
    ) -> list[list[Span]]:
        """Return the disjoint spans of each text: many at once cost much less than one by one.

        What was found is remembered for a while: the audit reads again what the masker left unchanged.
        """
        if self._texts + len(texts) > _REMEMBERED or self._characters > _CHARACTERS:
            self._forget()
        seen, before = self._seen[domain], self._before[domain]
        unseen = [text for text in dict.fromkeys(texts) if text not in seen]
        if unseen:
            self._texts += len(unseen)
            self._characters += sum(map(len, unseen))
            seen.update((text, before[text]) for text in unseen if text in before)
            fresh = [text for text in unseen if text not in before]
            seen.update(zip(fresh, self._look(fresh, domain), strict=True))
        return [_acted_on(found, profile) if found else [] for found in map(seen.__getitem__, texts)]

    def look_ahead(self, texts: Sequence[str], *, domain: str | None = None) -> None:
        """Look at texts that will be asked about soon, few at a time.

        An error is left to whoever asks: it fails there again, and there it is known whose text it was.
        """
        with suppress(Exception):
            self.find_all(texts, domain=domain)

    def _forget(self) -> None:
        """Forget all but what was asked about last: that is asked about again soon."""
        self._before, self._seen = self._seen, defaultdict(dict)
        self._texts = self._characters = 0

    def _look(self, texts: Sequence[str], domain: str | None) -> Iterator[tuple[Span, ...]]:
        """Ask every detector about every text."""
        shapes = [normalize(text) for text in texts]
        readable = [_hidden(shape.text) for shape in shapes]
        names = self._names.detect_all(readable, domain=domain, places=domain == CLINICAL)
        structured = self._structured.detect_all(readable, domain=domain)
        for shape, text, people, told in zip(shapes, readable, names, structured, strict=True):
            found = [*told, *people]
            for detector in self._more:
                found += detector.detect(text)
            if found and text is not shape.text:
                found = [piece for span in found for piece in _outside_masks(span, text)]
            yield tuple(map(shape.back, found)) if found else ()


def _acted_on(found: tuple[Span, ...], profile: Profile) -> list[Span]:
    return union(span for span in found if wanted(span.entity, span.score, profile))


def _hidden(text: str) -> str:
    """Blank what is a mask or a digest already, at equal length."""
    if "[" in text or "_" in text or (len(text) >= _SHORTEST_DIGEST and _has_digest(text)):
        return _MASK.sub(lambda match: _HIDDEN * len(match[0]), text)
    return text


def _has_digest(text: str) -> bool:
    return max(map(len, text.split()), default=0) >= _SHORTEST_DIGEST


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
