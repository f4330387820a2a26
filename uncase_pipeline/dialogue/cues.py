"""Cue phrases of the dialogue acts, es and en. Knows phrases and how to find them, not how a turn is cut.

The phrases are in ``cues.toml``: folded words with spaces. Adding a cue is adding a phrase there. Within a
clause the act that comes first in ``_PRIORITY`` wins.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

_PRIORITY = (
    "refuse",
    "apologize",
    "clarify",
    "propose",
    "request",
    "explain",
    "close",
    "confirm",
    "acknowledge",
    "thank",
    "greet",
    "ask",
)


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase that was found.

    Attributes:
        act: What it marks.
        length: Words that it covers.
        free: Whether a lead marker counts without a comma after it.
    """

    act: str
    length: int
    free: bool = False


class Cues:
    """Phrases indexed by their first word, longest first."""

    def __init__(self, tables: Iterable[dict[str, list[str]]], *, free: frozenset[str] = frozenset()) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Cue]]] = defaultdict(list)
        for table in tables:
            for act, phrases in table.items():
                for phrase in phrases:
                    words = tuple(phrase.split())
                    self._by_first[words[0]].append((words, Cue(act, len(words), act in free)))
        for phrases_of_word in self._by_first.values():
            phrases_of_word.sort(key=lambda entry: (-len(entry[0]), _PRIORITY.index(entry[1].act)))

    def at(self, words: tuple[str, ...], start: int) -> Cue | None:
        """Return the longest cue that begins at this word."""
        for phrase, cue in self._by_first.get(words[start], ()):
            if words[start : start + cue.length] == phrase:
                return cue
        return None

    def best(self, words: tuple[str, ...]) -> str | None:
        """Return the act with the highest priority among all cues in the words."""
        found = {cue.act for start in range(len(words)) if (cue := self.at(words, start))}
        return min(found, key=_PRIORITY.index) if found else None


def _tables(place: str, free: frozenset[str] = frozenset()) -> dict[str | None, Cues]:
    by_language = _PHRASES[place]
    return {
        **{language: Cues([table], free=free) for language, table in by_language.items()},
        None: Cues(by_language.values(), free=free),
    }


_PHRASES = tomllib.loads(files(__package__).joinpath("cues.toml").read_text("utf-8"))

LEADING = _tables("leading", frozenset({"greet", "thank", "apologize", "close"}))
"""At the head of a clause; the acts named here need no comma after them."""
STATEMENT = _tables("statement")
QUESTION = _tables("question")
ANYWHERE = _tables("anywhere")
"""Acts that stand beside the act of the clause."""
OPENERS = _tables("opener")
"""First words that make a clause a question without a question mark."""
