"""Chat messages with known names, grown from ``grammar.toml``. Knows frames and spelling, not features."""

# ruff: noqa: SIM905 - word lists read better as text, patterns on one line

import random
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import ascii_lowercase

from uncase_pipeline.anonymized.normalize import folded

Labelled = tuple[str, list[tuple[int, int, str]]]
_RULES = tomllib.loads((Path(__file__).parent / "grammar.toml").read_text(encoding="utf-8"))
_SLOT = re.compile(r"<(\w+)>")
_PEOPLE = ("NAME", "FULL", "FIRST", "LAST", "NICK")
_LABELS = {**dict.fromkeys(_PEOPLE, "PER"), "CITY": "LOC", "ORG": "ORG"}
_ONSETS = (
    "b br c ch cl d dr f fr g gl gr gw h j k kh kr kw l ll m mb n ng nk p ph pr qu r s sh sk st t th tl tr tx v w x"
    " y z zh"
).split()
_RIMES = (
    "a ah ai al alli an ana ao ard au e ee el en er ett eth eun ey i ia iel in inho is itl o oa on ong or ou u ul"
    " un ya yn"
).split()
_BESIDE = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wqrewyuiopsdfghjkjxzvcbnbn", strict=True))
_MARKS = re.compile(r"[.,;:!?¿¡]")


@dataclass(frozen=True, slots=True)
class Names:
    """Where the people of a language come from: given names, family names, nicknames, cities, organizations.

    ``world_…`` are names of people whose families came from elsewhere, ``word_…`` names that are ordinary words,
    ``compound`` family names of several words.
    """

    given: list[str]
    family: list[str]
    nick: list[str]
    cities: list[str]
    organizations: list[str]
    world_given: list[str]
    world_family: list[str]
    word_given: list[str]
    word_family: list[str]
    compound: list[str]


