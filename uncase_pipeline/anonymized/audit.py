"""The residual audit: an independent look at what the masker put out. Knows the masker's findings, not how.

Two questions, neither answered by the code that masked: does any word of any found identifier still stand in
the output, and do a few blunt patterns, written for this file alone, still see something? A third look, with
the gate's scanner, sees what other layers will see.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from uncase_pipeline.anonymized.names.lexicon import Lexicon, lexicon
from uncase_pipeline.anonymized.names.words import key
from uncase_pipeline.anonymized.normalize import folded, normalize
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner

_TOKEN = re.compile(r"\[[A-Z_]+_\d+\]")
_BLUNT = {
    "mail": re.compile(r"[^\s@\[\]]+@[^\s@\[\]]+\.[^\s@\[\]]+"),
    "digits": re.compile(r"(?<![\w.,$€£])\+?\d(?:[ -]?\d){8,}(?<!00000)(?![\w.,]*\d)"),
    "iban": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,}\b"),
    "curp": re.compile(r"\b[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d\b", re.IGNORECASE),
}
_MAY_BE_BLUNT = re.compile(r"[\d@]")
_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 4
_SHORTEST_NUMBER = 6


@dataclass(frozen=True, slots=True)
class Doubt:
    """A place in the output that the audit is unsure of.

    Attributes:
        reason: ``residual-token``, ``residual-<pattern>`` or ``residual-<entity>``.
        path: The string, as in ``Conversation.strings``.
        start: First character in it.
        end: One past the last.
    """

    reason: str
    path: str
    start: int
    end: int


def _too_plain(part: str) -> bool:
    """Whether a number is so short or round that it stands in the output for other reasons."""
    return part.isdigit() and (len(part) < _SHORTEST_NUMBER or part.endswith("00"))


class Auditor:
    """Audits masked conversations one by one."""

    def __init__(self, scanner: Scanner, lists: Lexicon | None = None) -> None:
        self._scanner = scanner
        self._lists = lists or lexicon()

    def doubts(self, masked: Conversation, originals: Iterable[tuple[str, str]]) -> list[Doubt]:
        """Return what still looks like an identifier.

        Args:
            masked: The output.
            originals: Entity and original text of everything that was masked, participants' names included.
        """
        gone = self._distinctive(originals)
        found: list[Doubt] = []
        for path, text in masked.strings():
            if gone:
                found += self._leftovers(path, text, gone)
            if _MAY_BE_BLUNT.search(text):
                found += (
                    Doubt(f"residual-{name}", path, *match.span())
                    for name, pattern in _BLUNT.items()
                    for match in pattern.finditer(text)
                )
            found += (
                Doubt(f"residual-{finding.entity_type.lower()}", path, finding.start, finding.end)
                for finding in self._scanner.scan_text(text, domain=masked.domain)
            )
        return found

    def _distinctive(self, originals: Iterable[tuple[str, str]]) -> frozenset[str]:
        """Return the words of found identifiers that can't be ordinary words of the output."""
        parts = {
            part
            for entity, text in originals
            if entity not in {"DATE", "PLACE", "ORGANIZATION", "ADDRESS", "AGE", "URL"}
            for part in _WORD.findall(folded(normalize(text).text))
        }
        return frozenset(
            part
            for part in parts
            if len(part) >= _SHORTEST
            and not self._lists.is_word(part)
            and not (part.isdigit() and len(part) < 5)
        )

    @staticmethod
    def _leftovers(path: str, text: str, gone: frozenset[str]) -> list[Doubt]:
        if gone.isdisjoint(map(key, _WORD.findall(text))):
            return []
        readable = _TOKEN.sub(lambda match: " " * len(match[0]), text)
        return [
            Doubt("residual-token", path, match.start(), match.end())
            for match in _WORD.finditer(readable)
            if key(match[0]) in gone
        ]
