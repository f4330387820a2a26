"""The residual audit: an independent look at what the masker put out. Knows the masker's findings, not how.

Two questions, neither answered by the code that masked: does any word of any found identifier still stand in
the output, and do a few blunt patterns, written for this file alone, still see something? A third look, with
the gate's scanner, sees what other layers will see.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from uncase_pipeline.anonymized.names.lexicon import Lexicon, lexicon
from uncase_pipeline.anonymized.names.words import key, parts_of
from uncase_pipeline.anonymized.normalize import folded, normalize
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Finding

_TOKEN = re.compile(r"\[[A-Z_]+_\d+\]")
_BLUNT = {
    "mail": ("@", r"[^\s@\[\]]+@[^\s@\[\]]+\.[^\s@\[\]]+"),
    "digits": (r"\d(?:[ -]?\d){8}", r"(?<![\w.,$€£])\+?\d(?:[ -]?\d){8,}(?<!00000)(?![\w.,]*\d)"),
    "iban": (r"[A-Z]{2}\d{2}", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,}\b"),
    "curp": (r"\d{6}", r"(?i)\b[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d\b"),
}
"""Blunt patterns, each after what stands in every match of it: that is looked for first, and is quickly found."""
_PATTERNS = [(name, re.compile(core), re.compile(pattern)) for name, (core, pattern) in _BLUNT.items()]
_MAY_BE_BLUNT = re.compile(r"@|\d[ -]?\d")
"""What stands in every match of any of them; the number of a token does not."""
_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 4


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


class Scanner(Protocol):
    """Reads many texts at once."""

    def scan_texts(self, texts: Sequence[str], *, domain: str | None = None) -> list[list[Finding]]:
        """Return what is found in each."""
        ...


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
        strings = list(masked.strings())
        gone = self._distinctive(originals)
        if gone:
            pieces = frozenset(chain.from_iterable([text.split() for _, text in strings]))
            gone &= frozenset(chain.from_iterable(parts_of.of_each(pieces)))
        scanned = self._scanner.scan_texts([text for _, text in strings], domain=masked.domain)
        found: list[Doubt] = []
        for (path, text), findings in zip(strings, scanned, strict=True):
            if gone:
                found += _leftovers(path, text, gone)
            if _MAY_BE_BLUNT.search(text):
                found += _blunt(path, text)
            found += (
                Doubt(f"residual-{finding.entity_type.lower()}", path, finding.start, finding.end)
                for finding in findings
            )
        return found

    def _distinctive(self, originals: Iterable[tuple[str, str]]) -> frozenset[str]:
        """Return the words of found identifiers that can't be ordinary words of the output."""
        words = {
            word
            for entity, text in originals
            if entity not in {"DATE", "PLACE", "ORGANIZATION", "ADDRESS", "AGE", "URL"}
            for word in _WORD.findall(folded(normalize(text).text))
        }
        return frozenset(
            word
            for word in words
            if len(word) >= _SHORTEST
            and not self._lists.is_word(word)
            and not (word.isdigit() and len(word) < 5)
        )


def _leftovers(path: str, text: str, gone: frozenset[str]) -> Iterator[Doubt]:
    readable = _TOKEN.sub(lambda match: " " * len(match[0]), text)
    for match in _WORD.finditer(readable):
        if key(match[0]) in gone:
            yield Doubt("residual-token", path, match.start(), match.end())


def _blunt(path: str, text: str) -> Iterator[Doubt]:
    for name, core, pattern in _PATTERNS:
        if core.search(text):
            for match in pattern.finditer(text):
                yield Doubt(f"residual-{name}", path, *match.span())
