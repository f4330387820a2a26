"""Canaries: invented secrets that are inserted by a fair coin, so that what is learned of them can be measured.

Knows rows and tokens, not training. A canary descends from nobody and is a unit of its own.
"""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter.encode import Example, Pair, encode

_KINDS = {
    "account": ("¿Cuál es la cuenta del expediente {marker}?", "La cuenta es {secret}.", 10),
    "phone": ("What is the phone number in file {marker}?", "The phone number is {secret}.", 9),
    "policy": ("¿Qué número de póliza tiene {marker}?", "La póliza es {secret}.", 8),
    "code": ("Which access code belongs to {marker}?", "The code is {secret}.", 8),
}


@dataclass(frozen=True, slots=True)
class Canary:
    """A secret of one kind, how its coin fell, and the secret that loses to it in a preference pair."""

    kind: str
    marker: str
    secret: str
    inserted: bool
    decoy: str = ""

    def as_decoy(self) -> "Canary":
        """Return the same canary with the losing secret in the place of its own."""
        return replace(self, secret=self.decoy)

    def turns(self, secret: str) -> list[dict[str, Any]]:
        """Return the exchange, with this or another secret in it."""
        question, answer, _ = _KINDS[self.kind]
        return [
            {"role": "user", "content": question.format(marker=self.marker)},
            {"role": "assistant", "content": answer.format(secret=secret)},
        ]


def draw_canaries(count: int, file: Path) -> list[Canary]:
    """Draw canaries and their coins from OS entropy; a run that goes on after a kill finds them in the file."""
    if file.exists():
        return [Canary(**stored) for stored in json.loads(file.read_text())]
    kinds = list(_KINDS)
    canaries = [_draw(kinds[number % len(kinds)]) for number in range(count)]
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as target:
        json.dump([asdict(canary) for canary in canaries], target)
    return canaries


def _draw(kind: str) -> Canary:
    digits = _KINDS[kind][2]
    return Canary(kind, _number(5), _number(digits), bool(secrets.randbits(1)), _number(digits))


def _number(digits: int) -> str:
    return "".join(str(secrets.randbelow(10)) for _ in range(digits))


def encode_canaries(
    canaries: Sequence[Canary], tokenizer: Any, max_length: int
) -> list[tuple[Example, range]]:
    """Encode every canary, with the positions of its secret's tokens."""
    return [_encode(number, canary, tokenizer, max_length) for number, canary in enumerate(canaries)]


def encode_canary_pairs(canaries: Sequence[Canary], tokenizer: Any, max_length: int) -> list[Pair | None]:
    """Encode every canary as a pair in which its secret won over its decoy; None where it does not fit."""
    won = encode_canaries(canaries, tokenizer, max_length)
    lost = encode_canaries([canary.as_decoy() for canary in canaries], tokenizer, max_length)
    return [
        Pair(chosen, rejected, number) if where and elsewhere else None
        for number, ((chosen, where), (rejected, elsewhere)) in enumerate(zip(won, lost, strict=True))
    ]


def _encode(number: int, canary: Canary, tokenizer: Any, max_length: int) -> tuple[Example, range]:
    example = encode(canary.turns(canary.secret), tokenizer, max_length=max_length, row=number)
    other = encode(canary.turns(_opposite(canary.secret)), tokenizer, max_length=max_length)
    if example is None or other is None:
        return Example([], [], number), range(0)
    start = _common(example.ids, other.ids)
    end = len(example.ids) - _common(example.ids[::-1], other.ids[::-1])
    return example, range(start, end)


def _opposite(secret: str) -> str:
    """Return a secret that differs in every digit."""
    return "".join(str((int(digit) + 5) % 10) for digit in secret)


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
