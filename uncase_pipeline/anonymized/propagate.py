"""What was found once is found everywhere in the conversation. Knows found values, not detectors.

Names are looked for word by word, case and accents folded, one typing error allowed; a name that is an
ordinary word (``Dolores``, ``Will``) is looked for only in the case in which names are written. Other values
are looked for by their letters and digits, whatever stands between them.
"""

# ruff: noqa: SIM905 - word lists read better as text

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain

from uncase_pipeline.anonymized.names.lexicon import lexicon, without_one
from uncase_pipeline.anonymized.names.words import (
    PIECES,
    Word,
    key,
    letters,
    parts,
    parts_of,
    words,
)
from uncase_pipeline.anonymized.normalize import normalize
from uncase_pipeline.anonymized.spans import Span
from uncase_pipeline.dialogue.remembered import Remembered

_SHORTEST_NAME = 3
_SHORTEST_TYPO = 5
_SHORTEST_VALUE = 4
_NEVER_ALONE = frozenset(("de del la las los san santa van von der don doña mr mrs dr sra").split())
_BY_VALUE = re.compile(r"[^\W_]+")


class Known:
    """The identifiers of one conversation."""

    def __init__(self) -> None:
        self._lists = lexicon()
        self._names: set[str] = set()
        self._word_names: set[str] = set()
        self._typos: dict[str, str] = {}
        self._values: dict[tuple[str, ...], str] = {}

    def add(self, entity: str, text: str) -> None:
        """Learn a value that some detector found, or that the export's metadata names."""
        if entity == "PERSON":
            for word in words(normalize(text).text):
                self._add_name(word.text)
            return
        value = tuple(parts(normalize(text).text))
        if (sum(map(len, value)) >= _SHORTEST_VALUE and any(c.isdigit() for part in value for c in part)) or (
            entity in {"EMAIL", "HANDLE"} and value
        ):
            self._values[value] = entity

    def _add_name(self, text: str) -> None:
        name = key(text)
        if len(name) < _SHORTEST_NAME or not name[0].isalpha() or name in _NEVER_ALONE:
            return
        if self._lists.is_word(name):
            self._word_names.add(name)
            return
        self._names.add(name)
        if len(name) >= _SHORTEST_TYPO:
            self._typos.update((shorter, name) for shorter in without_one(name))

    def find_all(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return, per text, every place where something known stands again, in offsets of the text."""
        if not (self._names or self._word_names or self._values):
            return [[] for _ in texts]
        shapes = [normalize(text) for text in texts]
        pieces = [shape.text.split() for shape in shapes]
        names, values = self._telling(frozenset(chain.from_iterable(pieces)))
        return [
            [
                *(() if names.isdisjoint(some) else map(shape.back, self._names_in(shape.text))),
                *(() if values.isdisjoint(some) else map(shape.back, self._values_in(shape.text))),
            ]
            for shape, some in zip(shapes, pieces, strict=True)
        ]

    def _telling(self, pieces: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Return the pieces that a known name may stand in, and those that a known value may begin in."""
        unlisted = frozenset(chain.from_iterable(_unlisted.of_each(pieces)))
        names = {*self._names, *self._word_names, *filter(self._is_misspelt, unlisted)}
        values = frozenset(self._first_parts)
        known = names | values
        forms = zip(pieces, _forms.of_each(pieces), strict=True)
        telling = [(piece, some) for piece, some in forms if not known.isdisjoint(some)]
        return (
            frozenset([piece for piece, some in telling if not names.isdisjoint(some)]),
            frozenset([piece for piece, some in telling if not values.isdisjoint(some)]),
        )

    def _names_in(self, text: str) -> Iterator[Span]:
        tokens = words(text)
        known = {word for word in frozenset(tokens.texts) if self._is_known_name(word)}
        for start, word in zip(tokens.starts, tokens.texts, strict=True) if known else ():
            if word in known:
                yield Span("PERSON", start, start + len(word), 0.7, "known")

    def _values_in(self, text: str) -> Iterator[Span]:
        return self._find_values([Word(m[0], m.start(), m.end()) for m in _BY_VALUE.finditer(text)])

    @cached_property
    def _first_parts(self) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        """Values by their first part. Made once: what is known is learned before anything is looked for."""
        by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for value, entity in self._values.items():
            by_first.setdefault(value[0], []).append((value, entity))
        return by_first

    def _is_known_name(self, text: str) -> bool:
        name = key(text)
        if name in self._names:
            return True
        if name in self._word_names:
            return text[0].isupper()
        return _is_unlisted(name) and self._is_misspelt(name)

    def _is_misspelt(self, name: str) -> bool:
        if not self._typos:
            return False
        return name in self._typos or any(
            shorter in self._names or shorter in self._typos for shorter in without_one(name)
        )

    def _find_values(self, parts: list[Word]) -> Iterator[Span]:
        keys = [key(part.text) for part in parts]
        for index, first in enumerate(keys):
            for value, entity in self._first_parts.get(first, ()):
                if tuple(keys[index : index + len(value)]) == value:
                    yield Span(entity, parts[index].start, parts[index + len(value) - 1].end, 0.7, "known")


def _forms_of(piece: str) -> frozenset[str]:
    """Return everything in a piece that may be known: words of letters, runs of letters and digits."""
    return frozenset((*map(key, letters(piece)), *parts_of.of(piece)))


def _unlisted_of(piece: str) -> tuple[str, ...]:
    """Return the words of a piece that may be a misspelt name."""
    return tuple(filter(_is_unlisted, map(key, letters(piece))))


def _is_unlisted(name: str) -> bool:
    return len(name) >= _SHORTEST_TYPO and name.isalpha() and not lexicon().is_word(name)


_forms = Remembered(_forms_of, PIECES)
_unlisted = Remembered(_unlisted_of, PIECES)
