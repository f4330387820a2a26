"""What a scan for identifiers found, and what a scanner is. Knows no detector.

The layers that must look for identifiers (seeds, gateway, synthetic, certified, exported) take a ``Scanner``
and never import one: the detector chain lives in ``anonymized`` and is handed to them at the rim.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter
from typing import Protocol

from uncase_pipeline.records.conversation import Conversation

_AHEAD = 64
_DOMAIN = attrgetter("domain")


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

    def look_ahead(self, texts: Sequence[str], *, domain: str | None = None) -> None:
        """Be told what will be scanned soon: whoever reads many texts faster together may. It decides nothing."""
        ...

    def scan_conversation(self, conversation: Conversation) -> list[Finding]:
        """Return what is found in every string of a conversation (see ``Conversation.strings``)."""
        ...


def scanned(
    conversations: Iterable[Conversation], scanner: Scanner
) -> Iterator[tuple[Conversation, list[Finding]]]:
    """Yield each conversation with what is found in it; the scanner is told of many at a time."""
    remaining = iter(conversations)
    while piece := list(islice(remaining, _AHEAD)):
        for domain, some in groupby(sorted(piece, key=_DOMAIN), key=_DOMAIN):
            texts = [text for conversation in some for _, text in conversation.strings()]
            scanner.look_ahead(texts, domain=domain)
        yield from ((conversation, scanner.scan_conversation(conversation)) for conversation in piece)
