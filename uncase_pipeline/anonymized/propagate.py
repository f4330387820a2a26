"""What was found once is found everywhere in the conversation. Knows found values, not detectors.

Names are looked for word by word, case and accents folded, one typing error allowed; a name that is an
ordinary word (``Dolores``, ``Will``) is looked for only in the case in which names are written. Other values
are looked for by their letters and digits, whatever stands between them.
"""

# ruff: noqa: SIM905 - word lists read better as text

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from uncase_pipeline.anonymized.names.lexicon import Lexicon, lexicon
from uncase_pipeline.anonymized.names.words import Word, key, letters, words
from uncase_pipeline.anonymized.normalize import normalize
from uncase_pipeline.anonymized.spans import Span

_SHORTEST_NAME = 3
_SHORTEST_TYPO = 5
_SHORTEST_VALUE = 4
_SHORTEST_USER = 6
_NEVER_ALONE = frozenset(("de del la las los san santa van von der don doña mr mrs dr sra").split())
_BY_VALUE = re.compile(r"[^\W_]+")


class Known:
    """The identifiers of one conversation."""

    def __init__(self, lists: Lexicon | None = None) -> None:
        self._lists = lists or lexicon()
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
        parts = tuple(key(part) for part in _BY_VALUE.findall(normalize(text).text))
        if (sum(map(len, parts)) >= _SHORTEST_VALUE and any(c.isdigit() for part in parts for c in part)) or (
            entity in {"EMAIL", "HANDLE"} and parts
        ):
            self._values[parts] = entity

    def _add_user(self, user: str) -> None:
        """Learn the part of a mail before the ``@``: people sign with it elsewhere."""
        parts = tuple(key(part) for part in _BY_VALUE.findall(user))
        if len(parts) == 1 and len(parts[0]) >= _SHORTEST_USER and not self._lists.is_word(parts[0]):
            self._values[parts] = "HANDLE"

    def _add_name(self, text: str) -> None:
        name = key(text)
        if len(name) < _SHORTEST_NAME or not name[0].isalpha() or name in _NEVER_ALONE:
            return
        if self._lists.is_word(name):
            self._word_names.add(name)
            return
        self._names.add(name)
        if len(name) >= _SHORTEST_TYPO:
            self._typos.update((shorter, name) for shorter in _without_one(name))

    def find(self, text: str) -> Iterator[Span]:
        """Yield every place where something known stands again, in offsets of ``text``."""
        if not (self._names or self._word_names or self._values):
            return
        shape = normalize(text)
        if any(map(self._is_known_name, set(letters(shape.text)))):
            for token in words(shape.text):
                if self._is_known_name(token.text):
                    yield shape.back(Span("PERSON", token.start, token.end, 0.7, "known"))
        if self._first_parts:
            parts = [Word(match[0], match.start(), match.end()) for match in _BY_VALUE.finditer(shape.text)]
            for span in self._find_values(parts):
                yield shape.back(span)

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
        if len(name) < _SHORTEST_TYPO or not self._typos or self._lists.is_word(name) or not name.isalpha():
            return False
        return name in self._typos or any(
            shorter in self._names or shorter in self._typos for shorter in _without_one(name)
        )

    def _find_values(self, parts: list[Word]) -> Iterator[Span]:
        keys = [key(part.text) for part in parts]
        for index, first in enumerate(keys):
            for value, entity in self._first_parts.get(first, ()):
                if tuple(keys[index : index + len(value)]) == value:
                    yield Span(entity, parts[index].start, parts[index + len(value) - 1].end, 0.7, "known")


def _without_one(name: str) -> Iterable[str]:
    """Return the name with each of its letters left out: two names one edit apart share one of these."""
    return (name[:index] + name[index + 1 :] for index in range(len(name)))
