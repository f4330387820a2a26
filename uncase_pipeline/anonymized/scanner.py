"""The scanner that other layers are given: finds identifiers where none may be.

It runs the same detectors as the masker, at the gate's thresholds (``entities.ENTITIES``): what is masked on
suspicion in a real text (a lone given name, a five-digit number, a date) would stop every synthetic one.
"""

from collections.abc import Sequence
from dataclasses import replace

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
        return self.scan_texts([text], domain=domain)[0]

    def scan_texts(self, texts: Sequence[str], *, domain: str | None = None) -> list[list[Finding]]:
        """Return what is found in each of many texts: much faster than one by one."""
        return [
            [Finding(span.entity, span.start, span.end, span.score) for span in spans]
            for spans in self._chain.find_all(texts, domain=domain, profile=self._profile)
        ]

    def look_ahead(self, texts: Sequence[str], *, domain: str | None = None) -> None:
        """Look at texts that will be scanned soon: many at once cost much less than one by one."""
        self._chain.look_ahead(texts, domain=domain)

    def scan_conversation(self, conversation: Conversation) -> list[Finding]:
        """Return what is found in every string of a conversation."""
        strings = list(conversation.strings())
        found = self.scan_texts([text for _, text in strings], domain=conversation.domain)
        return [
            replace(finding, where=where)
            for (where, _), findings in zip(strings, found, strict=True)
            for finding in findings
        ]


def build_scanner(settings: Settings, *, profile: Profile = "gate") -> ChainScanner:
    """Return the scanner of this process.

    Args:
        settings: The house's settings.
        profile: ``gate`` for text that must hold no identifier; the masking profiles for previews of real text.
    """
    return ChainScanner(chain_for(settings), profile)
