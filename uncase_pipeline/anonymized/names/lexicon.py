"""Lists of names and the two dictionaries, loaded once per process. Knows words, not sentences."""

import gzip
import tomllib
from bisect import bisect
from collections.abc import Iterator
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
_SHORTEST_RARE = 3
_PER_NAT = 100
_SOUND_LEVELS = (-1.2, -0.6, -0.2, 0.2, 0.6, 1.2)
_SOUND_EVEN = 3


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


def _load_sounds() -> dict[str, int]:
    rows = (line.rsplit(" ", 1) for line in _load("sounds"))
    return {letters: int(weight) for letters, weight in rows}


def threes(word: str) -> list[str]:
    """Return each three letters in a row, the word's begin and end marked: ``^ana$``."""
    marked = f"^{word}$"
    return [marked[at : at + 3] for at in range(max(1, len(marked) - 2))]


class Lexicon:
    """What is known of single words. Words are folded, except where a method says otherwise."""

    def __init__(self) -> None:
        self.given = _load("given") | _load("nicknames")
        self.family = _load("family")
        self.women = _load("given_women")
        self.men = _load("given_men")
        self.english = _load("words_en")
        self.spanish = _load("words_es")
        self._common = _load("common")
        self._frequent = _load("frequent")
        self._allowed = _load_allowed()
        self._sounds = _load_sounds()
        self.is_rare = Remembered(self._is_rare, 100_000).of
        self.is_word = Remembered(self._is_word, 200_000).of
        self.is_weak = Remembered(self._is_weak, 200_000).of
        self.starts_plainly = Remembered(self._starts_plainly, 200_000).of
        self.near_name = _Slips(self.given).near
        self.near_family_name = _Slips(self.family).near
        self.near_frequent = _Slips(self._frequent).near
        self.is_settled = Remembered(self._is_settled, 200_000).of

    def is_name(self, word: str) -> bool:
        """Return whether a word is on a list of names."""
        return word in self.given or word in self.family

    def is_spanish(self, word: str) -> bool:
        """Return whether a word is in the Spanish dictionary, clitics stripped."""
        return word in self.spanish or any(
            word.endswith(clitic) and word[: -len(clitic)] in self.spanish for clitic in _CLITICS
        )

    def is_allowed(self, word: str, domain: str | None) -> bool:
        """Return whether a domain's allow-list has a word; without a domain every list counts."""
        if domain is None:
            return any(word in words for words in self._allowed.values())
        return word in self._allowed["all"] or word in self._allowed.get(domain, ())

    def sound(self, word: str) -> str:
        """Return whether letters follow each other as in names (``+``) or in words (``-``), and how much."""
        parts = threes(word)
        told = sum(self._sounds.get(part, 0) for part in parts) / (_PER_NAT * len(parts))
        level = bisect(_SOUND_LEVELS, told)
        return f"{'-' if level < _SOUND_EVEN else '0' if level == _SOUND_EVEN else '+'}{level}"

    def is_frequent(self, word: str) -> bool:
        """Return whether a word is so frequent that it is no name in any case."""
        return word in self._frequent

    def is_common(self, word: str) -> bool:
        """Return whether a word, in lower case, is next to never a name."""
        return word in self._common

    def _is_rare(self, text: str) -> bool:
        """Return whether a word is seldom said, so that where a name is to be expected it may be one: ``flaco``."""
        word = folded(text)
        return (
            len(word) >= _SHORTEST_RARE
            and word.isalpha()
            and word not in self._frequent
            and word not in self._common
        )

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


def without_one(word: str) -> Iterator[str]:
    """Return the word with each of its letters left out: two words one edit apart share one of these."""
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


class _Slips:
    """Which unknown words may be one of a list with one letter left out, added, replaced or swapped: ``woudl``."""

    def __init__(self, words: frozenset[str]) -> None:
        self._words = words
        self.near = Remembered(self._is_near, 100_000).of

    @cached_property
    def _shorter(self) -> frozenset[str]:
        """Every word of five letters or more with one letter left out."""
        return frozenset(
            short for word in self._words if len(word) >= _SHORTEST_SLIP for short in without_one(word)
        )

    def _is_near(self, word: str) -> bool:
        if len(word) < _SHORTEST_SLIP - 1 or not word.isalpha():
            return False
        return word in self._shorter or (
            len(word) >= _SHORTEST_SLIP
            and any(short in self._words or short in self._shorter for short in without_one(word))
        )


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of this process."""
    return Lexicon()
