"""What a scan for identifiers found, and what a scanner is. Knows no detector.

The layers that must look for identifiers (seeds, gateway, synthetic, certified, exported) take a ``Scanner``
and never import one: the detector chain lives in ``anonymized`` and is handed to them at the rim.
"""

from dataclasses import dataclass
from typing import Protocol

from uncase_pipeline.records.conversation import Conversation


@dataclass(slots=True, frozen=True)
class Finding:
    """An identifier in a text, without the text.

    Attributes:
        entity_type: ``EMAIL``, ``PHONE``, ``PERSON`` ...
        start: First character, in characters of the scanned text.
        end: One past the last character.
        score: Confidence between 0 and 1.
        where: Path of the scanned string (``messages[3].content``), empty for a bare text.
    """

    entity_type: str
    start: int
    end: int
    score: float
    where: str = ""


class Scanner(Protocol):
    """Finds identifiers. An error while scanning is raised, never swallowed: no answer is not a pass."""

    version: str

    def scan_text(self, text: str, *, language: str = "es", domain: str | None = None) -> list[Finding]:
        """Return what is found in one text."""
        ...

    def scan_conversation(self, conversation: Conversation) -> list[Finding]:
        """Return what is found in every string of a conversation (see ``Conversation.strings``)."""
        ...
