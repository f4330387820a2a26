"""Train, validation and test by families of rows, so that no subject and no seed stands on two sides.

Knows ids and counts, no text. Rows that share a subject or a seed are one family, and a family goes to one
split as a whole. The hash of its name decides, so a family stays where it was when the dataset grows.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
_MANY = 10_000
"""So many families leave no split empty."""
SHARES: dict[Split, float] = {"train": 0.8, "validation": 0.1, "test": 0.1}


@dataclass(frozen=True, slots=True)
class Kin:
    """What ties a row to others: the ids of its subjects and its seed, and its own where there are none."""

    subjects: tuple[str, ...]
    seed: str | None
    row: str

    def keys(self) -> list[str]:
        """Return the names that rows of one family share, the subjects first."""
        keys = [f"subject:{subject}" for subject in self.subjects]
        if self.seed is not None:
            keys.append(f"seed:{self.seed}")
        return keys


class Families:
    """Joins rows into families while they stream by. Memory grows with subjects and seeds, not with rows."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._loners = False

    def add(self, kin: Kin) -> None:
        """Note one row."""
        keys = kin.keys()
        if not keys:
            self._loners = True
            return
        root = self._find(keys[0])
        for key in keys[1:]:
            root = self._join(root, self._find(key))

    def name(self, kin: Kin) -> str:
        """Return the family of a row: its smallest subject or seed, or the row where it stands alone."""
        keys = kin.keys()
        return self._find(keys[0]) if keys else f"row:{kin.row}"

    def names(self) -> list[str]:
        """Return the names of the families that share a subject or a seed."""
        return [key for key, parent in self._parent.items() if key == parent]

    def assignment(self, salt: str) -> "Assignment":
        """Decide, once every row was noted."""
        return Assignment(salt, {}) if self._loners else Assignment.of(self.names(), salt)

    def _find(self, key: str) -> str:
        parent = self._parent
        root = parent.setdefault(key, key)
        while parent[root] != root:
            root = parent[root]
        while key != root:
            parent[key], key = root, parent[key]
        return root

    def _join(self, one: str, other: str) -> str:
        if one == other:
            return one
        # "subject:" sorts after "seed:", and the unit of privacy is the person: subjects name the family.
        first, second = sorted((one, other), key=lambda key: (not key.startswith("subject:"), key))
        self._parent[second] = first
        return first


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which family is in which split.

    Attributes:
        salt: Goes into the hash.
        moved: Families that the hash would have put elsewhere, so that no split of a small dataset is empty.
    """

    salt: str
    moved: dict[str, Split]

    @classmethod
    def of(cls, families: Sequence[str], salt: str) -> "Assignment":
        """Assign by hash; where few families leave a split empty, give each split one of its own."""
        plain = cls(salt, {})
        if not families or len(families) > _MANY or {plain.split(name) for name in families} == set(SPLITS):
            return plain
        ranked = sorted(families, key=plain.point)
        moved: dict[str, Split] = {}
        if len(ranked) > 1:
            moved[ranked[-1]] = "test"
        if len(ranked) > 2:
            moved[ranked[-2]] = "validation"
        return cls(salt, {**moved, ranked[0]: "train"})

    def point(self, family: str) -> float:
        """Return the place of a family between 0 and 1."""
        digest = hashlib.sha256(f"{self.salt}\0{family}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64

    def split(self, family: str) -> Split:
        """Return the split of a family."""
        if family in self.moved:
            return self.moved[family]
        point = self.point(family)
        if point < SHARES["train"]:
            return "train"
        return "validation" if point < SHARES["train"] + SHARES["validation"] else "test"
