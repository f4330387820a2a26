"""What a shape is and how many of them are looked for at once. Knows no particular identifier.

A shape is written in RE2 syntax (no look-around); the word boundary is added here. One multi-pattern pass of
RE2 says which shapes may occur in a text, and only those are searched.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from uncase_pipeline.anonymized.prefilter import which_may_match
from uncase_pipeline.anonymized.spans import Span

Check = Callable[[str], bool]
_ANY_CASE = "(?i)"


@dataclass(frozen=True, slots=True)
class Shape:
    """One pattern of one identifier type.

    Attributes:
        entity: Name in ``entities.ENTITIES``.
        regex: RE2 syntax; a group named ``id`` narrows what is covered (cue words stay readable).
        score: Confidence of a bare match.
        check: A checksum or range test; passing it raises the confidence, failing it suppresses nothing.
        checked: Confidence of a match that passes the check.
        require: A test that a match must pass, for what a regular expression can't say.
        anywhere: Whether the match may touch letters and digits around it.
    """

    entity: str
    regex: str
    score: float
    check: Check | None = None
    checked: float = 0.99
    require: Check | None = None
    anywhere: bool = False

    def compiled(self) -> re.Pattern[str]:
        """Return the expression that is searched."""
        bare = self.regex.removeprefix(_ANY_CASE)
        bounded = bare if self.anywhere else rf"(?<![\w])(?:{bare})(?![\w])"
        return re.compile(bounded, re.IGNORECASE if bare != self.regex else re.NOFLAG)


class ShapeDetector:
    """Finds many shapes in many texts. An expression is compiled when it may match for the first time."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self._shapes = shapes
        self._compiled = cache(Shape.compiled)
        self._possible = which_may_match(shape.regex for shape in shapes)

    def detect_all(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return every match of every shape in each text, overlapping ones too."""
        return [
            [span for index in possible for span in self._matches(index, text)] if possible else []
            for text, possible in zip(texts, self._possible(texts), strict=True)
        ]

    def _matches(self, index: int, text: str) -> Iterator[Span]:
        shape = self._shapes[index]
        pattern = self._compiled(shape)
        group = "id" if "id" in pattern.groupindex else 0
        for match in pattern.finditer(text):
            found = match[group]
            if shape.require is None or shape.require(found):
                score = shape.checked if shape.check and shape.check(found) else shape.score
                yield Span(shape.entity, match.start(group), match.end(group), score, "shape")
