"""The grammar of a language, and how its raw text becomes tidy sentences. Knows no seed."""

import re
from functools import cache
from importlib.resources import files

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.synthetic.simulator.grammar import Grammar, parse_rules

LANGUAGES = ("es", "en")
TEXTS = files(__package__) / "texts"

_SPACES = re.compile(r"\s+")
_BEFORE_SIGN = re.compile(r"\s+([,.;:?!])")
_SENTENCE_START = re.compile(r"(^[¿¡]?|[.?!]\s+[¿¡]?)([a-záéíóúñ])")
_ARTICLE_A = re.compile(r"\b([Aa]) (?=[aeio]|un(?!i)|hour)")
_CONTRACTIONS = {
    "es": ((re.compile(r"\b([Dd])e el\b"), r"\1el"), (re.compile(r"\b([Aa]) el\b"), r"\1l")),
    "en": ((_ARTICLE_A, r"\1n "), (re.compile(r"\bi\b(?=[ ',])"), "I")),
}


@cache
def grammar_for(language: str) -> Grammar:
    """Return the rules of a language: how every domain greets, asks, answers and takes its leave.

    Raises:
        UncaseError: ``unsupported-language``.
    """
    if language not in LANGUAGES:
        raise UncaseError(
            "unsupported-language",
            f"The simulator does not speak {language!r}.",
            f"Use a seed in one of: {', '.join(LANGUAGES)}, or another model.",
        )
    return Grammar(parse_rules((TEXTS / f"{language}.txt").read_text(encoding="utf-8")), language)


@cache
def labels(language: str) -> dict[str, str]:
    """Return how fields of seeds and tool results are called in a language."""
    lines = (TEXTS / f"labels.{language}.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.rpartition(": ") for line in lines if ": " in line and not line.startswith("#"))
    return {key.strip(): label.strip() for key, _, label in pairs}


def tidy(text: str, language: str) -> str:
    """Return sentences with single spaces, capitals at their start and the contractions of the language."""
    text = _BEFORE_SIGN.sub(r"\1", _SPACES.sub(" ", text)).strip()
    for pattern, form in _CONTRACTIONS[language]:
        text = pattern.sub(form, text)
    return _SENTENCE_START.sub(lambda match: match[1] + match[2].upper(), text)
