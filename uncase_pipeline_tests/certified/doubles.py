"""A scanner for tests: finds e-mail addresses and long digit runs, and nothing else."""

import re

from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Finding

_IDENTIFIERS = re.compile(r"(?P<EMAIL>[\w.]+@[\w.]+)|(?P<PHONE>\d[\d ]{7,}\d)")


class PatternScanner:
    version = "test"

    def scan_text(self, text: str, *, language: str = "es", domain: str | None = None) -> list[Finding]:
        return [Finding(m.lastgroup or "", *m.span(), 1.0) for m in _IDENTIFIERS.finditer(text)]

    def look_ahead(self, *_texts: object, **_options: object) -> None:
        """It reads one by one."""

    def scan_conversation(self, conversation: Conversation) -> list[Finding]:
        return [
            Finding(found.entity_type, found.start, found.end, 1.0, where)
            for where, text in conversation.strings()
            for found in self.scan_text(text)
        ]
