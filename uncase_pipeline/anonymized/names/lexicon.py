"""Lists of names and the two dictionaries, loaded once per process. Knows words, not sentences."""

import gzip
from functools import cache, lru_cache
from pathlib import Path

from uncase_pipeline.anonymized.normalize import folded
from uncase_pipeline.errors import UncaseError

_DATA = Path(__file__).parent.parent / "data"
_CLITICS = (
    "melo",
    "mela",
    "selo",
    "sela",
    "noslo",
    "los",
    "las",
    "les",
    "nos",
    "me",
    "te",
    "se",
    "lo",
    "la",
    "le",
    "os",
)


def _load(name: str) -> frozenset[str]:
    path = _DATA / f"{name}.txt.gz"
    try:
        return frozenset(gzip.decompress(path.read_bytes()).decode().split("\n"))
    except OSError:
        raise UncaseError(
            "missing-list",
            f"The list {path.name} of the name detector is missing or damaged.",
            "Reinstall uncase-pipeline; without it nothing is anonymized.",
        ) from None


class Lexicon:
    """What is known of single words; every question takes the word as written."""

    def __init__(self) -> None:
        self.given = _load("given")
        self.family = _load("family")
        self.women = _load("given_women")
        self.men = _load("given_men")
        self._english = _load("words_en")
        self._spanish = _load("words_es")
        self.is_word = lru_cache(maxsize=200_000)(self._is_word)

    def is_name(self, folded_word: str) -> bool:
        """Return whether a folded word is on a list of names."""
        return folded_word in self.given or folded_word in self.family

    def _is_word(self, folded_word: str) -> bool:
        """Return whether a folded word is in a dictionary, clitics stripped."""
        if folded_word in self._english or folded_word in self._spanish:
            return True
        return any(
            folded_word.endswith(clitic) and folded_word[: -len(clitic)] in self._spanish
            for clitic in _CLITICS
        )


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of this process."""
    return Lexicon()


__all__ = ["Lexicon", "folded", "lexicon"]
