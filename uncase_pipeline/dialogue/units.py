"""Units that follow or precede a number, and the kind of fact that each makes. Knows words, not texts."""

import re
import tomllib
from importlib.resources import files

_WORDS = tomllib.loads(files(__package__).joinpath("units.toml").read_text("utf-8"))
_KINDS = ("money", "duration", "quantity")
_NOT_AFTER_ARTICLE = frozenset(
    {"second", "minute", "day", "hour", "point", "person", "piece", "problem", "session"}
)
"""Units that make "un" or "a" an idiom ("un momento, un segundo") more often than a figure."""

Unit = tuple[str, str]
"""Kind of fact, canonical unit."""


def _table(language: str) -> dict[str, Unit]:
    table = {
        word: (kind, unit)
        for kind in _KINDS
        for unit, words in _WORDS[kind].items()
        for word in _split(words)
    }
    if language == "en":
        table |= {
            word: ("quantity", unit)
            for unit, words in _WORDS["english_only"].items()
            for word in _split(words)
        }
    return {**table, **dict.fromkeys(("%", "por ciento", "percent", "per cent"), ("percent", "%"))}


def _split(words: str) -> list[str]:
    return [word.replace("-", " ") for word in words.split()]


def _pattern(table: dict[str, Unit]) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(table, key=len, reverse=True))
    return re.compile(rf"[\s-]*(?:de\s+)?({names})(?![a-z0-9])")


_TABLES = {language: _table(language) for language in ("es", "en")}
_AFTER = {language: _pattern(table) for language, table in _TABLES.items()}
_BEFORE = re.compile(r"(us\$|usd|mxn|eur|\$|€|£)\s*\$?\s*$")
_SIGN_AFTER = re.compile(r"\s?([€£])")
_SIGNS = {"us$": "USD", "usd": "USD", "mxn": "MXN", "eur": "EUR", "€": "EUR", "£": "GBP"}
_DOLLAR = {"es": "MXN", "en": "USD"}
_AGE_AFTER = re.compile(r"[\s-]*(?:old\b|de edad\b|of age\b)")
_AGE_BEFORE = re.compile(r"\b(?:tengo|edad de|cumpli|aged|age of|i'm|i am)\s*$")
_PRICED = "times|once|twice|much|many|often|pays?|paid|charge[sd]?|costs?|earn(?:s|ed)?|saves?d?|spen[dt]s?"
_RATE_BEFORE = re.compile(rf"(?:[\d%€£$]|\b(?:{'|'.join(map(re.escape, _TABLES['en']))}|{_PRICED}))\s+$")
_THING_AFTER = re.compile(r"\s+(?:de|en|con|of)\b")


def unit_after(folded: str, at: int, language: str) -> tuple[Unit, int] | None:
    """Return the unit that follows position ``at``, and where it ends."""
    if match := _AFTER[language].match(folded, at):
        return _TABLES[language][match.group(1)], match.end()
    if match := _SIGN_AFTER.match(folded, at):
        return ("money", _SIGNS[match.group(1)]), match.end()
    return None


def currency_before(folded: str, at: int, language: str) -> tuple[Unit, int] | None:
    """Return the currency whose sign or code stands before position ``at``, and where it starts."""
    if match := _BEFORE.search(folded, max(0, at - 8), at):
        sign = match.group(1)
        return ("money", _DOLLAR[language] if sign == "$" else _SIGNS[sign]), match.start()
    return None


def age_end(folded: str, start: int, end: int) -> int | None:
    """Return where an age ends, given the span of a number of years; None where it is a term."""
    if match := _AGE_AFTER.match(folded, end):
        return match.end()
    spoken = _AGE_BEFORE.search(folded, max(0, start - 16), start)
    return end if spoken and not _THING_AFTER.match(folded, end) else None


def counts_after_article(unit: str, folded: str, at: int) -> bool:
    """Return whether "un" or "a" at a position and before this unit states the figure one.

    It does not in "301 dollars a month" and "how much would I pay a month", which are rates.
    """
    return unit not in _NOT_AFTER_ARTICLE and not _RATE_BEFORE.search(folded, max(0, at - 24), at)
