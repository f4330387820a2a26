"""Makes export files of a given size, on the fly and always the same. Knows formats' syntax, not the reader."""

import csv
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import orjson

_ASKED = (
    "Hola, ¿sigue disponible el Versa 2022 que vi en su página? Me interesa y quisiera verlo esta semana.",
    "¿Cuánto quedaría al mes con treinta mil de enganche a cuarenta y ocho meses?",
    "Is the blue Corolla still for sale? I could come by on Saturday morning if that works for you.",
    "Gracias, y ¿aceptan mi coche a cuenta? Es un Aveo 2016 con ochenta y dos mil kilómetros.",
)
_ANSWERED = (
    "¡Buenos días! Sí, sigue disponible en $279,900 con factura original y todos los servicios de agencia.",
    "Con gusto lo valuamos, ¿me comparte el kilometraje y de qué estado son las placas?",
    "Yes, it is. $18,450 with a clean title; Saturday at ten works, just ask for the used car desk.",
    "Quedarían 48 mensualidades de $5,610 con tasa fija de 13.9 %, seguro incluido el primer año.",
)
Turns = list[tuple[str, str]]


def conversations(seed: int = 7) -> Iterator[Turns]:
    """Yield conversations of four to ten turns, no two alike."""
    choose = random.Random(seed)
    number = 0
    while True:
        number += 1
        count = choose.randrange(2, 6)
        yield [
            (side, f"{choose.choice(texts)} Ref. {number}-{turn}")
            for turn in range(count)
            for side, texts in (("user", _ASKED), ("assistant", _ANSWERED))
        ]


def _csv(path: Path, size: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["conversation_id", "turn", "role", "content", "timestamp"])
        when = datetime(2024, 1, 5, 9)
        for number, turns in enumerate(conversations()):
            when += timedelta(minutes=7)
            stamp = when.isoformat(" ")
            for turn, (side, text) in enumerate(turns, start=1):
                rows.writerow([f"c{number}", turn, "cliente" if side == "user" else "asesor", text, stamp])
            if file.tell() >= size:
                return


def _openai(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for turns in conversations():
            messages = [{"role": side, "content": text} for side, text in turns]
            file.write(orjson.dumps({"messages": messages}) + b"\n")
            if file.tell() >= size:
                return


def _sharegpt(path: Path, size: int) -> None:
    names = {"user": "human", "assistant": "gpt"}
    with path.open("wb") as file:
        file.write(b"[")
        for number, turns in enumerate(conversations()):
            record = {"conversations": [{"from": names[side], "value": text} for side, text in turns]}
            file.write((b",\n" if number else b"") + orjson.dumps(record))
            if file.tell() >= size:
                break
        file.write(b"]")


def _whatsapp(path: Path, size: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        when = datetime(2015, 1, 25, 8)
        for turns in conversations():
            when += timedelta(hours=7)
            if when.year > 2030:
                when = datetime(2015, 1, 25, 8)
            for side, text in turns:
                when += timedelta(minutes=2)
                author = "Lucía Prueba" if side == "user" else "Agencia Centro"
                file.write(f"{when.day}/{when.month}/{when:%y}, {when:%H:%M} - {author}: {text}\n")
            if file.tell() >= size:
                return


MAKERS: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "csv": ("turns.csv", _csv),
    "openai": ("openai.jsonl", _openai),
    "sharegpt": ("sharegpt.json", _sharegpt),
    "whatsapp": ("chat.txt", _whatsapp),
}
