"""The name model: a small conditional random field that ships with the project. Knows labels, not policies.

Words that are frequent and never names are not worth asking about: only stretches around the others are
tagged, which is most of the speed.
"""

# ruff: noqa: SIM905 - word lists read better as text

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from uncase_pipeline.anonymized.names.crf import Chain, Crf, DamagedModelError, Row
from uncase_pipeline.anonymized.names.features import Features
from uncase_pipeline.anonymized.names.lexicon import Lexicon, lexicon
from uncase_pipeline.anonymized.names.scores import Scores
from uncase_pipeline.anonymized.names.words import Word, Words, key
from uncase_pipeline.anonymized.spans import Span
from uncase_pipeline.dialogue.remembered import Remembered
from uncase_pipeline.errors import UncaseError

MODEL = Path(__file__).parent.parent / "data" / "names.crfsuite"
ENTITY = {"PER": "PERSON", "LOC": "PLACE", "ORG": "ORGANIZATION"}
_AROUND = 3
_SENTENCE_ENDS = frozenset('.!?¡¿:;"')
NAME_FROM = 0.25
"""From this probability on a word is taken for part of a name."""
_WORTH_TELLING = 0.02
BETWEEN = frozenset("- de del la las los van den der von bin da das dos di".split())
"""What may stand between two words of one name."""
_MOST_BETWEEN = 2
_REMEMBERED = 50_000
_SETTLED, _WEAK, _OPEN = range(3)
PLACE_UNTIL = 0.5
"""Below this probability of being nothing, a word is taken for a place or an organization."""


@dataclass(frozen=True, slots=True)
class Question:
    """A text whose words the model is asked about.

    Attributes:
        text: Normalized.
        words: Its words.
        cued: Whether a cue phrase may make a name even of an ordinary word.
        expected: Where a cue phrase ends, so that a name may begin.
    """

    text: str
    words: Words
    cued: bool = False
    expected: frozenset[int] = frozenset()


class _Stretch(NamedTuple):
    """Words around some that are asked about; indexes of those count from its begin."""

    question: int
    texts: Sequence[str]
    begin: int
    asked: list[int]


class NameModel:
    """Tags names with the shipped model."""

    def __init__(self, path: Path = MODEL, lists: Lexicon | None = None) -> None:
        self._lists = lists or lexicon()
        self._path = path
        try:
            self._crf = Crf.read(path)
        except (OSError, DamagedModelError):
            raise UncaseError(
                "missing-model",
                f"The name model {path.name} is missing or damaged.",
                "Reinstall uncase-pipeline or run `make model`; without it nothing is anonymized.",
            ) from None
        self._scores = Scores(self._crf, Features(self._lists))
        self._column = {label: column for column, label in enumerate(self._crf.labels)}
        self._standing = Remembered(self._stands, _REMEMBERED).of

    @cached_property
    def version(self) -> str:
        """The model's digest."""
        return hashlib.sha256(self._path.read_bytes()).hexdigest()[:12]

    def tag(self, questions: Sequence[Question], *, places: bool = False) -> list[dict[int, Span]]:
        """Return per text and by index a span for every word that is asked about and may be part of a name.

        The spans of people carry the probability, however small; whoever asks has other evidence too. Places
        and organizations are returned where they are wanted and likely.
        """
        found: list[dict[int, Span]] = [{} for _ in questions]
        stretches = [
            stretch
            for number, question in enumerate(questions)
            for stretch in self._stretches(number, question)
        ]
        if not stretches:
            return found
        flat = [question.text.islower() or question.text.isupper() for question in questions]
        scores = self._scores.of([(stretch.texts, flat[stretch.question]) for stretch in stretches])
        for stretch, factors in zip(stretches, scores, strict=True):
            words = questions[stretch.question].words
            found[stretch.question] |= self._tagged(stretch, words, factors, places=places)
        return found

    def _stretches(self, number: int, question: Question) -> Iterator[_Stretch]:
        """Yield where to tag, and which words of the stretch are asked about."""
        texts = question.words.texts
        begin = end = -1
        asked: list[int] = []
        for index in self._open(question):
            if asked and index - _AROUND > end:
                yield _Stretch(number, texts[begin:end], begin, asked)
                asked = []
            if not asked:
                begin = max(0, index - _AROUND)
            asked.append(index - begin)
            end = min(len(texts), index + _AROUND + 1)
        if asked:
            yield _Stretch(number, texts[begin:end], begin, asked)

    def _open(self, question: Question) -> list[int]:
        """Return the words that could be part of a name."""
        texts, cued = question.words.texts, question.cued
        opened = [
            index
            for index, standing in enumerate(map(self._standing, texts))
            if standing != _SETTLED
            and not (standing == _WEAK and not cued)
            and not (
                (index == 0 or texts[index - 1] in _SENTENCE_ENDS)
                and self._lists.starts_plainly(texts[index])
            )
        ]
        places = map(question.words.at, question.expected)
        rare = {place for place in places if place is not None and self._lists.is_rare(texts[place])}
        return sorted({*opened, *rare}) if rare else opened

    def _tagged(
        self, stretch: _Stretch, words: Words, factors: Sequence[Row], *, places: bool
    ) -> dict[int, Span]:
        _, texts, begin, asked = stretch
        weak = [index for index, standing in enumerate(map(self._standing, texts)) if standing == _WEAK]
        wanted = sorted({*asked, *weak})
        first = max(0, wanted[0] - _AROUND)
        last = min(len(texts) - 1, wanted[-1] + _AROUND)
        chain = Chain(self._crf, factors, first, last)
        person = self._column["PER"]
        chances = {index: chain.chances(index) for index in wanted}
        for index in [index for index, chance in chances.items() if chance[person] >= NAME_FROM]:
            for beside in {index - 1, index + 1, neighbour(texts, index, -1), neighbour(texts, index, 1)}:
                if beside not in chances and first <= beside <= last and self._may_join(texts[beside]):
                    chances[beside] = chain.chances(beside)
        found = {
            begin + index: _span("PERSON", words[begin + index], chance[person])
            for index, chance in chances.items()
            if chance[person] >= _WORTH_TELLING
        }
        if places:
            found |= {
                begin + index: _span(self._place(chances[index]), words[begin + index], 0.5)
                for index in asked
                if chances[index][person] < NAME_FROM and chances[index][self._column["O"]] < PLACE_UNTIL
            }
        return found

    def _stands(self, text: str) -> int:
        return _SETTLED if self._lists.is_settled(text) else _WEAK if self._lists.is_weak(text) else _OPEN

    def _may_join(self, text: str) -> bool:
        return text[0].isupper() or (text[0].isalpha() and not self._lists.is_frequent(key(text)))

    def _place(self, chances: Sequence[float]) -> str:
        return ENTITY[max(("LOC", "ORG"), key=lambda label: chances[self._column[label]])]


def neighbour(texts: Sequence[str], index: int, step: int) -> int:
    """Return the index of the next word to one side, over a hyphen or the particles of a name."""
    beside = index + step
    for _ in range(_MOST_BETWEEN):
        if not (0 <= beside < len(texts) and key(texts[beside]) in BETWEEN):
            break
        beside += step
    return beside


def _span(entity: str, token: Word, score: float) -> Span:
    return Span(entity, token.start, token.end, round(score, 3), "model")


def describe(model: NameModel) -> dict[str, Any]:
    """Return what a certificate says of the model."""
    return {"file": MODEL.name, "sha256": model.version}


__all__ = ["ENTITY", "MODEL", "NameModel", "describe"]
