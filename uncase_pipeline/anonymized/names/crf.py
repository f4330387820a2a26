"""A linear-chain conditional random field, read from a CRFsuite file: weights, and probabilities along a chain.

Knows the file format (``lCRF`` version 100) and the forward-backward recursion, no word and no feature.
``python-crfsuite`` trains the file; a test holds the two to the same probabilities.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Row = tuple[float, float, float, float]
"""One number per label. There are four, and the recursion writes them out: a loop takes three times as long."""
_HEADER = struct.Struct("<4sI4sIIIIIIIII")
_FEATURE = np.dtype([("kind", "<u4"), ("source", "<u4"), ("label", "<u4"), ("weight", "<f8")])
_LABELS = 4
_OF_STATE, _OF_TRANSITION = 0, 1
_CHUNK_HEAD = struct.Struct("<4sII")
_NAMES_HEAD = struct.Struct("<4sIIIII")
_NAME_HEAD = struct.Struct("<II")


class DamagedModelError(ValueError):
    """The file is no CRFsuite model."""


@dataclass(frozen=True)
class Crf:
    """The model.

    Attributes:
        labels: In the order of the columns.
        attributes: Name of each feature string, in the order of the rows.
        weights: One row per attribute, one column per label.
        transitions: From the row's label to the column's.
    """

    labels: tuple[str, ...]
    attributes: tuple[str, ...]
    weights: Floats
    transitions: Floats

    @classmethod
    def read(cls, path: Path) -> "Crf":
        """Read a model file.

        Raises:
            OSError: It can't be read.
            DamagedModelError: It is no model, or cut off.
        """
        data = path.read_bytes()
        try:
            return cls._parsed(data)
        except (struct.error, IndexError, ValueError) as error:
            raise DamagedModelError(type(error).__name__) from None

    @classmethod
    def _parsed(cls, data: bytes) -> "Crf":
        magic, size, kind, version, *_, features, labels, attributes, _of_labels, _of_attributes = (
            _HEADER.unpack_from(data)
        )
        if (magic, kind, version) != (b"lCRF", b"FOMC", 100) or size != len(data):
            raise ValueError
        label_names, attribute_names = _names(data, labels), _names(data, attributes)
        if len(label_names) != _LABELS:
            raise ValueError
        _, _, count = _CHUNK_HEAD.unpack_from(data, features)
        table = np.frombuffer(data, _FEATURE, count, features + _CHUNK_HEAD.size)
        return cls(
            label_names,
            attribute_names,
            _matrix(table[table["kind"] == _OF_STATE], len(attribute_names), len(label_names)),
            _matrix(table[table["kind"] == _OF_TRANSITION], len(label_names), len(label_names)),
        )

    @cached_property
    def steps(self) -> tuple[Row, ...]:
        """Factor of every step, by the label that it comes from and the one that it leads to."""
        return tuple(map(_row, np.exp(self.transitions).tolist()))


class Chain:
    """Probabilities of the labels along one stretch, worked out where somebody asks."""

    def __init__(self, crf: Crf, factors: Sequence[Row], first: int, last: int) -> None:
        """Weigh a stretch.

        Args:
            crf: The model.
            factors: Per word, for every label, how likely the word by itself makes it.
            first: The first word that will be asked about.
            last: The last one.
        """
        self._before = _forward(factors[: last + 1], crf.steps)
        self._after = _backward(factors[first:], crf.steps)
        self._first = first

    def chances(self, place: int) -> Row:
        """Return the probability of every label at a word between the first and the last."""
        (aa, ba, ca, da), (ab, bb, cb, db) = self._before[place], self._after[place - self._first]
        a, b, c, d = aa * ab, ba * bb, ca * cb, da * db
        total = a + b + c + d
        return a / total, b / total, c / total, d / total


def _forward(factors: Sequence[Row], steps: tuple[Row, ...]) -> list[Row]:
    """Weigh the labels of each word by what stands before it and by the word itself, scaled to 1."""
    (aa, ab, ac, ad), (ba, bb, bc, bd), (ca, cb, cc, cd), (da, db, dc, dd) = steps
    a, b, c, d = factors[0]
    passed = [(a, b, c, d)]
    for own_a, own_b, own_c, own_d in factors[1:]:
        total = a + b + c + d
        a, b, c, d = (
            own_a * (a * aa + b * ba + c * ca + d * da) / total,
            own_b * (a * ab + b * bb + c * cb + d * db) / total,
            own_c * (a * ac + b * bc + c * cc + d * dc) / total,
            own_d * (a * ad + b * bd + c * cd + d * dd) / total,
        )
        passed.append((a, b, c, d))
    return passed


def _backward(factors: Sequence[Row], steps: tuple[Row, ...]) -> list[Row]:
    """Weigh the labels of each word by what stands after it."""
    (aa, ab, ac, ad), (ba, bb, bc, bd), (ca, cb, cc, cd), (da, db, dc, dd) = steps
    a = b = c = d = 1.0
    passed = [(a, b, c, d)]
    for own_a, own_b, own_c, own_d in factors[:0:-1]:
        total = a + b + c + d
        a, b, c, d = a * own_a / total, b * own_b / total, c * own_c / total, d * own_d / total
        a, b, c, d = (
            a * aa + b * ab + c * ac + d * ad,
            a * ba + b * bb + c * bc + d * bd,
            a * ca + b * cb + c * cc + d * cd,
            a * da + b * db + c * dc + d * dd,
        )
        passed.append((a, b, c, d))
    passed.reverse()
    return passed


def _row(values: list[float]) -> Row:
    a, b, c, d = values
    return a, b, c, d


def _matrix(features: NDArray[np.void], rows: int, columns: int) -> Floats:
    matrix = np.zeros((rows, columns))
    matrix[features["source"], features["label"]] = features["weight"]
    return matrix


def _names(data: bytes, start: int) -> tuple[str, ...]:
    """Return the strings of a CQDB chunk in the order of their numbers."""
    magic, _size, _flag, _order, count, backward = _NAMES_HEAD.unpack_from(data, start)
    if magic != b"CQDB":
        raise ValueError
    places = np.frombuffer(data, "<u4", count, start + backward).tolist()
    head = _NAME_HEAD.size
    found = []
    for place in places:
        _number, length = _NAME_HEAD.unpack_from(data, start + place)
        found.append(data[start + place + head : start + place + head + length - 1].decode())
    return tuple(found)