def messages(names: dict[str, Names], count: int, seed: int) -> Iterator[Labelled]:
    """Yield labelled messages, Spanish and English in turn."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    for number in range(count):
        language = ("es", "en")[number % 2]
        yield _respelled(*_grown(_RULES[language], names[language], language, chance), chance)


def _grown(rules: dict[str, list[str]], names: Names, language: str, chance: random.Random) -> Labelled:
    template = "<message>"
    while found := next((m for m in _SLOT.finditer(template) if m[1] in rules), None):
        template = template[: found.start()] + chance.choice(rules[found[1]]) + template[found.end() :]
    pieces: list[str] = []
    spans: list[tuple[int, int, str]] = []
    position = length = 0
    for slot in _SLOT.finditer(template):
        plain = template[position : slot.start()]
        value = _value(slot[1], names, language, chance)
        pieces += (plain, value)
        length += len(plain)
        spans.append((length, length + len(value), _LABELS[slot[1]]))
        length += len(value)
        position = slot.end()
    return "".join([*pieces, template[position:]]), spans


def _value(slot: str, names: Names, language: str, chance: random.Random) -> str:
    pick: dict[str, Callable[[], str]] = {
        "FIRST": partial(_given, names, chance),
        "LAST": partial(_family, names, chance),
        "NICK": lambda: chance.choice(names.nick) if chance.random() < 0.7 else _given(names, chance),
        "FULL": lambda: _full(names, language, chance),
        "NAME": lambda: _full(names, language, chance) if chance.random() < 0.5 else _given(names, chance),
        "CITY": lambda: chance.choice(names.cities),
        "ORG": lambda: chance.choice(names.organizations),
    }
    return pick[slot]()


def _given(names: Names, chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.1:
        return invented(chance)
    if draw < 0.24:
        return chance.choice(names.world_given)
    return chance.choice(names.word_given if draw < 0.32 else names.given)


def _family(names: Names, chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.1:
        return invented(chance)
    if draw < 0.13:
        return f"{chance.choice(names.family)}-{chance.choice(names.family)}"
    if draw < 0.25:
        return chance.choice(names.world_family)
    if draw < 0.31:
        return chance.choice(names.compound)
    return chance.choice(names.word_family if draw < 0.39 else names.family)


def _full(names: Names, language: str, chance: random.Random) -> str:
    given, family = _given(names, chance), _family(names, chance)
    draw = chance.random()
    if draw < 0.08:
        return f"{given[0]}. {family}"
    if draw < 0.18:
        return f"{given} {_given(names, chance)} {family}"
    if language == "es":
        particle = chance.choice(("de la ", "de ", "del ")) if draw > 0.95 else ""
        return f"{given} {family} {particle}{_family(names, chance)}" if draw > 0.5 else f"{given} {family}"
    return f"{given} {chance.choice('ABCDEJLMRT')}. {family}" if draw > 0.9 else f"{given} {family}"


def invented(chance: random.Random) -> str:
    """Return a name that is on no list."""
    syllables = (chance.choice(_ONSETS) + chance.choice(_RIMES) for _ in range(chance.choice((1, 2, 2, 3))))
    return "".join(syllables).capitalize()


def _respelled(text: str, spans: list[tuple[int, int, str]], chance: random.Random) -> Labelled:
    """Type the message as people do: lower case, no accents, capitals, no marks, a slip within a name."""
    draw = chance.random()
    if draw < 0.4:
        text = text.lower()
    elif draw < 0.46:
        text = text.upper() if len(text.upper()) == len(text) else text
    elif draw < 0.52 and spans:
        text = _names_lowered(text, spans)
    if chance.random() < 0.45:
        plain = "".join(folded(c) if c.islower() else folded(c).upper() for c in text)
        text = plain if len(plain) == len(text) else text
    if chance.random() < 0.15:
        text, spans = _without_marks(text, spans)
    if chance.random() < 0.22:
        return mistyped(text, spans, chance)
    return text, spans


def _without_marks(text: str, spans: list[tuple[int, int, str]]) -> Labelled:
    """Drop the punctuation, as dictation does."""
    kept = [index for index, character in enumerate(text) if not _MARKS.match(character)]
    place = {old: new for new, old in enumerate(kept)}
    moved = [
        (place[inside[0]], place[inside[-1]] + 1, label)
        for start, end, label in spans
        if (inside := [index for index in range(start, end) if index in place])
    ]
    return "".join(text[index] for index in kept), moved


def mistyped(text: str, spans: list[tuple[int, int, str]], chance: random.Random) -> Labelled:
    """Make one error in one name: a slip of the hand, the key beside the right one, or any other."""
    people = [span for span in spans if span[2] == "PER" and span[1] - span[0] > 3]
    if not people or chance.random() < 0.6:
        return slipped(text, spans, chance)
    start, end, _ = chance.choice(people)
    at = chance.randrange(start + 1, end)
    beside = chance.choice(ascii_lowercase) if chance.random() < 0.3 else _BESIDE.get(text[at].lower())
    if beside is None:
        return text, spans
    return text[:at] + (beside.upper() if text[at].isupper() else beside) + text[at + 1 :], spans


def _names_lowered(text: str, spans: list[tuple[int, int, str]]) -> str:
    for start, end, label in spans:
        if label == "PER":
            text = text[:start] + text[start:end].lower() + text[end:]
    return text


def slipped(text: str, spans: list[tuple[int, int, str]], chance: random.Random) -> Labelled:
    """Make one typing error in one name: a letter left out, doubled, swapped or replaced."""
    people = [span for span in spans if span[2] == "PER" and span[1] - span[0] > 3]
    if not people:
        return text, spans
    start, end, _ = chance.choice(people)
    at = chance.randrange(start + 1, end - 1)
    if not text[at].isalpha() or not text[at + 1].isalpha():
        return text, spans
    kind = chance.choice(("drop", "double", "swap", "replace"))
    middle = {
        "drop": "",
        "double": text[at] * 2,
        "swap": text[at + 1] + text[at],
        "replace": chance.choice("aeiourslnt"),
    }[kind]
    taken = 2 if kind == "swap" else 1
    grown = len(middle) - taken
    moved = [(s + grown if s > at else s, e + grown if e > at else e, label) for s, e, label in spans]
    return text[:at] + middle + text[at + taken :], moved
