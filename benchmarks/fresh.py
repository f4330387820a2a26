"""A second test set, written after the detectors and apart from them: conversations grown from ``fresh.toml``.

A checksum splits its frames and its names into two halves that share neither. Tuning looks at the misses of
``TUNED``; of ``FAIR`` only the aggregate is ever printed, so that half stays what nobody here has seen.
"""

import random
import re
import tomllib
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.fresh_registers import unaccented, written
from benchmarks.fresh_values import VALUES, birth
from benchmarks.privacy_tally import Document, Gold
from uncase_pipeline.anonymized.invented import Draw

TUNED, FAIR = 0, 1
DOMAINS = {
    "health": "medical.consultation",
    "finance": "finance.advisory",
    "legal": "legal.advisory",
    "vehicles": "automotive.sales",
    "education": "education.tutoring",
    "retail": "industrial.support",
}
_ORIGINS = {
    "es": ("hispanic",) * 8 + ("anglo", "asian", "arabic", "african"),
    "en": ("anglo",) * 6 + ("hispanic",) * 3 + ("asian",) * 2 + ("arabic", "african"),
}
_TURNS_WITH, _TURNS_PLAIN = 5, 4
_SLOT = re.compile(r"<([A-Z]+)>")
_PEOPLE = ("FULL", "FIRST", "LAST", "NICK", "SHORT")
_QUASI = {"ORDER", "ZIP"}
_ADDRESSES = {
    "es": (
        "Calle {f} 123, Col. {l}, C.P. 06700",
        "Av. {f} #45-B, Int. 302, Zapopan, Jalisco 45110",
        "C/ {l}, 14, 3º izda, 28013 Madrid",
        "calle {l} número 8 bajo B",
        "Carrera 45 # 23-18 apto 501, Medellín",
        "Cra 7 No. 71-21",
        "Av. {l} 2450 piso 6 depto C, CABA",
        "{l} 1180, Ñuñoa, Santiago",
        "Blvd. {f} {l} 1500 local 3",
        "Privada {l} 22, Fracc. Los Pinos, Querétaro",
        "Paseo de {l} 88, 2º A",
        "Jr. {l} 455, Lima",
        "Cerrada de {l} 9 Mz 4 Lt 12",
        "Prolongación {l} s/n, barrio San Juan",
    ),
    "en": (
        "1428 {l} Street, Apt 4B, Springfield, IL 62704",
        "77 {l} Road, Bristol BS6 5QA",
        "9 {f} Ln",
        "12B {l} Close, Leeds",
        "PO Box 2291, Flagstaff, AZ 86003",
        "3100 W {l} Ave Unit 12",
        "Flat 3, 56 {l} Gardens, London W2 4BA",
        "500 {l} Blvd Suite 210, Austin TX 78701",
        "22 {l} Court",
        "1600 N {f} Dr, Mesa, AZ",
        "The Old Mill, 4 {l} Lane, York YO1 7HH",
    ),
}


def conversations(half: int, language: str, register: str, count: int) -> Iterator[tuple[str, Document]]:
    """Yield conversations of one half, each with its domain; a label is the kind under which it is counted."""
    for number in range(count):
        chance = random.Random(f"{half}{language}{number}")
        area = sorted(DOMAINS)[number % len(DOMAINS)]
        frames = [
            frame for frame in _book()[language][area]["turns"] if _half(frame) == half and frame != "<FULL>"
        ]
        turns = [
            _filled(frame, half, language, chance)
            for frame in chance.sample(frames, min(_TURNS_WITH, len(frames)))
        ]
        plain = [text for text in _book()[language][area]["plain"] if _half(text) == half]
        turns += [(text, []) for text in chance.sample(plain, min(_TURNS_PLAIN, len(plain)))]
        chance.shuffle(turns)
        yield DOMAINS[area], [written(text, gold, register, chance) for text, gold in turns]


