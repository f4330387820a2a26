"""People and places in a text: rules, lists and the model, in union. Knows no conversation.

A lone listed word (``Chelsea``, ``Washington``) counts only where the model does not rule a person out; what
rules and lists say of two words or more counts by itself.
"""

from collections.abc import Iterator
from dataclasses import replace

from uncase_pipeline.anonymized.names.lexicon import Lexicon, lexicon
from uncase_pipeline.anonymized.names.model import NAME_FROM, NameModel
from uncase_pipeline.anonymized.names.rules import NameRules
from uncase_pipeline.anonymized.names.words import letters, words
from uncase_pipeline.anonymized.spans import Span

_LONE = 0.6
_POSSIBLE = 0.1
_SURE = 0.5
_BESIDE = 0.1


class NameDetector:
    """All name detectors as one."""

    def __init__(self, lists: Lexicon | None = None, model: NameModel | None = None) -> None:
        self._lists = lists or lexicon()
        self._rules = NameRules(self._lists)
        self._model = model or NameModel(lists=self._lists)

    @property
    def version(self) -> str:
        """Names the model."""
        return f"names-{self._model.version}"

    def detect(self, text: str, *, places: bool = False) -> Iterator[Span]:
        """Yield spans in a normalized text."""
        cues = self._rules.cues(text)
        if not self._rules.asks(cues) and all(map(self._lists.is_settled, letters(text))):
            return
        tokens = words(text)
        chances = self._model.tag(text, tokens, places=places)
        people = {span.start: span.score for span in chances.values() if span.entity == "PERSON"}
        for span in self._rules.detect(text, tokens, cues):
            if span.detector != "list" or span.score > _LONE or people.get(span.start, 0.0) >= _POSSIBLE:
                yield span
        yield from (span for span in _joined(chances) if span.entity != "PERSON" or span.score >= NAME_FROM)


def _joined(chances: dict[int, Span]) -> Iterator[Span]:
    """Raise the score of a word beside a likely part of a name: whole names are found, not halves."""
    for index, span in chances.items():
        beside = (chances.get(index - 1), chances.get(index + 1))
        sure = any(other and other.entity == "PERSON" and other.score >= _SURE for other in beside)
        if span.entity == "PERSON" and span.score < NAME_FROM and sure and span.score >= _BESIDE:
            yield replace(span, score=NAME_FROM)
        else:
            yield span
