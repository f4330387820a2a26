"""The name model's own engine: what python-crfsuite says of the shipped model, to the last digit that counts."""

# ruff: noqa: SIM905 - word lists read better as text

import random

import pycrfsuite
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uncase_pipeline.anonymized.names.crf import Chain, Crf, DamagedModelError
from uncase_pipeline.anonymized.names.features import Features
from uncase_pipeline.anonymized.names.lexicon import lexicon
from uncase_pipeline.anonymized.names.model import MODEL
from uncase_pipeline.anonymized.names.scores import Scores
from uncase_pipeline.anonymized.names.words import _WORD, parts, parts_of, words

_EXACT = 1e-6
_PIECES = (
    "hola soy Ana LÓPEZ dolores Will de la O'Connor don't I Xyzzq qwrt 123 | || = a=b|c ? ¿ . , <> \u0301 ñandú"
    " McDonald ok the Smith _ - 3rd Müller 中文"
).split()
_LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
"""Without NUL: there a feature ends for CRFsuite, which is written in C."""
_TEXTS = st.lists(st.sampled_from(_PIECES) | st.text(_LETTERS, max_size=6), min_size=1, max_size=14).map(
    " ".join
)


@pytest.fixture(scope="module")
def crf():
    return Crf.read(MODEL)


@pytest.fixture(scope="module")
def features():
    return Features(lexicon())


@pytest.fixture(scope="module")
def scores(crf, features):
    return Scores(crf, features)


@pytest.fixture(scope="module")
def differs(crf, features, scores):
    """Return a function: the largest difference of any label's probability at any word of some texts."""
    tagger = pycrfsuite.Tagger()
    tagger.open(str(MODEL))

    def differ(texts):
        asked = [(tokens, text.islower() or text.isupper()) for text in texts if (tokens := words(text))]
        told = scores.of([(tokens.texts, flat) for tokens, flat in asked]) if asked else []
        worst = 0.0
        for (tokens, flat), factors in zip(asked, told, strict=True):
            tagger.set(features.of(tokens, flat=flat))
            chain = Chain(crf, factors, 0, len(tokens) - 1)
            for place in range(len(tokens)):
                for label, chance in zip(crf.labels, chain.chances(place), strict=True):
                    worst = max(worst, abs(chance - tagger.marginal(label, place)))
        return worst

    return differ


@settings(max_examples=50, deadline=None)
@given(texts=st.lists(_TEXTS, min_size=1, max_size=4))
def test_probabilities_are_those_of_crfsuite(differs, texts):
    assert differs(texts) < _EXACT


def test_a_long_text_of_unknown_words_neither_overflows_nor_vanishes(differs):
    chance = random.Random(3)
    text = " ".join("".join(chance.choices("aeioulmnrstXYZ", k=7)) for _ in range(3_000))
    assert differs([text]) < _EXACT


def test_words_that_were_forgotten_are_learned_again(crf, features, monkeypatch):
    few = Scores(crf, features)
    stretches = [(words(f"soy Ana{n} y vivo en Xalapa").texts, False) for n in range(30)]
    before = few.of(stretches)
    monkeypatch.setattr("uncase_pipeline.anonymized.names.scores._REMEMBERED", 10)
    assert [few.of([stretch])[0] for stretch in stretches] == before


def test_only_what_is_asked_is_worked_out_and_it_is_the_same(crf, scores):
    ((factors),) = scores.of([(words("hola , soy Ana López Gómez y vivo en la calle Mayor").texts, False)])
    whole, some = Chain(crf, factors, 0, len(factors) - 1), Chain(crf, factors, 3, 5)
    for place in (3, 4, 5):
        assert some.chances(place) == pytest.approx(whole.chances(place), abs=1e-12)


@pytest.mark.parametrize("cut", [0, 10, 1_000, -1])
def test_a_model_that_is_cut_off_is_not_read(tmp_path, cut):
    damaged = tmp_path / "names.crfsuite"
    damaged.write_bytes(MODEL.read_bytes()[:cut])
    with pytest.raises(DamagedModelError):
        Crf.read(damaged)


@settings(deadline=None)
@given(_TEXTS | st.text())
def test_words_are_those_of_the_expression_read_over_the_whole_text(text):
    assert [tuple(word) for word in words(text)] == [(m[0], m.start(), m.end()) for m in _WORD.finditer(text)]


def test_a_file_written_as_text_is_not_remembered_piece_by_piece():
    before = len(parts_of)
    text = f"see {'QUJD' * 100}{before} attached"
    assert list(parts(text)) == ["see", text.split()[1].lower(), "attached"]
    assert len(parts_of) == before
