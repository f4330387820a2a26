"""The scanner that other layers are given: finds identifiers where none may be.

It runs the same detectors as the masker, at the gate's thresholds (``entities.ENTITIES``): what is masked on
suspicion in a real text (a lone given name, a five-digit number, a date) would stop every synthetic one.
"""

from uncase_pipeline.anonymized.detect import Detectors, chain_for
from uncase_pipeline.anonymized.entities import Profile
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Finding
from uncase_pipeline.settings import Settings


class ChainScanner:
    """A ``records.finding.Scanner`` over the detector chain."""

    def __init__(self, chain: Detectors, profile: Profile) -> None:
        self._chain = chain
        self._profile: Profile = profile
        self.version = f"{chain.version}+{profile}"

    def scan_text(self, text: str, *, language: str = "es", domain: str | None = None) -> list[Finding]:
        """Return what is found in one text. Detectors read Spanish and English alike."""
        return [
            Finding(span.entity, span.start, span.end, span.score)
            for span in self._chain.find(text, domain=domain, profile=self._profile)
        ]

    def scan_conversation(self, conversation: Conversation) -> list[Finding]:
        """Return what is found in every string of a conversation."""
        return [
            Finding(span.entity, span.start, span.end, span.score, where)
            for where, text in conversation.strings()
            for span in self._chain.find(text, domain=conversation.domain, profile=self._profile)
        ]


def build_scanner(settings: Settings, *, profile: Profile = "gate") -> ChainScanner:
    """Return the scanner of this process.

    Args:
        settings: The house's settings.
        profile: ``gate`` for text that must hold no identifier; the masking profiles for previews of real text.
    """
    return ChainScanner(chain_for(settings), profile)
