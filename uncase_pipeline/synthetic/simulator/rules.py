"""Constraints of a seed, as far as sentences must stay clear of them. Knows words, not what they mean."""

from dataclasses import dataclass
from typing import Self

from uncase_pipeline.dialogue.tokens import content_words

_STEM = 5
_TOUCHES = 0.5


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of a seed, by the stems of its content words."""

    stems: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a sentence."""
        return cls(_stems(text))

    def touches(self, text: str) -> bool:
        """Return whether a sentence speaks of half of what the rule speaks of: too close to be told apart."""
        shared = self.stems & _stems(text)
        return bool(shared) and len(shared) >= max(_TOUCHES * len(self.stems), min(2, len(self.stems)))


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in content_words(text) if len(word) > 2)
