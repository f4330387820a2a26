"""People and places in a text: rules, lists and the model, in union. Knows no conversation.

A lone listed word (``Chelsea``, ``Washington``) counts only where the model does not rule a person out; what
rules and lists say of two words or more counts by itself.
"""

# ruff: noqa: SIM905 - a word list reads better as text

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from uncase_pipeline.anonymized.names.lexicon import Lexicon, lexicon
from uncase_pipeline.anonymized.names.model import NameModel, Question, neighbour
from uncase_pipeline.anonymized.names.rules import Cue, NameRules
from uncase_pipeline.anonymized.names.words import PIECES, Word, Words, key, letters, words
from uncase_pipeline.anonymized.spans import Span
from uncase_pipeline.dialogue.remembered import Remembered

_LONE = 0.6
_POSSIBLE = 0.1
_SURE = 0.5
_BEFORE_PLACES = frozenset(
    {
        "in",
        "near",
        "at",
        "outside",
        "around",
        "en",
        "called",
        "named",
        "restaurant",
        "hotel",
        "barrio",
        "colonia",
    }
)
_AUXILIARIES = frozenset({"will", "may"})
_SUBJECTS = frozenset(
    (
        "i you he she it we they there this that these those the a an my your his her our their be not need any all"
        " someone anyone"
    ).split()
)
_SENTENCE_ENDS = frozenset('.!?¡¿:;"')
NEEDED = {
    "given name": 0.03,
    "given name that is a word": 0.06,
    "family name": 0.1,
    "misspelt name": 0.05,
    "misspelt word": 0.3,
    "auxiliary verb": 0.5,
    "unknown word, capitalized": 0.08,
    "unknown word after a word of place": 0.4,
    "unknown word": 0.15,
    "word": 0.15,
    "given and family name": 0.02,
    "beside a name": 0.1,
    "allowed word": 0.95,
    "allowed given name": 0.5,
    "unknown word beside a name": 0.02,
}
"""Probabilities from which a word is masked, tuned on the texts that training held out."""
_ALONE = 0.7
_CERTAIN = 0.9


_PARTICLE_BEFORE = re.compile(
    r"(?<![\w-])(?:(?:St|Mc|Mac|San|Santa|De|Del|Van|Von|Da|Di|Du|Le|La|El|Al|Abu|Ben|Bin|Ibn|Ponce|Montes)\.?\s(?:(?:de|den|der|la|los|las)\s)?"
    r"|(?:[AaEe]l|[Bb]en|[Aa]bu|[Aa]bd)-|(?:st|mc|van|von|abu|bin|ibn|ponce|montes|d[ií]az)\.?\s(?:(?:de|den|der|la|los|las)\s)?"
    r"|[^\W\d_]\.\s?)$"
)
_LONGEST_PARTICLE = 14
_LONGEST_NAME = 24
_ACRONYM = 3


def from_particle(text: str, span: Span) -> Span:
    """Return a name with the particle or the initial before it: ``al-Sayed``, ``St. James``, ``e. martínez``."""
    before = _PARTICLE_BEFORE.search(text, max(0, span.start - _LONGEST_PARTICLE), span.start)
    return replace(span, start=before.start()) if before else span


def _asks(index: int, tokens: Sequence[Word]) -> bool:
    """Whether a question begins here: ``Will you``, ``may I``."""
    return (
        key(tokens[index].text) in _AUXILIARIES
        and index + 1 < len(tokens)
        and tokens[index + 1].text.lower() in _SUBJECTS
    )


