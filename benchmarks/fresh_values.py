"""Invented identifiers of every structured type, in the shapes in which people write them: for ``fresh.py``.

Knows how a value is drawn, not which sentence it stands in.
"""

# ruff: noqa: SIM905 - word lists read better as text, tables in rows

import random
import re
import string
from collections.abc import Callable
from typing import Any

from uncase_pipeline.anonymized import checksums
from uncase_pipeline.anonymized.invented import CONSONANTS, LETTERS, Draw, shaped

_SIGNS = {"9": string.digits, "8": "2345678", "A": LETTERS, "C": CONSONANTS, "x": "0123456789abcdef"}


def _shape(pattern: str) -> Draw:
    """In braces ``9`` is a digit, ``8`` one from 2 to 8, ``A`` a letter, ``C`` a consonant, ``x`` hexadecimal."""
    parts = re.split(r"[{}]", pattern)
    draws = [shaped(part, _SIGNS if number % 2 else {}) for number, part in enumerate(parts)]
    return lambda chance: "".join(draw(chance) for draw in draws)


def _right(pattern: str, check: Callable[[str], bool], tail: str = "0123456789") -> Draw:
    """Fill a pattern that ends in ``*`` with the last character that a check accepts, or try another body."""
    body = _shape(pattern[:-1])

    def draw(chance: random.Random) -> str:
        for _ in range(200):
            made = body(chance)
            for last in tail:
                if check(made + last):
                    return made + last
        return made + tail[0]

    return draw


def _day(chance: random.Random) -> str:
    return f"{chance.randrange(45, 99)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"


def _curp(chance: random.Random) -> str:
    body = (
        _shape("{AAAA}")(chance)
        + _day(chance)
        + chance.choice("HM")
        + chance.choice(("DF", "OC", "YN", "VZ", "NE"))
        + _shape("{CCC}")(chance)
        + "0"
    )
    return next(body + last for last in "0123456789" if checksums.curp(body + last))


def _rfc(chance: random.Random) -> str:
    return _shape("{AAAA}")(chance) + _day(chance) + _shape("{A9}")(chance) + chance.choice("0123456789A")


def _iban(country: str, length: int, every: int) -> Draw:
    def draw(chance: random.Random) -> str:
        account = "".join(chance.choice("0123456789") for _ in range(length))
        letters = "".join(str(int(c, 36)) for c in country)
        code = f"{country}{98 - int(f'{account}{letters}00') % 97:02d}{account}"
        return " ".join(code[i : i + every] for i in range(0, len(code), every))

    return draw


def birth(language: str, chance: random.Random) -> str:
    """Return a birth date as a language writes it."""
    day, month, year = chance.randrange(1, 29), chance.randrange(12), chance.randrange(1938, 2012)
    months = {
        "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
        "en": "January February March April May June July August September October November December".split(),
    }[language]
    if language == "es":
        return chance.choice(
            (
                f"{day} de {months[month]} de {year}",
                f"{day}/{month + 1:02d}/{year}",
                f"{day:02d}-{month + 1:02d}-{year % 100:02d}",
                f"{day} {months[month][:3]} {year}",
            )
        )
    return chance.choice(
        (
            f"{months[month]} {day}, {year}",
            f"{month + 1:02d}/{day:02d}/{year}",
            f"{day} {months[month]} {year}",
            f"{year}-{month + 1:02d}-{day:02d}",
            f"{months[month][:3]} {day} {year}",
        )
    )


