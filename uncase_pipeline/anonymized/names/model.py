"""The name model: a small conditional random field that ships with the project. Knows labels, not policies.

Words that are frequent and never names are not worth asking about: only stretches around the others are
tagged, which is most of the speed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from uncase_pipeline.anonymized.names.features import Features
from uncase_pipeline.anonymized.names.lexicon import Lexicon, lexicon
from uncase_pipeline.anonymized.names.words import Word, key
from uncase_pipeline.anonymized.spans import Span
from uncase_pipeline.errors import UncaseError

MODEL = Path(__file__).parent.parent / "data" / "names.crfsuite"
ENTITY = {"PER": "PERSON", "LOC": "PLACE", "ORG": "ORGANIZATION"}
_AROUND = 3
_SENTENCE_ENDS = frozenset('.!?¡¿:;"')
NAME_FROM = 0.25
"""From this probability on a word is taken for part of a name."""
_WORTH_TELLING = 0.02
PLACE_UNTIL = 0.5
"""Below this probability of being nothing, a word is taken for a place or an organization."""


class NameModel:
    """Tags names with the shipped model."""

    def __init__(self, path: Path = MODEL, lists: Lexicon | None = None) -> None:
        import pycrfsuite

        self._lists = lists or lexicon()
        self._features = Features(self._lists)
        self._tagger = pycrfsuite.Tagger()
        self._path = path
        try:
            self._tagger.open(str(path))
        except (OSError, ValueError):
            raise UncaseError(
                "missing-model",
                f"The name model {path.name} is missing or damaged.",
                "Reinstall uncase-pipeline or run `make model`; without it nothing is anonymized.",
            ) from None

    @cached_property
    def version(self) -> str:
        """The model's digest."""
        return hashlib.sha256(self._path.read_bytes()).hexdigest()[:12]

    def tag(
        self, text: str, tokens: Sequence[Word], *, cued: bool = False, places: bool = False
    ) -> dict[int, Span]:
        """Return, by index, a span for every word that is asked about and may be part of a name.

        The spans of people carry the probability, however small; whoever asks has other evidence too. Places
        and organizations are returned where they are wanted and likely.
        """
        flat = text.islower() or text.isupper()
        found: dict[int, Span] = {}
        for begin, end, asked in self._stretches(tokens, cued=cued):
            found |= self._tag(tokens, begin, end, asked, flat=flat, places=places)
        return found

    def _stretches(self, tokens: Sequence[Word], *, cued: bool) -> Iterator[tuple[int, int, list[int]]]:
        """Yield where to tag, and which words of the stretch are asked about."""
        begin = end = -1
        asked: list[int] = []
        for index in self._open(tokens, cued=cued):
            if asked and index - _AROUND > end:
                yield begin, end, asked
                asked = []
            if not asked:
                begin = max(0, index - _AROUND)
            asked.append(index - begin)
            end = min(len(tokens), index + _AROUND + 1)
        if asked:
            yield begin, end, asked

    def _open(self, tokens: Sequence[Word], *, cued: bool) -> Iterator[int]:
        """Yield the words that could be part of a name."""
        settled, weak, starts_plainly = (
            self._lists.is_settled,
            self._lists.is_weak,
            self._lists.starts_plainly,
        )
        first = True
        for index, token in enumerate(tokens):
            text = token.text
            if not (settled(text) or (first and starts_plainly(text)) or (weak(text) and not cued)):
                yield index
            first = token.text in _SENTENCE_ENDS

    def _tag(
        self, tokens: Sequence[Word], begin: int, end: int, asked: list[int], *, flat: bool, places: bool
    ) -> dict[int, Span]:
        marginal = self._tagger.marginal
        self._tagger.set(self._features.of(tokens[begin:end], flat=flat))
        weak = (index for index in range(end - begin) if self._is_open_and_weak(tokens[begin + index].text))
        chances = {index: marginal("PER", index) for index in {*asked, *weak}}
        for index in [index for index, chance in chances.items() if chance >= NAME_FROM]:
            for beside in (index - 1, index + 1):
                if (
                    beside not in chances
                    and 0 <= beside < end - begin
                    and self._may_join(tokens[begin + beside])
                ):
                    chances[beside] = marginal("PER", beside)
        found = {
            begin + index: _span("PERSON", tokens[begin + index], chance)
            for index, chance in chances.items()
            if chance >= _WORTH_TELLING
        }
        if places:
            found |= {
                begin + index: _span(self._place(index), tokens[begin + index], 0.5)
                for index in asked
                if chances[index] < NAME_FROM and marginal("O", index) < PLACE_UNTIL
            }
        return found

    def _is_open_and_weak(self, text: str) -> bool:
        return not self._lists.is_settled(text) and self._lists.is_weak(text)

    def _may_join(self, token: Word) -> bool:
        return token.text[0].isupper() or (
            token.text[0].isalpha() and not self._lists.is_frequent(key(token.text))
        )

    def _place(self, index: int) -> str:
        return ENTITY[max(("LOC", "ORG"), key=lambda label: self._tagger.marginal(label, index))]


def _span(entity: str, token: Word, score: float) -> Span:
    return Span(entity, token.start, token.end, round(score, 3), "model")


def describe(model: NameModel) -> dict[str, Any]:
    """Return what a certificate says of the model."""
    return {"file": MODEL.name, "sha256": model.version}


__all__ = ["ENTITY", "MODEL", "NameModel", "describe"]
