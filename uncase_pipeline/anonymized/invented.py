"""Invented people and numbers with known spans, to plant where a detector's recall is to be measured.

Check digits are right, so that a validator has something to confirm. Knows shapes, not detectors.
"""

# ruff: noqa: E501 - a table reads better in rows

import random
import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from uncase_pipeline.anonymized import checksums
from uncase_pipeline.anonymized.names.stand_ins import NICKNAMES, STAND_INS
from uncase_pipeline.anonymized.normalize import folded

Draw = Callable[[random.Random], str]


NICKNAME, SPLIT = "nickname", "split"


@dataclass(frozen=True, slots=True)
class Planted:
    """A sentence with one identifier in it.

    Attributes:
        entity: What it is.
        text: The sentence.
        start: First character of the identifier.
        end: One past its last.
        style: How it is written: ``cased``, ``lower``, ``typo``, ``nickname``, or the shape of a number.
        rest: What the next turn says, where the identifier goes on in it.
        rest_end: One past the identifier's last character in the next turn, where it starts with it.
    """

    entity: str
    text: str
    start: int
    end: int
    style: str
    rest: str = ""
    rest_end: int = 0

    @property
    def group(self) -> str:
        """What it is counted as: nicknames and identifiers over two turns apart from the others."""
        return f"{self.entity} {self.style}" if self.style in {NICKNAME, SPLIT} else self.entity


LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
CONSONANTS = "BCDFGHJKLMNPRSTVWXYZ"
_ALPHABET = {"#": string.digits, "N": "23456789", "?": LETTERS, "%": CONSONANTS}


def shaped(pattern: str, alphabet: Mapping[str, str] = _ALPHABET) -> Draw:
    """Return a generator: ``#`` is a digit, ``N`` one from 2 to 9, ``?`` a letter, ``%`` a consonant.

    Args:
        pattern: What is no key of the alphabet stands for itself.
        alphabet: Other signs, and from what each is drawn.
    """

    def draw(chance: random.Random) -> str:
        return "".join(chance.choice(alphabet[c]) if c in alphabet else c for c in pattern)

    return draw


def _card(pattern: str) -> Draw:
    def draw(chance: random.Random) -> str:
        body = shaped(pattern[:-1])(chance)
        return next(f"{body}{last}" for last in range(10) if checksums.luhn(f"{body}{last}"))

    return draw


def _clabe(chance: random.Random) -> str:
    body = shaped("0##180###########")(chance)
    return next(f"{body}{last}" for last in range(10) if checksums.clabe(f"{body}{last}"))


def _curp(chance: random.Random) -> str:
    day = f"{chance.randrange(50, 99)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
    body = f"{shaped('????')(chance)}{day}{chance.choice('HM')}{chance.choice(('DF', 'JC', 'NL'))}{shaped('%%%')(chance)}0"
    return next(f"{body}{last}" for last in range(10) if checksums.curp(f"{body}{last}"))


def _rfc(chance: random.Random) -> str:
    day = f"{chance.randrange(50, 99)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
    return shaped("????")(chance) + day + shaped("?#?")(chance)[:2] + str(chance.randrange(10))


def _dni(chance: random.Random) -> str:
    number = f"{chance.randrange(10_000_000, 99_999_999)}"
    return number + "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23]


def _iban(spaced: bool) -> Draw:
    def draw(chance: random.Random) -> str:
        account = shaped("####################")(chance)
        rest = f"{account}{int('E', 36)}{int('S', 36)}00"
        code = f"ES{98 - int(rest) % 97:02d}{account}"
        return re.sub(r"(.{4})(?=.)", r"\1 ", code) if spaced else code

    return draw


def _mail(chance: random.Random) -> str:
    women, _, family = STAND_INS["es"]
    user = f"{folded(chance.choice(women))}{chance.choice(('.', '_', ''))}{folded(chance.choice(family))}"
    return f"{user}{chance.randrange(100)}@{chance.choice(('gmail.com', 'hotmail.es', 'correo.com.mx', 'outlook.com'))}"


def _date(chance: random.Random) -> str:
    day, month, year = chance.randrange(1, 29), chance.randrange(1, 13), chance.randrange(1940, 2005)
    return chance.choice(
        (f"{day:02d}/{month:02d}/{year}", f"{year}-{month:02d}-{day:02d}", f"{day}-{month}-{year % 100:02d}")
    )


def _street(language: str) -> Draw:
    def draw(chance: random.Random) -> str:
        family = chance.choice(STAND_INS[language][2])
        if language == "es":
            return f"{chance.choice(('Calle', 'Av.', 'C/', 'Avenida'))} {family} {chance.randrange(1, 300)}"
        return f"{chance.randrange(1, 9999)} {family} {chance.choice(('Street', 'Ave', 'Road', 'Lane'))}"

    return draw


