"""Numbers in folded text: figures with separators and magnitudes, number words of es and en. No units."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

import re2

_TABLE = tomllib.loads(files(__package__).joinpath("numerals.toml").read_text("utf-8"))
_PLAIN: dict[str, int] = {
    word: series["first"] + series["step"] * place
    for series in _TABLE["series"]
    for place, word in enumerate(series["words"].split())
}
_MAGNITUDES: dict[str, int] = _TABLE["magnitudes"]
_ARTICLES = frozenset({"un", "una", "uno", "one", "a", "an"})
_TRIGGERS = (frozenset(_PLAIN) | frozenset(_MAGNITUDES)) - _ARTICLES - {"k"}
_NO_BEGINNING = frozenset({"hundred", "thousand", "million", "billion", "millones", "grand"})
_LONGEST_FIGURE = 12

_FIGURE = re.compile(
    r"(?<![\w.,])(?<![a-z]-)((?:(?<![^\s(])-)?(?:\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?))(?!\d)"
    r"(?:(?P<k>k\b)|\s(?P<mag>mil|thousand|million|millon(?:es)?|billion|grand)\b)?"
)
_TERMS = frozenset({"mes", "ano", "semana", "hora", "month", "year", "week", "hour", "kilo", "litro"})
_ONE_TERM = re2.compile(rf"\b(?:una?|one|an?) (?:{'|'.join(sorted(_TERMS))})\b")
_TRIGGER = re2.compile(rf"(?:^|[^a-z])(?:{'|'.join(sorted(_TRIGGERS))})(?:$|[^a-z])")
_DIGIT = re.compile(r"\d")
_OPENS, _CLOSES = frozenset(" \n$("), frozenset(["", "?", "!", ";", ")", "\n", "%"])
_MAGNITUDE_LETTERS = frozenset("mtbg")
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[a-z]+")
_GAP = re.compile(r"[ -]+(?:(?:y|and) )?$")


class Number(NamedTuple):
    """A number in a text.

    Attributes:
        value: Its value.
        start: First character.
        end: One past the last character.
        written: ``figure``, ``words`` or ``article``: "un" and "a" are numbers only before a unit.
        whole: Whether it is a bare run of digits, as a year is.
    """

    value: float
    start: int
    end: int
    written: str
    whole: bool = False


def numbers(folded: str, language: str) -> list[Number]:
    """Return the numbers of a folded text in order."""
    found = list(_figures(folded, language)) if _DIGIT.search(folded) else []
    if _may_spell(folded):
        taken = [(number.start, number.end) for number in found]
        found.extend(
            number
            for number in _spelled(folded)
            if not any(start < number.end and number.start < end for start, end in taken)
        )
        found.sort(key=lambda number: number.start)
    return found


def _may_spell(folded: str) -> bool:
    """Whether a number word may stand here; "un" and "one" are asked for only where a term stands too."""
    return _TRIGGER.search(folded) is not None or _ONE_TERM.search(folded) is not None


def parse_figure(text: str, language: str) -> float:
    """Return the value of digits with separators: of two the last is decimal; groups of three are thousands.

    ``1.500`` is a thousand and a half in Spanish and one and a half in English.
    """
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return float(text)
    separators = {character for character in text if character in ".,"}
    grouped = len(text) - last - 1 == 3 and not text.startswith("0")
    if len(separators) == 1 and grouped and (text[last] == "," or language == "es" or text.count(".") > 1):
        return float(text.replace(".", "").replace(",", ""))
    whole = text[:last].replace(".", "").replace(",", "")
    return float(f"{whole}.{text[last + 1 :]}")


def _figures(folded: str, language: str) -> Iterator[Number]:
    end = 0
    for digit in _DIGITS.finditer(folded):
        start = digit.start()
        if start >= end and _stands_alone(folded, start, digit.end()):
            if digit.end() - start <= _LONGEST_FIGURE:
                yield Number(float(digit.group()), start, digit.end(), "figure", True)
            continue
        match = _figure_at(folded, start) if start >= end else None
        if match is None:
            continue
        end = match.end()
        digits = match.group(1)
        if len(digits) > _LONGEST_FIGURE:
            continue
        magnitude = match.group("k") or match.group("mag")
        value = parse_figure(digits, language) * (_MAGNITUDES[magnitude] if magnitude else 1)
        yield Number(value, match.start(), match.end(), "figure", digits.isdigit() and not magnitude)


def _stands_alone(folded: str, start: int, end: int) -> bool:
    """Whether a run of digits is a figure by itself: no sign, separator, unit letter or magnitude touches it."""
    if start and folded[start - 1] not in _OPENS:
        return False
    following = folded[end : end + 1]
    return following in _CLOSES or (following == " " and folded[end + 1 : end + 2] not in _MAGNITUDE_LETTERS)


def _figure_at(folded: str, start: int) -> re.Match[str] | None:
    """Return the figure whose first digit stands here, its minus sign before it."""
    signed = _FIGURE.match(folded, start - 1) if folded[start - 1 : start] == "-" else None
    return signed or _FIGURE.match(folded, start)


def _spelled(folded: str) -> Iterator[Number]:
    run: list[re.Match[str]] = []
    for match in _WORD.finditer(folded.replace("por ciento", "por       ")):
        known = match.group() in _PLAIN or match.group() in _MAGNITUDES
        if run and (not known or not _GAP.fullmatch(folded, run[-1].end(), match.start())):
            if match.group() in {"y", "and"} and folded[run[-1].end() : match.start()] == " ":
                continue
            yield from _number_of(run)
            run = []
        if known and match.group() != "k":
            run.append(match)
    yield from _number_of(run)


def _number_of(run: list[re.Match[str]]) -> Iterator[Number]:
    while run and not _may_begin([match.group() for match in run[:2]]):
        run = run[1:]
    if not run:
        return
    words = [match.group() for match in run]
    written = "article" if len(words) == 1 and words[0] in _ARTICLES else "words"
    yield Number(float(_value(words)), run[0].start(), run[-1].end(), written)


def _may_begin(words: list[str]) -> bool:
    """Whether a number may begin so: not with a bare "hundred", nor with the "a" of "a cuarenta"."""
    if words[0] in _NO_BEGINNING:
        return False
    return len(words) == 1 or words[0] not in _ARTICLES or words[1] in _MAGNITUDES


def _value(words: list[str]) -> int:
    total = current = 0
    for word in words:
        magnitude = _MAGNITUDES.get(word)
        if magnitude is None:
            current += _PLAIN[word]
        elif magnitude == 100:
            current = max(current, 1) * 100
        else:
            total += max(current, 1) * magnitude
            current = 0
    return total + current
