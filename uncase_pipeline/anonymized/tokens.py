"""The policy ``tokens``: ``[PERSON_1]``, numbered within a conversation so that two people stay two."""

# ruff: noqa: SIM905 - word lists read better as text

import re

from uncase_pipeline.anonymized.names.words import key
from uncase_pipeline.anonymized.normalize import folded, normalize
from uncase_pipeline.anonymized.spans import Span

_SHORTEST_MISSPELT = 4
_NAME_PART = re.compile(r"[^\W\d_]{2,}")
_PARTICLES = frozenset(("de del la las los y don doña sr sra srta dr dra mr mrs ms").split())


class People:
    """Who is who among the mentions of one conversation."""

    def __init__(self, mentions: list[str]) -> None:
        """Gather people, the fullest mentions first, so that ``Ana`` is the ``Ana López`` of a later turn."""
        self._people: list[frozenset[str]] = []
        self._known: dict[str, int] = {}
        for mention in sorted(mentions, key=lambda text: -len(name_parts(text))):
            parts = name_parts(mention)
            if not any(parts <= person or _misspelt(parts, person) for person in self._people):
                self._people.append(parts)

    def index(self, mention: str) -> int:
        """Return the number of the person that a mention points to; a part that two share starts a third."""
        if mention not in self._known:
            parts = name_parts(mention)
            fitting = [number for number, person in enumerate(self._people) if parts <= person]
            if len(fitting) != 1 and parts in self._people:
                fitting = [self._people.index(parts)]
            if not fitting:
                fitting = [number for number, person in enumerate(self._people) if _misspelt(parts, person)]
            if len(fitting) != 1:
                self._people.append(parts)
                fitting = [len(self._people) - 1]
            self._known[mention] = fitting[0]
        return self._known[mention]


def name_parts(mention: str) -> frozenset[str]:
    """Return the folded words of a name, without titles and particles."""
    found = frozenset(key(part) for part in _NAME_PART.findall(normalize(mention).text)) - _PARTICLES
    return found or frozenset({folded(mention)})


def _misspelt(parts: frozenset[str], person: frozenset[str]) -> bool:
    """Whether every part of a mention is a part of the person, at most one letter or one swap away."""
    return all(any(part == other or one_slip_apart(part, other) for other in person) for part in parts)


def one_slip_apart(left: str, right: str) -> bool:
    """Return whether two words differ by one letter left out, added, replaced or swapped with the next."""
    if min(len(left), len(right)) < _SHORTEST_MISSPELT or abs(len(left) - len(right)) > 1:
        return False
    same = next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )
    one, other = left[same:], right[same:]
    return (
        one[1:] == other[1:]
        or one[1:] == other
        or one == other[1:]
        or (one[:2] == other[1::-1] and one[2:] == other[2:])
    )


class Tokens:
    """Numbers the identifiers of one conversation in the order in which they appear."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._numbers: dict[str, dict[str, int]] = {}

    def substitute(self, span: Span, text: str) -> str:
        """Return the token of an identifier; equal identifiers get equal tokens."""
        if span.entity == "PERSON":
            identity = str(self._people.index(text))
        else:
            identity = re.sub(r"[\W_]+", "", folded(normalize(text).text))
        numbers = self._numbers.setdefault(span.entity, {})
        return f"[{span.entity}_{numbers.setdefault(identity, len(numbers) + 1)}]"
