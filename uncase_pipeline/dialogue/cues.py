"""Cue phrases of the dialogue acts, es and en. Knows phrases and how to find them, not how a turn is cut.

The phrases are in ``cues.toml``: folded words with spaces. Adding a cue is adding a phrase there. Within a
clause the act that comes first in ``_PRIORITY`` wins.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
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
    """Phrases, found by their first word, and longer ones by their first two."""

    def __init__(self, tables: Iterable[dict[str, list[str]]], *, free: frozenset[str] = frozenset()) -> None:
        self._words: dict[str, Cue | None] = {}
        self._pairs: defaultdict[tuple[str, ...], list[tuple[tuple[str, ...], Cue]]] = defaultdict(list)
        for table in tables:
            for act, phrases in table.items():
                for phrase in phrases:
                    words = tuple(phrase.split())
                    self._add(words, Cue(act, len(words), act in free))
        for longer in self._pairs.values():
            longer.sort(key=lambda entry: (-len(entry[0]), _PRIORITY.index(entry[1].act)))

    def _add(self, words: tuple[str, ...], cue: Cue) -> None:
        if len(words) > 1:
            self._pairs[words[:2]].append((words, cue))
            self._words.setdefault(words[0], None)
        else:
            known = self._words.get(words[0])
            best = known is None or _PRIORITY.index(cue.act) < _PRIORITY.index(known.act)
            self._words[words[0]] = cue if best else known

    def every(self) -> Iterator[Cue]:
        """Yield every cue."""
        yield from filter(None, self._words.values())
        yield from (cue for longer in self._pairs.values() for _, cue in longer)

    def at(self, words: tuple[str, ...], start: int) -> Cue | None:
        """Return the longest cue that begins at this word."""
        if words[start] not in self._words:
            return None
        for phrase, cue in self._pairs.get(words[start : start + 2], ()):
            if words[start : start + cue.length] == phrase:
                return cue
        return self._words[words[start]]

    def best(self, words: tuple[str, ...]) -> str | None:
        """Return the act with the highest priority among the cues in the words; no word serves two cues."""
        found: set[str] = set()
        end = 0
        for start in [at for at, word in enumerate(words) if word in self._words]:
            if start >= end and (cue := self.at(words, start)):
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
