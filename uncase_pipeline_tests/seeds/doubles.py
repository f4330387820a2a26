"""What tests of seeds share: a scanner that knows one word, and a source in memory."""

from collections.abc import Iterable, Sequence

from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Finding
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.build import Notes, Terms, make_seeds


class WordScanner:
    """Finds one word wherever it stands."""

    version = "word-1"

    def __init__(self, word: str = "Xóchitl") -> None:
        self._word = word

    def scan_text(self, text: str, *, language: str = "es", domain: str | None = None) -> list[Finding]:
        at = text.find(self._word)
        return [] if at < 0 else [Finding("PERSON", at, at + len(self._word), 1.0)]

    def look_ahead(self, *_texts: object, **_options: object) -> None:
        """It reads one by one."""

    def scan_conversation(self, conversation: Conversation) -> list[Finding]:
        return [finding for _, text in conversation.strings() for finding in self.scan_text(text)]


def made(
    conversations: Iterable[Conversation],
    *,
    library: Sequence[Seed] = (),
    k: int = 1,
    key: bytes | None = None,
    scanner: WordScanner | None = None,
) -> tuple[list[Seed], Notes]:
    """Make seeds in memory and return them with their books."""
    source = list(conversations)
    notes = Notes()
    terms = Terms(scanner or WordScanner(), k, key)
    seeds = list(make_seeds(lambda: source, lambda _languages: list(library), terms, notes))
    notes.tally.rows_out = len(seeds)
    return seeds, notes