@cache
def _book() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "fresh.toml").read_text(encoding="utf-8"))


def _half(text: str) -> int:
    return zlib.crc32(f"half {text}".encode()) % 2


@cache
def _names(origin: str, half: int) -> dict[str, list[str]]:
    people = _book()["people"][origin]
    lists = {kind: people[kind].split() for kind in ("women", "men", "family", "nick")}
    lists["compound"] = people["compound"].split(";")
    return {kind: [name for name in names if _half(name) == half] for kind, names in lists.items()}


def _filled(frame: str, half: int, language: str, chance: random.Random) -> tuple[str, Gold]:
    pieces: list[str] = []
    gold: Gold = []
    at = length = 0
    for slot in _SLOT.finditer(frame):
        value = (
            _person(slot[1], half, language, chance)
            if slot[1] in _PEOPLE
            else _value(slot[1], half, language, chance)
        )
        pieces += (frame[at : slot.start()], value)
        length += slot.start() - at
        gold.append((length, length + len(value), _kind(slot[1])))
        length += len(value)
        at = slot.end()
    return "".join([*pieces, frame[at:]]), gold


def _kind(slot: str) -> str:
    return "PERSON" if slot in _PEOPLE else "quasi" if slot in _QUASI else slot


def _person(slot: str, half: int, language: str, chance: random.Random) -> str:
    origin = chance.choice(_ORIGINS[language])
    names = _names(origin, half)
    given = chance.choice(names[chance.choice(("women", "men"))])
    family = chance.choice(
        names["compound"] if chance.random() < 0.08 and names["compound"] else names["family"]
    )
    if slot == "FIRST":
        return given
    if slot == "LAST":
        return family
    if slot == "NICK":
        return chance.choice(names["nick"])
    if slot == "SHORT":
        return f"{given[0]}. {family}"
    draw = chance.random()
    if draw < 0.15:
        given += f" {chance.choice(names['women'] if given in names['women'] else names['men'])}"
    elif draw < 0.2 and origin == "anglo":
        given += f" {chance.choice('ABCDEFGHJKLMNPRSTW')}."
    if origin == "hispanic" and chance.random() < 0.6:
        family += f" {chance.choice(names['family'])}"
    if draw > 0.96:
        return f"{family}, {given}"
    return f"{given} {family}"


def _value(slot: str, half: int, language: str, chance: random.Random) -> str:
    if slot == "ADDRESS":
        names = _names("hispanic" if language == "es" else "anglo", half)
        address = chance.choice(_ADDRESSES[language])
        return address.format(f=chance.choice(names["men"]), l=chance.choice(names["family"]))
    if slot in {"EMAIL", "MAILSAID"}:
        return _mail(slot, half, language, chance)
    if slot == "DOB":
        return birth(language, chance)
    shapes = VALUES[slot]
    draws: list[Draw] = shapes[language] if isinstance(shapes, dict) else shapes
    return chance.choice(draws)(chance)


def _mail(slot: str, half: int, language: str, chance: random.Random) -> str:
    names = _names("hispanic" if language == "es" else "anglo", half)
    plain = [unaccented(chance.choice(names[kind])).lower().replace("'", "") for kind in ("men", "family")]
    host = chance.choice(
        (
            "gmail.com",
            "hotmail.com",
            "outlook.es",
            "yahoo.com.mx",
            "protonmail.com",
            "uni.edu",
            "empresa-sur.com.ar",
            "nhs.net",
        )
    )
    if slot == "EMAIL":
        return f"{plain[0]}{chance.choice(('.', '_', '', '-'))}{plain[1]}{chance.choice(('', '77', '1984'))}@{host}"
    at, dot = {"es": ("arroba", "punto"), "en": ("at", "dot")}[language]
    return f"{plain[0]} {dot} {plain[1]} {at} {chance.choice(('gmail', 'hotmail', 'outlook'))} {dot} com"
