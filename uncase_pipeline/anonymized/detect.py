"""The detector chain over one text: normalize, hide tokens that are masks already, ask every detector, unite.

Knows no conversation and no policy.
"""

import re
from functools import cache

from uncase_pipeline.anonymized.entities import Profile, wanted
from uncase_pipeline.anonymized.names.rules import NameRules
from uncase_pipeline.anonymized.normalize import normalize
from uncase_pipeline.anonymized.spans import Span, union
from uncase_pipeline.anonymized.structured.detector import StructuredDetector
from uncase_pipeline.settings import Settings

_MASK = re.compile(
    r"\[[A-Z][A-Z_]*(?:_\d+)?\]|(?<!\w)(?:[a-z]{2,12}_[0-9a-f]{24}|[0-9a-f]{40}|[0-9a-f]{64})(?!\w)"
)
"""Masks, our own ids and SHA digests: they identify nobody."""
_HIDDEN = "\x1f"


class Detectors:
    """All detectors of the house, in union."""

    def __init__(self) -> None:
        self._structured = StructuredDetector()
        self._names = NameRules()

    @property
    def version(self) -> str:
        """Names what looked, for verdicts and certificates."""
        return "uncase-detectors/1"

    def find(self, text: str, *, domain: str | None = None, profile: Profile = "strict") -> list[Span]:
        """Return disjoint spans in offsets of ``text``."""
        if not text or text.isspace():
            return []
        shape = normalize(text)
        readable = _MASK.sub(lambda match: _HIDDEN * len(match[0]), shape.text)
        found = [*self._structured.detect(readable, domain=domain), *self._names.detect(readable)]
        kept = (span for span in found if wanted(span.entity, span.score, profile))
        return union(shape.back(span) for span in kept)


def chain_for(settings: Settings) -> Detectors:
    """Return the chain of this process for these settings, loaded once."""
    return load_chain(tuple(settings.recognizers))


@cache
def load_chain(recognizers: tuple[str, ...] = ()) -> Detectors:
    """Return the house's detectors and the named Presidio recognizers, loaded once per process."""
    return Detectors()
