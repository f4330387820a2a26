"""Lists of names and the two dictionaries, loaded once per process. Knows words, not sentences."""

import gzip
import tomllib
from functools import cache, cached_property
from pathlib import Path

from uncase_pipeline.anonymized.normalize import folded
from uncase_pipeline.dialogue.remembered import Remembered
from uncase_pipeline.errors import UncaseError

_DATA = Path(__file__).parent.parent / "data"
_CLITICS = (
    "selo",
    "sela",
    "melo",
    "mela",
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
_SHORTEST_SLIP = 5
_ACRONYM = 3


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


def _load_allowed() -> dict[str, frozenset[str]]:
    lists = tomllib.loads((_DATA / "allowed.toml").read_text(encoding="utf-8"))
    return {domain: frozenset(map(folded, entry["words"].split())) for domain, entry in lists.items()}


class Lexicon:
    """What is known of single words. Words are folded, except where a method says otherwise."""

    def __init__(self) -> None:
        self.given = _load("given") | _load("nicknames")
        self.family = _load("family")
        self.women = _load("given_women")
        self.men = _load("given_men")
        self.english = _load("words_en")
        self._spanish = _load("words_es")
        self._common = _load("common")
        self._frequent = _load("frequent")
        self._allowed = _load_allowed()
        self.is_word = Remembered(self._is_word, 200_000).of
        self.is_weak = Remembered(self._is_weak, 200_000).of
        self.starts_plainly = Remembered(self._starts_plainly, 200_000).of
        self._near_name = Remembered(self._is_near_name, 100_000).of
        self.is_settled = Remembered(self._is_settled, 200_000).of

    def is_name(self, word: str) -> bool:
        """Return whether a word is on a list of names."""
        return word in self.given or word in self.family

    def is_spanish(self, word: str) -> bool:
        """Return whether a word is in the Spanish dictionary, clitics stripped."""
        return word in self._spanish or any(
            word.endswith(clitic) and word[: -len(clitic)] in self._spanish for clitic in _CLITICS
        )

    def is_allowed(self, word: str, domain: str | None) -> bool:
        """Return whether a domain's allow-list has a word; without a domain every list counts."""
        if domain is None:
            return any(word in words for words in self._allowed.values())
        return word in self._allowed["all"] or word in self._allowed.get(domain, ())

    def near_name(self, word: str) -> bool:
        """Return whether an unknown word is a given name with one letter left out, added, replaced or swapped."""
        return self._near_name(word)

    def _is_near_name(self, word: str) -> bool:
        if len(word) < _SHORTEST_SLIP or not word.isalpha():
            return False
        left_out = {word[:at] + word[at + 1 :] for at in range(len(word))}
        return word in self._slips or any(short in self.given or short in self._slips for short in left_out)

    @cached_property
    def _slips(self) -> frozenset[str]:
        """Every given name of five letters or more with one letter left out."""
        return frozenset(
            name[:at] + name[at + 1 :]
            for name in self.given
            if len(name) >= _SHORTEST_SLIP
            for at in range(len(name))
        )

    def is_frequent(self, word: str) -> bool:
        """Return whether a word is so frequent that it is no name in any case."""
        return word in self._frequent

    def is_common(self, word: str) -> bool:
        """Return whether a word, in lower case, is next to never a name."""
        return word in self._common

    def _is_word(self, word: str) -> bool:
        return word in self.english or self.is_spanish(word)

    def _is_settled(self, text: str) -> bool:
        """Return whether a word, as written, is no name whatever stands around it."""
        if not text[0].isalpha():
            return True
        word = folded(text)
        if word in self._frequent:
            return True
        if word in self._common:
            return text.islower() or not self.is_name(word)
        if len(word) == 1 or (text.isupper() and len(word) <= _ACRONYM and not self.is_name(word)):
            return True
        return text.islower() and self._is_word(word) and not self.is_name(word)

    def _is_weak(self, text: str) -> bool:
        """Return whether a word, as written, is a name only in company: ``price``, after a given name or a title."""
        word = folded(text)
        return text.islower() and not self.is_name(word) and self._is_word(word)

    def _starts_plainly(self, text: str) -> bool:
        """Return whether a word, capitalized because a sentence starts with it, is no name."""
        word = folded(text)
        return text[1:].islower() and self._is_word(word) and not self.is_name(word)


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of this process."""
    return Lexicon()
