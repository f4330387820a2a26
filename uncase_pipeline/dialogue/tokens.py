"""Words of a text, folded so that case and accents don't matter. Knows no dialogue act and no fact."""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]*(?:_\d+)?\]")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_FOLDS = tuple(zip("áéíóúñü’", "aeiounu'", strict=True))


@lru_cache(maxsize=1_024)
def fold(text: str) -> str:
    """Return the text in lower case without accents.

    The result has as many characters as the text wherever lower-casing keeps the length (all of es and en).
    Every detector asks for the same turns, so the last ones are remembered.
    """
    folded = text.lower()
    if folded.isascii():
        return folded
    for accented, plain in _FOLDS:
        folded = folded.replace(accented, plain)
    return folded if folded.isascii() else "".join(map(_fold_character, folded))


def _fold_character(character: str) -> str:
    return character if character.isascii() else unicodedata.normalize("NFKD", character)[0]


def without_placeholders(text: str) -> str:
    """Blank out masks such as ``[PERSON_1]``, keeping every offset."""
    return _PLACEHOLDER.sub(lambda match: " " * len(match.group()), text) if "[" in text else text


def words(text: str) -> list[str]:
    """Return the folded words of a text in order; masks such as ``[PERSON_1]`` are no words."""
    return _WORD.findall(fold(without_placeholders(text)))


def content_words(text: str) -> list[str]:
    """Return the folded words that carry content: function words of es and en are left out."""
    return [word for word in words(text) if word not in STOP_WORDS]


STOP_WORDS = frozenset(files(__package__).joinpath("stop_words.txt").read_text("utf-8").split())
