"""The grammar of a language and domain, and how its raw text becomes tidy sentences. Knows no seed."""

import hashlib
import re
from functools import cache
from importlib.resources import files

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.synthetic.simulator.grammar import (
    Choice,
    Grammar,
    Node,
    Reference,
    Sequence,
    parse_rules,
)

LANGUAGES = ("es", "en")
_TEXTS = files(__package__) / "texts"

_SPACES = re.compile(r"\s+")
_BEFORE_SIGN = re.compile(r"\s+([,.;:?!])")
_SENTENCE_START = re.compile(r"(^[¿¡]?|[.?!]\s+[¿¡]?)([a-záéíóúñ])")
_ARTICLE_A = re.compile(r"\b([Aa]) (?=[aeio]|un(?!i)|hour)")
_CONTRACTIONS = {
    "es": ((re.compile(r"\b([Dd])e el\b"), r"\1el"), (re.compile(r"\b([Aa]) el\b"), r"\1l")),
    "en": ((_ARTICLE_A, r"\1n "), (re.compile(r"\bi\b(?=[ ',])"), "I")),
}


@cache
def grammar_for(domain: str, language: str) -> Grammar:
    """Return the rules that every domain shares, joined with those of the domain.

    Raises:
        UncaseError: ``unsupported-language``.
    """
    if language not in LANGUAGES:
        raise UncaseError(
            "unsupported-language",
            f"The simulator does not speak {language!r}.",
            f"Use a seed in one of: {', '.join(LANGUAGES)}, or another model.",
        )
    rules = {**_rules(f"{language}.txt"), **_rules(f"{domain}.{language}.txt")}
    for aspect in map(str, rules["aspects"].alternatives):
        rules[aspect] = _modified(rules[aspect], language)
    return Grammar(rules)


def _modified(phrases: Choice, language: str) -> Choice:
    """Return noun phrases beside themselves with a modifier, where the language puts it."""
    modifier = Reference("modifier")
    with_modifier: list[Node] = []
    for phrase in map(str, phrases.alternatives):
        article, _, rest = phrase.partition(" ")
        parts = (phrase, " ", modifier) if language == "es" else (f"{article} ", modifier, f" {rest}")
        with_modifier.append(Sequence(parts))
    return Choice(phrases.key, (*phrases.alternatives, *with_modifier, *with_modifier))


@cache
def version() -> str:
    """Return a hash of all texts, so that a changed grammar is another model."""
    digest = hashlib.sha256()
    for text in sorted(_TEXTS.iterdir(), key=lambda path: path.name):
        digest.update(text.read_bytes())
    return digest.hexdigest()[:12]


@cache
def labels(language: str) -> dict[str, str]:
    """Return how fields of seeds and tool results are called in a language."""
    lines = (_TEXTS / f"labels.{language}.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(":") for line in lines if ":" in line and not line.startswith("#"))
    return {key.strip(): label.strip() for key, _, label in pairs}


def tidy(text: str, language: str) -> str:
    """Return sentences with single spaces, capitals at their start and the contractions of the language."""
    text = _BEFORE_SIGN.sub(r"\1", _SPACES.sub(" ", text)).strip()
    for pattern, form in _CONTRACTIONS[language]:
        text = pattern.sub(form, text)
    return _SENTENCE_START.sub(lambda match: match[1] + match[2].upper(), text)


def _rules(name: str) -> dict[str, Choice]:
    return parse_rules((_TEXTS / name).read_text(encoding="utf-8"))