_PHONES = {
    "es": (
        "55 {8999} {9999}",
        "+52 33 {8999} {9999}",
        "{8}22{8999999}",
        "(81) {8999}-{9999}",
        "+34 6{99} {999} {999}",
        "6{99} {99} {99} {99}",
        "91{8} {99} {99} {99}",
        "+57 3{99} {9999999}",
        "3{99} {999} {9999}",
        "011 4{999}-{9999}",
        "+54 9 351 {8999999}",
        "+56 9 {8999} {9999}",
        "9{8999999}{9}",
        "+51 9{99} {999} {999}",
        "044 55 {8999} {9999}",
        "55.{8999}.{9999}",
        "81 {8999} {9999} ext 45",
        "555 {99} {99} {999}",
    ),
    "en": (
        "({8}05) {8}67-{9999}",
        "{8}13-{8}55-{9999}",
        "{8}02.{8}55.{9999}",
        "{8}14{8}55{9999}",
        "+1 {8}19 {8}34 {9999}",
        "1-{8}18-{8}77-{9999}",
        "07{899} {999999}",
        "07{89}{9} {999} {999}",
        "+44 7{899} {999999}",
        "020 7{999} {9999}",
        "0161 {899} {9999}",
        "+44 (0)1223 {899999}",
        "{8}56 {8}21 {9999} x204",
        "{8}05-{8}99-{9999} ext. 12",
    ),
}
VALUES: dict[str, Any] = {
    "PHONE": {language: [_shape(p) for p in patterns] for language, patterns in _PHONES.items()},
    "NSS": [
        _right("{99999999}99*".replace("99*", "{99}*"), checksums.luhn),
        _shape("{99}-{99}-{99}-{9999}-{9}"),
        _shape("{99} {99} {99} {9999} {9}"),
        _shape("28/{99999999}/{99}"),
    ],
    "CURP": [_curp],
    "RFC": [_rfc, lambda c: f"{_rfc(c)[:4]}-{_day(c)}-{_shape('{A9A}')(c)}"],
    "CLABE": [
        _right("0{99}180{99999999999}*", checksums.clabe),
        lambda c: re.sub(r"^(...)(...)(.{11})(.)$", r"\1 \2 \3 \4", VALUES["CLABE"][0](c)),
    ],
    "DNI": [
        _right("{89999999}*", checksums.dni, "TRWAGMYFPDXBNJZSQVHLCKE"),
        _right("X{8999999}*", checksums.dni, "TRWAGMYFPDXBNJZSQVHLCKE"),
        _right("{89}.{999}.{999}-*", checksums.dni, "TRWAGMYFPDXBNJZSQVHLCKE"),
        _right("{89999999} *", checksums.dni, "TRWAGMYFPDXBNJZSQVHLCKE"),
    ],
    "CPF": [_right("{999}.{999}.{999}-{9}*", checksums.cpf), _right("{9999999999}*", checksums.cpf)],
    "RUT": [
        _shape("1{9}.{999}.{999}-{9}"),
        _shape("1{9999999}-K"),
        _shape("{8}.{999}.{999}-{9}"),
        _shape("1{9999999}-k"),
    ],
    "CEDULA": [
        _shape("1{999999999}"),
        _shape("1.0{99}.{999}.{999}"),
        _shape("52{999999}"),
        _shape("79.{999}.{999}"),
    ],
    "CUIT": [_shape("20-{89999999}-{9}"), _shape("27{89999999}{9}"), _shape("30-7{9999999}-{9}")],
    "NHS": [_shape("{899} {999} {9999}"), _shape("{8999999999}"), _shape("{899}-{999}-{9999}")],
    "NINO": [_shape("QQ {99} {99} {99} C"), _shape("AB{999999}D"), _shape("JG {99} {99} {99} A")],
    "SSN": [_shape("{8}12-{89}-{8999}"), _shape("{8}12{89}{8999}"), _shape("{8}12 {89} {8999}")],
    "PASSPORT": [
        _shape("G{99999999}"),
        _shape("{899999999}"),
        _shape("AAC{999999}"),
        _shape("XD{999999}"),
        _shape("P{A9999999}"),
    ],
    "LICENCE": {
        "es": [_shape("{A9999999}"), _shape("{89999999}"), _shape("B0{99999999}")],
        "en": [
            _shape("MORGA{999999}AB9IJ"),
            _shape("D{9999999}"),
            _shape("S{999}-{9999}-{9999}"),
            _shape("{899999999}"),
        ],
    },
    "VIN": [
        _shape("1HGC{A8}82{9A}3A{999999}"),
        _shape("WVWZZZ1JZ{9A}W{999999}"),
        _shape("3N1AB7AP{9}KY{999999}"),
    ],
    "PLATE": {
        "es": [
            _shape("{AAA}-{999}-{A}"),
            _shape("{9999} {CCC}"),
            _shape("{AA} {999} {AA}"),
            _shape("{AAA} {999}"),
            _shape("{CCCC}-{99}"),
            _shape("{AAA9999}"),
        ],
        "en": [
            _shape("{8AAA}{999}"),
            _shape("{AA}{99} {AAA}"),
            _shape("{AAA}-{9999}"),
            _shape("{AAA} {9999}"),
        ],
    },
    "MRN": [_shape("{8999999}"), _shape("{99}-{99999}"), _shape("H{999999}"), _shape("{899999}/{99}")],
    "POLICY": [
        _shape("GM-{999999}"),
        _shape("{A999999999}"),
        _shape("{89999999}"),
        _shape("POL{99}-{99999}"),
        _shape("XEH{899999999}"),
    ],
    "IBAN": [
        _iban("ES", 20, 4),
        _iban("ES", 20, 30),
        _iban("DE", 18, 4),
        _iban("DE", 18, 30),
        _iban("PT", 21, 4),
    ],
    "CARD": [
        _right("4{999} {9999} {9999} {999}*", checksums.luhn),
        _right("5{899}{9999}{9999}{999}*", checksums.luhn),
        _right("37{89} {999999} {9999}*", checksums.luhn),
        _right("6{999}-{9999}-{9999}-{999}*", checksums.luhn),
        _right("4{99999999999}*", checksums.luhn),
        _right("6{999999999999999999}*".replace("{9999999", "{999999", 1), checksums.luhn),
    ],
    "IP": [
        lambda c: ".".join(str(c.randrange(1, 255)) for _ in range(4)),
        _shape("2a02:{x9xx}:{xxxx}::{x9x}"),
        _shape("fe80::{x9xx}:{xxxx}:{x9xx}:{xxxx}"),
        _shape("2001:db8:{9xxx}:0:0:{xxxx}:0:{9xxx}"),
    ],
    "MAC": [_shape("{x9}:{xx}:{x9}:{xx}:{9x}:{xx}"), _shape("{9x}-{xx}-{x9}-{xx}-{9x}-{xx}")],
    "HANDLE": [
        _shape("@sol_{999}"),
        _shape("@mx.rockera{99}"),
        _shape("@the_real_{AAA}{9}"),
        _shape("@kev.rdz"),
    ],
    "WALLET": [
        _shape("0x{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}"),
        _shape("bc1q{x9xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}"),
        _shape("1{ACACACACACACACAC9ACAC9ACACAC9ACACA}"),
    ],
    "ACCOUNT": [
        _shape("{8999999999}"),
        _shape("{999}-{9999999}"),
        _shape("{99}-{99}-{99} {99999999}"),
        _shape("{8999} {9999} {99}"),
        _shape("{89999999}"),
    ],
    "CEDPROF": [_shape("{8999999}"), _shape("{89999999}")],
    "STUDENT": [_shape("A0{9999999}"), _shape("{99}-{99999}"), _shape("{8999999}")],
    "ZIP": [_shape("0{8999}"), _shape("{89999}")],
    "POSTCODE": [_shape("SW{9} {9}AA"), _shape("M{99} {9}ED"), _shape("EH{9} {9}YT")],
    "ORDER": [_shape("{8999999}"), _shape("MX-{99999}"), _shape("#{899999}")],
    "URL": [
        _shape("https://facebook.com/sol.{999}"),
        _shape("linkedin.com/in/rocio-{9999}"),
        _shape("www.instagram.com/k{999}"),
    ],
}
