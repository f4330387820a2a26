"""Cue phrases of the dialogue acts, es and en. Knows phrases and how to find them, not how a turn is cut.

The phrases are in ``cues.toml``: folded words with spaces. Adding a cue is adding a phrase there. Within a
clause the act that comes first in ``_PRIORITY`` wins.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Beginning:
    """The cues that begin with one word: the word alone, and longer ones by their second word."""

    alone: Cue | None = None
    longer: dict[str, list[tuple[tuple[str, ...], Cue]]] = field(default_factory=dict)


class Cues:
    """Phrases, found by their first word, and longer ones by their first two."""

    def __init__(self, tables: Iterable[dict[str, list[str]]], *, free: frozenset[str] = frozenset()) -> None:
        self._words: dict[str, _Beginning] = {}
        for table in tables:
            for act, phrases in table.items():
                for phrase in phrases:
                    words = tuple(phrase.split())
                    self._add(words, Cue(act, len(words), act in free))
        for beginning in self._words.values():
            for longer in beginning.longer.values():
                longer.sort(key=lambda entry: (-len(entry[0]), _PRIORITY.index(entry[1].act)))

    def _add(self, words: tuple[str, ...], cue: Cue) -> None:
        beginning = self._words.setdefault(words[0], _Beginning())
        if len(words) > 1:
            beginning.longer.setdefault(words[1], []).append((words, cue))
        elif beginning.alone is None or _PRIORITY.index(cue.act) < _PRIORITY.index(beginning.alone.act):
            beginning.alone = cue

    def every(self) -> Iterator[Cue]:
        """Yield every cue."""
        for beginning in self._words.values():
            if beginning.alone:
                yield beginning.alone
            yield from (cue for longer in beginning.longer.values() for _, cue in longer)

    def at(self, words: tuple[str, ...], start: int) -> Cue | None:
        """Return the longest cue that begins at this word."""
        beginning = self._words.get(words[start])
        if beginning is None:
            return None
        if beginning.longer and start + 1 < len(words) and words[start + 1] in beginning.longer:
            for phrase, cue in beginning.longer[words[start + 1]]:
                if words[start : start + cue.length] == phrase:
                    return cue
        return beginning.alone

    def best(self, words: tuple[str, ...]) -> str | None:
        """Return the act with the highest priority among the cues in the words; no word serves two cues."""
        if self._words.keys().isdisjoint(words):
            return None
        found: set[str] = set()
        end = 0
        for start, word in enumerate(words):
            if word in self._words and start >= end and (cue := self.at(words, start)):
                found.add(cue.act)
                end = start + cue.length
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
