"""How much the name model's features speak for each label, for many stretches of text in one go.

What a word shows by itself, and to each neighbour by itself, is added up once per word and remembered. What words
show together is looked up by number in one sorted table. Knows features and weights, no probability.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from uncase_pipeline.anonymized.names.crf import Crf, Floats, Row
from uncase_pipeline.anonymized.names.features import JOINED, OUTSIDE, PAIR, REACH, UNKNOWN, Features, View

_ALONE = {name: parts[0] for name, parts in JOINED.items() if len(parts) == 1}
_TOGETHER = {name: parts for name, parts in JOINED.items() if len(parts) > 1}
_AWAY = (0, *sorted({away for away, _ in _ALONE.values()}))
_SHOWN = [[(name, side) for name, (off, side) in _ALONE.items() if off == away] for away in _AWAY[1:]]
_MOST_OWN = 9
_MOST_PARTS = max(map(len, _TOGETHER.values()))
_REMEMBERED = 50_000
_FIRST_ROOM = 4_096
_BAR = "|"

Ints = NDArray[np.int64]
Stretch = tuple[Sequence[str], bool]
"""Words, and whether their whole text is in one case."""


class Scores:
    """The scores of one model."""

    def __init__(self, crf: Crf, features: Features) -> None:
        self._features = features
        self._rows = {name: row for row, name in enumerate(crf.attributes)}
        self._nothing = len(crf.attributes)
        self._weights = np.vstack([crf.weights, np.zeros((1, len(crf.labels)))])
        self._symbols: dict[str, int] = {}
        self._keys, self._key_rows = self._table(crf.attributes)
        self._forget()

    def of(self, stretches: Sequence[Stretch]) -> list[list[Row]]:
        """Return per stretch and word, for every label, how likely it is beside the likeliest one."""
        self._learn(stretches)
        outside = [0] * REACH
        places = [*outside]
        for words, flat in stretches:
            numbers = self._numbers[flat]
            places += [numbers[word] for word in words]
            places += outside
        scores = self._scored(np.array(places))
        scores -= np.maximum.reduce(scores, axis=1, keepdims=True)
        factors = np.exp(scores, out=scores).tolist()
        found, begin = [], 0
        for words, _ in stretches:
            found.append(factors[begin : begin + len(words)])
            begin += len(words) + REACH
        return found

    def _scored(self, places: Ints) -> Floats:
        size = len(places) - 2 * REACH
        keys = self._joined_keys(self._sides[places], size)
        at = self._keys.searchsorted(keys)
        rows = np.where(self._keys[at] == keys, self._key_rows[at], self._nothing)
        scores: Floats = np.add.reduce(self._weights[rows], axis=0)
        alone = self._alone[places]
        for column, away in enumerate(_AWAY):
            scores += alone[REACH + away : REACH + away + size, column]
        return scores

    def _joined_keys(self, sides: Ints, size: int) -> Ints:
        digits = [sides * value for value in self._values]
        keys = np.empty((len(_TOGETHER), size), np.int64)
        for number, parts in enumerate(_TOGETHER.values()):
            key = keys[number]
            key[:] = number
            for digit, (away, side) in zip(digits, parts, strict=False):
                key += digit[REACH + away : REACH + away + size, side]
        return keys

    def _table(self, attributes: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the keys of the model's joined features, sorted, and the row of each."""
        numbers = {name: number for number, name in enumerate(_TOGETHER)}
        found: list[tuple[int, ...]] = []
        for row, attribute in enumerate(attributes):
            name, _, value = attribute.partition("=")
            if name in numbers and value:
                for parts in _cut(value, len(_TOGETHER[name])):
                    digits = [self._symbols.setdefault(part, len(self._symbols) + 1) for part in parts]
                    digits += [0] * (_MOST_PARTS - len(digits))
                    found.append((row, numbers[name], *digits))
        self._values = len(_TOGETHER) * (len(self._symbols) + 1) ** np.arange(_MOST_PARTS)
        table = np.array(found, np.int64).reshape(-1, 2 + _MOST_PARTS)
        keys = table[:, 1] + table[:, 2:] @ self._values
        order = np.argsort(keys)
        end = np.iinfo(np.int64).max
        return np.append(keys[order], end), np.append(table[order, 0], self._nothing)

    def _forget(self) -> None:
        self._numbers: dict[bool, dict[str, int]] = {False: {}, True: {}}
        self._alone = np.zeros((0, len(_AWAY), self._weights.shape[1]))
        self._sides = np.zeros((0, 2), np.int64)
        self._count = 0
        self._add([OUTSIDE])

    def _learn(self, stretches: Sequence[Stretch]) -> None:
        """Number the words that were not seen before, all at once."""
        if self._count > _REMEMBERED:
            self._forget()
        views: list[View] = []
        for words, flat in stretches:
            numbers = self._numbers[flat]
            for word in words:
                if word not in numbers:
                    numbers[word] = self._count + len(views)
                    views.append(self._features.view(word, flat, hidden=False))
        if views:
            self._add(views)

    def _add(self, views: Sequence[View]) -> None:
        """Note what views show, under the next numbers."""
        begin, end = self._count, self._count + len(views)
        if end > len(self._sides):
            room = max(end, 2 * len(self._sides), _FIRST_ROOM) - len(self._sides)
            self._alone = np.concatenate([self._alone, np.zeros((room, *self._alone.shape[1:]))])
            self._sides = np.concatenate([self._sides, np.zeros((room, 2), np.int64)])
        rows = np.array([self._rows_alone(view) for view in views])
        self._alone[begin:end] = np.add.reduce(self._weights[rows], axis=2)
        self._sides[begin:end] = [[self._symbols.get(side, 0) for side in view[:2]] for view in views]
        self._count = end

    def _rows_alone(self, view: View) -> list[list[int]]:
        """Return, for the word itself and each neighbour, the rows of what the word shows it by itself."""
        own = [*view.own, PAIR] if view.word == UNKNOWN else view.own
        shown = [own, *([f"{name}={view[side]}" for name, side in names] for names in _SHOWN)]
        return [
            [
                *(self._rows.get(name, self._nothing) for name in names),
                *[self._nothing] * (_MOST_OWN - len(names)),
            ]
            for names in shown
        ]


def _cut(value: str, parts: int) -> Iterator[tuple[str, ...]]:
    """Yield every way to read a joined feature; a part may itself be a bar."""
    if value.count(_BAR) == parts - 1:
        yield tuple(value.split(_BAR))
    elif parts == 1:
        if value == _BAR:
            yield (value,)
    else:
        for at in (index for index, character in enumerate(value) if character == _BAR):
            head = value[:at]
            if head == _BAR or _BAR not in head:
                yield from ((head, *rest) for rest in _cut(value[at + 1 :], parts - 1))