VALUES: dict[str, dict[str, Draw]] = {
    "EMAIL": {"plain": _mail},
    "PHONE": {
        "mx": shaped("55 NNNN ####"),
        "mx +52": shaped("+52 1 55 NNN# ####"),
        "es": shaped("6## ## ## ##"),
        "es +34": shaped("+34 6########"),
        "us": shaped("(212) NNN-####"),
        "us dashes": shaped("NNN-NNN-####"),
        "uk": shaped("07NN# ######"),
        "bare": shaped("55NNNN####"),
        "co": shaped("+57 31# ### ####"),
        "ar": shaped("+54 9 11 NNNN-####"),
    },
    "CREDIT_CARD": {
        "spaced": _card("4### #### #### ####"),
        "bare": _card("5###############"),
        "amex": _card("37## ###### #####"),
    },
    "IBAN": {"spaced": _iban(spaced=True), "bare": _iban(spaced=False)},
    "CLABE": {"bare": _clabe},
    "CURP": {"plain": _curp},
    "RFC": {"plain": _rfc},
    "DNI": {"plain": _dni},
    "SSN": {"dashes": shaped("NNN-N#-####")},
    "IP": {"v4": lambda chance: ".".join(str(chance.randrange(1, 255)) for _ in range(4))},
    "PASSPORT": {"cued": shaped("???######")},
    "POLICY_NUMBER": {"cued": shaped("??-######")},
    "MEDICAL_RECORD": {"cued": shaped("######")},
    "BIRTH_DATE": {"cued": _date},
    "PLATE": {"cued": shaped("???-##-##")},
}

CUES: dict[str, dict[str, tuple[str, ...]]] = {
    "es": {
        "PERSON": (
            "me llamo {}",
            "soy {}",
            "mi nombre es {}",
            "lo firmó {}",
            "mi esposa {} también",
            "gracias, {}",
            "habla {}",
        ),
        "PASSPORT": ("mi pasaporte es {}",),
        "POLICY_NUMBER": ("la póliza {}", "mi número de póliza es {}"),
        "MEDICAL_RECORD": ("NHC {}", "expediente {}"),
        "BIRTH_DATE": ("nací el {}", "fecha de nacimiento: {}"),
        "PLATE": ("las placas son {}",),
        "ADDRESS": ("vivo en {}", "mi domicilio es {}"),
        "": ("es {}", "le dejo {} para lo que necesite", "{}", "anote: {}."),
    },
    "en": {
        "PERSON": (
            "my name is {}",
            "I'm {}",
            "this is {}",
            "{} signed it",
            "my wife {} too",
            "thanks, {}",
            "{} speaking",
        ),
        "PASSPORT": ("my passport is {}",),
        "POLICY_NUMBER": ("policy {}", "my policy number is {}"),
        "MEDICAL_RECORD": ("MRN {}", "medical record {}"),
        "BIRTH_DATE": ("I was born on {}", "DOB: {}"),
        "PLATE": ("my license plate is {}",),
        "ADDRESS": ("I live at {}", "my address is {}"),
        "": ("it is {}", "you can use {} if needed", "{}", "note: {}."),
    },
}

_NUMBER_NEXT = {
    "es": (
        ("mi número es ", ""),
        ("anote por favor ", " y ya"),
        ("", ""),
        ("el dato es ", " es lo que falta"),
    ),
    "en": (
        ("my number is ", ""),
        ("write this down ", " that's all"),
        ("", ""),
        ("here it is: ", " is the rest"),
    ),
}
_NAME_NEXT = {
    "es": (("¿Me da su nombre completo?", ""), ("mi nombre es", ", gracias"), ("¿A nombre de quién?", ".")),
    "en": (("May I have your full name?", ""), ("my name is", ", thanks"), ("Whose name is it under?", ".")),
}


def invented(language: str, chance: random.Random) -> Iterator[Planted]:
    """Yield one sentence for every type and style."""
    for style in ("cased", "lower", "typo"):
        yield planted("PERSON", person(language, style, chance), style, language, chance)
    for entity, styles in VALUES.items():
        for style, draw in styles.items():
            yield planted(entity, draw(chance), style, language, chance)
    yield planted("ADDRESS", _street(language)(chance), "street", language, chance)
    yield planted("PERSON", chance.choice(NICKNAMES[language]), NICKNAME, language, chance)
    for entity, style in (("PHONE", "mx"), ("CREDIT_CARD", "spaced")):
        yield split(entity, VALUES[entity][style](chance), language, chance)
    yield split("PERSON", person(language, "cased", chance), language, chance)


def planted(entity: str, value: str, style: str, language: str, chance: random.Random) -> Planted:
    """Put a value into a sentence in which people give it."""
    cue = chance.choice(CUES[language].get(entity, CUES[language][""]))
    start = cue.index("{}")
    return Planted(entity, cue.format(value), start, start + len(value), style)


def split(entity: str, value: str, language: str, chance: random.Random) -> Planted:
    """Put a number into two turns, cut at a space, or a name into the turn after its cue."""
    if entity == "PERSON":
        before, after = chance.choice(_NAME_NEXT[language])
        return Planted(entity, before, len(before), len(before), SPLIT, value + after, len(value))
    before, after = chance.choice(_NUMBER_NEXT[language])
    cut = chance.choice([match.start() for match in re.finditer(" ", value)])
    head, tail = value[:cut], value[cut + 1 :]
    return Planted(
        entity, before + head, len(before), len(before) + len(head), SPLIT, tail + after, len(tail)
    )


def person(language: str, style: str, chance: random.Random) -> str:
    """Return an invented full name, written in a style."""
    women, men, family = STAND_INS[language]
    name = f"{chance.choice([*women, *men])} {chance.choice(family)}"
    if language == "es" and chance.random() < 0.5:
        name += f" {chance.choice(family)}"
    if style == "lower":
        return name.lower()
    if style == "typo":
        at = chance.randrange(1, len(name) - 2)
        return (
            name if not name[at : at + 2].isalpha() else name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        )
    return name
