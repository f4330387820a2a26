"""Trains the name model that ships in ``data/``: ``make model``, about three minutes on one core.

Run ``UNCASE_SHARED=… python -m uncase_pipeline.anonymized.training.train [FOLDER]``. Same inputs, same bytes: every
random choice has a fixed seed, and the trainer is single-threaded.
"""

# ruff: noqa: E501, SIM905 - word lists read better as text, patterns on one line

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from uncase_pipeline.anonymized.names.features import Features
from uncase_pipeline.anonymized.names.lexicon import lexicon
from uncase_pipeline.anonymized.names.model import MODEL
from uncase_pipeline.anonymized.names.words import key, words
from uncase_pipeline.anonymized.normalize import folded, normalize
from uncase_pipeline.anonymized.training import corpora
from uncase_pipeline.anonymized.training.corpora import Labelled
from uncase_pipeline.anonymized.training.grammar import messages
from uncase_pipeline.anonymized.training.lists import DATA, write
from uncase_pipeline.anonymized.training.people import home_given_names, people, world
from uncase_pipeline.errors import UncaseError

SEED = 20_260_101
MESSAGES = 100_000
HIDDEN_SHARE = 0.45
"""Without it the model learns that names are what is listed, and fails on those that are not."""
_CHAT = 120
_COMMON_AT_LEAST = 4
_COMMON_IN_NAMES = 0.005
_FREQUENT_AT_LEAST = 130
_ALWAYS = (
    "monday tuesday wednesday thursday friday saturday sunday lunes martes miercoles jueves viernes sabado january"
    " february march july september october november december enero febrero marzo junio agosto septiembre octubre"
    " noviembre diciembre pm am th st nd rd ll ve re n't gon hmm ohh ok okay hi hey yes no si sr sra dr dra mr mrs ms bueno buena"
    " esa ese esos esas suyo suya"
).split()
_NAMES_OF_MANY = frozenset(
    (
        "will may mark rose grace art drew frank bill jack pat sue ray rob dawn hope joy faith june april august angel"
        " luz sol mar paz rosa blanca pilar dolores mercedes consuelo rocio cruz leon domingo abril julio mayo victor"
    ).split()
)


def main(folder: Path = DATA) -> None:
    """Train, and write the model and the lists of words that it need not be asked about.

    Args:
        folder: Where they go; the folder they ship in, unless somebody wants to compare.
    """
    shared = os.environ.get("UNCASE_SHARED")
    if not shared:
        raise UncaseError(
            "no-corpora", "UNCASE_SHARED is not set.", "Point it at the folder with ner_training."
        )
    started = time.process_time()
    texts = list(training_texts(Path(shared)))
    common, frequent = settled_words(texts)
    write("common", common, folder)
    write("frequent", frequent, folder)
    print(f"{len(texts)} texts", file=sys.stderr)
    model = folder / MODEL.name
    fit(texts, model)
    print(f"{time.process_time() - started:.0f} CPU-seconds, {model.stat().st_size} bytes", file=sys.stderr)


def training_texts(shared: Path) -> Iterator[Labelled]:
    """Yield everything the model learns from, real text first."""
    root = shared / "ner_training"
    chance = random.Random(SEED)  # noqa: S311 - no secret
    real = [
        *corpora.clinical(root, test=False),
        *corpora.bookings(root, test=False),
        *corpora.news_and_tweets(root, test=False),
        *corpora.banking(shared / "corpora" / "banking77" / "train_cut.csv", test=False),
    ]
    for text, spans in real:
        if spans or chance.random() < 0.7:
            yield text, spans
        if (
            chance.random() < (0.7 if spans and len(text) < _CHAT else 0.25)
            and text.lower() != text
            and len(text.lower()) == len(text)
        ):
            yield text.lower(), spans
    yield from messages(people(), MESSAGES, SEED)


def settled_words(texts: Iterable[Labelled]) -> tuple[list[str], list[str]]:
    """Return the words that the model need not be asked about: in lower case, and in any case.

    They are seen often and, as written in lower case, next to never in a name. Words that are given names are
    never among the first, and words that name many people (``will``, ``rosa``) never among the second.
    """
    plain: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for text, spans in texts:
        for word in words(normalize(text).text):
            if word.text[0].isalpha() and word.text.islower():
                inside = any(start <= word.start < end and label == "PER" for start, end, label in spans)
                (named if inside else plain)[key(word.text)] += 1
    lists = lexicon()
    guarded = _NAMES_OF_MANY | {folded(name) for name in world()["given"]["words"].split()}
    guarded |= home_given_names() - {"can", "no", "so", "day", "see", "he", "an", "in", "my", "do"}
    known = [
        word
        for word, count in plain.items()
        if count >= _COMMON_AT_LEAST
        and named[word] <= count * (_COMMON_IN_NAMES if word in lists.given else 10 * _COMMON_IN_NAMES)
        and lists.is_word(word)
    ]
    frequent = [
        word
        for word in known
        if plain[word] >= _FREQUENT_AT_LEAST
        and named[word] <= plain[word] * _COMMON_IN_NAMES
        and word not in guarded
    ]
    return [word for word in known if word not in lists.given], [*frequent, *_ALWAYS]


def fit(texts: list[Labelled], path: Path) -> None:
    """Train the model on labelled texts and write it."""
    import pycrfsuite

    chance = random.Random(SEED)  # noqa: S311 - no secret
    features = Features(lexicon())
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    for text, spans in texts:
        shape = normalize(text)
        if shape.origin is not None:
            continue
        tokens = words(shape.text)[:400]
        if tokens:
            flat = shape.text.islower() or shape.text.isupper()
            hidden = features.of(tokens, flat=flat, hide=lambda _word: chance.random() < HIDDEN_SHARE)
            trainer.append(hidden, [_label(token.start, spans) for token in tokens])
    trainer.set_params({"c1": 0.05, "c2": 0.3, "max_iterations": 70, "feature.minfreq": 2})
    trainer.train(str(path))


def _label(start: int, spans: list[tuple[int, int, str]]) -> str:
    return next((label for begin, end, label in spans if begin <= start < end), "O")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
