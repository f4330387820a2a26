"""Constraints of a seed, as far as sentences must stay clear of them. Knows words, not what they mean."""

import re
from dataclasses import dataclass
from typing import Self

from uncase_pipeline.dialogue.tokens import content_words, fold

_STEM = 5
_TOUCHES = 0.5
_NEGATED = re.compile(r"\b(?:no|nunca|sin|tampoco|nadie|not|never|without|cannot|nobody)\b|n't\b")


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of a seed, by the stems of its content words.

    Attributes:
        stems: What it is about.
        banned: Whether it must not be said; else it must not be denied.
    """

    stems: frozenset[str]
    banned: bool

    @classmethod
    def of(cls, text: str, *, banned: bool = False) -> Self:
        """Read a sentence."""
        return cls(_stems(text), banned)

    def is_broken_by(self, text: str) -> bool:
        """Return whether a sentence comes so close to half of what the rule speaks of that it may break it."""
        shared = self.stems & _stems(text)
        touches = bool(shared) and len(shared) >= max(_TOUCHES * len(self.stems), min(2, len(self.stems)))
        return touches and denied(text) is not self.banned


def denied(text: str) -> bool:
    """Return whether a sentence denies something."""
    return _NEGATED.search(fold(text)) is not None


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in content_words(text) if len(word) > 2)
