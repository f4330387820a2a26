from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from uncase_pipeline.synthetic.simulator.language import LANGUAGES, TEXTS
from uncase_pipeline.synthetic.simulator.paraphrase import paraphrase


def wordings(text: str, language: str = "es") -> set[str]:
    return {paraphrase(text, language, Random(number)) for number in range(200)}


def test_a_phrase_is_said_in_each_of_its_wordings_and_the_rest_stays_as_it_is():
    assert wordings("Conviene reunir las facturas.") == {
        "Conviene reunir las facturas.",
        "Conviene juntar las facturas.",
    }


def test_a_word_that_only_begins_like_a_phrase_stays_as_it_is():
    assert wordings("van a reunirse") == {"van a reunirse"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("sirve de referencia", "es"),
        ("la muestra de sangre", "es"),
        ("fair enough", "en"),
        ("it matters to me", "en"),
    ],
)
def test_a_longer_phrase_that_is_alone_in_its_line_is_kept_from_the_shorter_one(text: str, language: str):
    assert wordings(text, language) == {text}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_stands_somewhere_in_the_texts(language: str):
    texts = "\n".join(written(Path(str(TEXTS)), language))
    lines = (TEXTS / f"synonyms.{language}.txt").read_text(encoding="utf-8").splitlines()
    phrases = [line.split(" | ")[0] for line in lines if not line.startswith("#")]
    assert [phrase for phrase in phrases if phrase not in texts] == []
    assert len(phrases) == len(set(phrases))


def written(folder: Path, language: str) -> Iterator[str]:
    for path in folder.rglob(f"*{language}.t*"):
        if not path.name.startswith(("synonyms.", "labels.")):
            yield path.read_text(encoding="utf-8")