class NameDetector:
    """All name detectors as one."""

    def __init__(self, lists: Lexicon | None = None, model: NameModel | None = None) -> None:
        self._lists = lists or lexicon()
        self._rules = NameRules(self._lists)
        self._model = model or NameModel(lists=self._lists)
        self._is_plain = Remembered(self._has_only_plain_words, PIECES)

    @property
    def version(self) -> str:
        """Names the model."""
        return f"names-{self._model.version}"

    def detect(self, text: str, *, domain: str | None = None, places: bool = False) -> Iterator[Span]:
        """Yield spans in a normalized text."""
        return iter(self.detect_all([text], domain=domain, places=places)[0])

    def detect_all(
        self, texts: Sequence[str], *, domain: str | None = None, places: bool = False
    ) -> list[list[Span]]:
        """Return the spans of each normalized text; the model is asked about all of them at once."""
        found: list[list[Span]] = [[] for _ in texts]
        numbers, cues, questions = [], [], []
        pieces = [*map(str.split, texts)]
        telling = self._telling(pieces)
        for number, (text, (told, expected)) in enumerate(zip(texts, self._rules.cues(texts), strict=True)):
            cued = any(cue.asks for cue in told)
            if (
                cued
                or not telling.isdisjoint(pieces[number])
                or any(self._is_rare_at(text, end) for end in expected)
            ):
                numbers.append(number)
                cues.append(told)
                questions.append(Question(text, words(text), cued, expected))
        chances = self._model.tag(questions, places=places)
        for number, question, before, likely in zip(numbers, questions, cues, chances, strict=True):
            found[number] += self._people(question, before, likely, domain)
        return found

    def _telling(self, texts: Sequence[Sequence[str]]) -> frozenset[str]:
        """Return the pieces of some texts that hold a word which may be a name wherever it stands.

        Texts share most of their pieces: each is looked up once in all that is known, and then in the few that tell.
        """
        pieces = frozenset(chain.from_iterable(texts))
        plain = zip(pieces, self._is_plain.of_each(pieces), strict=True)
        return frozenset([piece for piece, is_plain in plain if not is_plain])

    def _is_rare_at(self, text: str, start: int) -> bool:
        word = letters(text[start : start + _LONGEST_NAME])
        return bool(word) and self._lists.is_rare(word[0])

    def _people(
        self, question: Question, cues: Sequence[Cue], chances: dict[int, Span], domain: str | None
    ) -> Iterator[Span]:
        text, tokens = question.text, question.words
        people = {span.start: span.score for span in chances.values() if span.entity == "PERSON"}
        for span in self._rules.detect(text, tokens, cues):
            if span.detector != "list" or self._stands(span, text, people.get(span.start, 0.0), domain):
                yield from_particle(text, span)
        flat = text.islower() or text.isupper()
        for index, span in chances.items():
            if span.entity != "PERSON":
                yield span
            elif span.score >= self._needed(index, tokens, chances, domain, flat=flat):
                sure = self._corroborated(index, tokens, chances)
                yield from_particle(text, span if sure else replace(span, score=min(span.score, _ALONE)))

    def _has_only_plain_words(self, piece: str) -> bool:
        return all(self._lists.is_settled(word) or self._lists.is_weak(word) for word in letters(piece))

    def _stands(self, span: Span, text: str, chance: float, domain: str | None) -> bool:
        """Whether what a list says stands without a cue: two words do, a lone one where the model agrees."""
        if span.score > _LONE:
            return True
        word = key(text[span.start : span.end])
        return chance >= (self._if_allowed(word) if self._lists.is_allowed(word, domain) else _POSSIBLE)

    def _if_allowed(self, word: str) -> float:
        named = word in self._lists.given and len(word) > _ACRONYM
        return NEEDED["allowed given name" if named else "allowed word"]

    def _needed(
        self, index: int, tokens: Words, chances: dict[int, Span], domain: str | None, *, flat: bool
    ) -> float:
        """How likely a word must be to be masked: the more a list or its spelling says, the less."""
        text = tokens[index].text
        word = key(text)
        near = (neighbour(tokens.texts, index, -1), neighbour(tokens.texts, index, 1))
        beside = ((chances.get(at), at) for at in near)
        if any(other and self._is_sure(other, tokens, at, domain) for other, at in beside):
            return (
                NEEDED["beside a name"] if self._lists.is_word(word) else NEEDED["unknown word beside a name"]
            )
        if self._lists.is_allowed(word, domain):
            return self._if_allowed(word)
        if _asks(index, tokens):
            return NEEDED["auxiliary verb"]
        if self._is_pair(index, tokens, domain):
            return NEEDED["given and family name"]
        starts = index == 0 or tokens[index - 1].text in _SENTENCE_ENDS
        placed = index > 0 and tokens[index - 1].text.lower() in _BEFORE_PLACES
        return NEEDED[
            self._standing(word, cased=text[0].isupper() and not flat and not starts, placed=placed)
        ]

    def _standing(self, word: str, *, cased: bool, placed: bool) -> str:
        """Say what a lone word is by the lists, by its spelling and by what stands before it."""
        known = self._lists.is_word(word)
        if word in self._lists.given:
            if cased or not known:
                return "given name"
            return "unknown word after a word of place" if placed else "given name that is a word"
        if word in self._lists.family and (cased or not known):
            return "family name"
        return "word" if known else self._unlisted(word, cased=cased, placed=placed)

    def _unlisted(self, word: str, *, cased: bool, placed: bool) -> str:
        """Say what a word is that no list has."""
        if cased and placed:
            return "unknown word after a word of place"
        if not cased and self._lists.near_frequent(word):
            return "misspelt word"
        plain = "unknown word, capitalized" if cased else "unknown word"
        return "misspelt name" if self._lists.near_name(word) else plain

    def _is_pair(self, index: int, tokens: Sequence[Word], domain: str | None) -> bool:
        """Whether a word and the next, or the one before, are listed as given and family name."""
        pairs = ((index - 1, index), (index, index + 1))
        return any(
            first >= 0
            and second < len(tokens)
            and key(tokens[first].text) in self._lists.given
            and not self._lists.is_allowed(key(tokens[first].text), domain)
            and key(tokens[second].text) in self._lists.family
            and not self._lists.is_frequent(key(tokens[second].text))
            for first, second in pairs
        )

    def _is_sure(self, span: Span, tokens: Sequence[Word], at: int, domain: str | None) -> bool:
        if span.entity != "PERSON" or span.score < _SURE:
            return False
        return not self._lists.is_allowed(key(tokens[at].text), domain)

    def _corroborated(self, index: int, tokens: Sequence[Word], chances: dict[int, Span]) -> bool:
        """Whether more than the model speaks for a name: a list, or a likely name beside it.

        The model alone is enough to mask a word, and not enough to stop synthetic text.
        """
        word = key(tokens[index].text)
        if self._lists.is_name(word) and not self._lists.is_word(word):
            return True
        if not tokens[index].text[0].isupper():
            return False
        return any(
            (other := chances.get(beside)) is not None
            and other.entity == "PERSON"
            and other.score >= _CERTAIN
            for beside in (index - 1, index + 1)
        )
