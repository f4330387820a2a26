"""Leakage: whether train subjects left more traces in the synthetic rows than people who were held out.

A trace is something that one source subject alone used: a run of words, a rare word (a name, a place, a
slip), a long figure. Rows may share such a thing with anyone by chance; only a train subject can have given it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.codes import Coder, is_mask
from uncase_pipeline.certified.exact import fisher_greater, lower_bound, upper_bound
from uncase_pipeline.certified.finding import FAIL, INCONCLUSIVE, PASS, Finding
from uncase_pipeline.certified.fingerprints import Hasher, Hashes, Known
from uncase_pipeline.certified.reading import Reading

PHRASE = 5
ALPHA = 0.05
_LONG_FIGURE = 4
_LONG_WORD = 4
KINDS = ("phrases", "words", "figures")
_TITLES = {"phrases": "Rare phrases", "words": "Rare words and names", "figures": "Long figures"}

Hits = Mapping[str, npt.NDArray[np.intp]]


class Traces:
    """Finds the things in a row that could be traces."""

    def __init__(self, coder: Coder) -> None:
        self._phrases, self._words = Hasher(coder, PHRASE), Hasher(coder, 1)

    def of(self, row: Reading) -> dict[str, Hashes]:
        """Return the distinct things of each kind."""
        codes = row.coded(self._words.coder)
        singles, whole = self._words.ngrams(codes)
        figures = row.vocabulary.look_up(row.ids, "figure", _is_figure, np.bool_)
        long = row.vocabulary.look_up(row.ids, "long word", _is_long_word, np.bool_)
        return {
            "phrases": self._phrases.distinct(codes),
            "words": np.unique(singles[whole & long]),
            "figures": np.unique(singles[whole & figures]),
        }


@dataclass(frozen=True, slots=True)
class Rare:
    """The things of one kind that a single subject used.

    Attributes:
        known: Their hashes.
        owners: Whose each is.
    """

    known: Known
    owners: npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Suspects:
    """What the rows are searched for.

    Attributes:
        traces: Finds things in a row.
        rare: By kind.
        held_out: For each subject whether it was held out before seeding.
    """

    traces: Traces
    rare: Mapping[str, Rare]
    held_out: npt.NDArray[np.bool_]

    def hits(self, row: Reading) -> Hits:
        """Return which rare things stand in a row, as positions in ``rare``."""
        found = {}
        for kind, things in self.traces.of(row).items():
            rare = self.rare[kind].known
            found[kind] = np.searchsorted(rare.hashes, things[rare.positions(things)])
        return found


class SourceTraces:
    """Collects the things that each subject used, while the source streams by."""

    def __init__(self, coder: Coder) -> None:
        self._traces = Traces(coder)
        self._things: dict[str, list[Hashes]] = {kind: [] for kind in KINDS}
        self._owners: dict[str, list[npt.NDArray[np.uint32]]] = {kind: [] for kind in KINDS}
        self._subjects: dict[str, int] = {}
        self._held_out: list[bool] = []

    def add(self, subject: str, row: Reading, *, held_out: bool) -> None:
        """Take one conversation."""
        number = self._subjects.setdefault(subject, len(self._subjects))
        if number == len(self._held_out):
            self._held_out.append(held_out)
        for kind, things in self._traces.of(row).items():
            self._things[kind].append(things)
            self._owners[kind].append(np.full(len(things), number, np.uint32))

    def suspects(self) -> Suspects:
        """Return the things that one subject alone used."""
        rare = {kind: _alone(self._things[kind], self._owners[kind]) for kind in KINDS}
        return Suspects(self._traces, rare, np.array(self._held_out, np.bool_))


@dataclass(slots=True)
class Leakage:
    """Collects the hits of rows that passed, and rules on them."""

    suspects: Suspects
    _hit: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._hit = {kind: np.zeros(len(rare.known), np.bool_) for kind, rare in self.suspects.rare.items()}

    def observe(self, hits: Hits) -> None:
        """Take the hits of one row."""
        for kind, positions in hits.items():
            self._hit[kind][positions] = True

    def findings(self) -> list[Finding]:
        """Return one finding per kind."""
        return [self._finding(kind) for kind in KINDS]

    def _finding(self, kind: str) -> Finding:
        share, counted = self._shares(kind)
        held_out = self.suspects.held_out
        seen = _test(share, counted, held_out)
        planted = share.copy()
        train = np.flatnonzero(counted & ~held_out)
        planted[train[::2]] = 1.0
        control = _test(planted, counted, held_out)
        return _ruled(kind, seen, control)

    def _shares(self, kind: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        """Return for each subject the share of its rare things that stand in some row."""
        rare, count = self.suspects.rare[kind], len(self.suspects.held_out)
        owned = np.bincount(rare.owners, minlength=count)
        hit = np.bincount(rare.owners[self._hit[kind]], minlength=count)
        return hit / np.maximum(owned, 1), owned > 0


@dataclass(frozen=True, slots=True)
class _Result:
    train: int
    train_marked: int
    control: int
    control_marked: int

    @property
    def p_value(self) -> float:
        return fisher_greater(self.train_marked, self.train, self.control_marked, self.control)

    @property
    def epsilon(self) -> float:
        """The empirical lower bound on epsilon: what an attacker who guesses by these marks would show."""
        if not self.train or not self.control:
            return 0.0
        low = lower_bound(self.train_marked, self.train, 0.975)
        high = upper_bound(self.control_marked, self.control, 0.975)
        return max(0.0, math.log(low / high)) if low > 0 else 0.0


def _test(
    share: npt.NDArray[np.float64], counted: npt.NDArray[np.bool_], held_out: npt.NDArray[np.bool_]
) -> _Result:
    """Mark the subjects whose share lies above that of half the control group, and count both groups."""
    train, control = share[counted & ~held_out], share[counted & held_out]
    bound = float(np.median(control)) if len(control) else 0.0
    return _Result(len(train), int((train > bound).sum()), len(control), int((control > bound).sum()))


def _ruled(kind: str, seen: _Result, control: _Result) -> Finding:
    figures = {
        "p_value": seen.p_value,
        "epsilon_lower_bound": seen.epsilon,
        "train_subjects": seen.train,
        "train_marked": seen.train_marked,
        "control_subjects": seen.control,
        "control_marked": seen.control_marked,
        "positive_control_p_value": control.p_value,
    }
    alpha = ALPHA / len(KINDS)
    if control.p_value >= alpha:
        verdict, why = INCONCLUSIVE, "Too few subjects: a planted leak of half of them would not be seen."
    elif seen.p_value < alpha:
        verdict, why = FAIL, "Train subjects left more traces than people who were held out."
    else:
        verdict, why = PASS, "Train subjects left no more traces than people who were held out."
    return Finding(f"leakage_{kind}", _TITLES[kind], verdict, why, figures)


def _alone(things: list[Hashes], owners: list[npt.NDArray[np.uint32]]) -> Rare:
    hashes = np.concatenate(things) if things else np.empty(0, np.uint64)
    whose = np.concatenate(owners) if owners else np.empty(0, np.uint32)
    order = np.lexsort((whose, hashes))
    hashes, whose = hashes[order], whose[order]
    first = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1]))[: len(hashes)])
    last = np.concatenate((first[1:], [len(hashes)]))[: len(first)] - 1
    alone = first[whose[first] == whose[last]]
    return Rare(Known(hashes[alone]), whose[alone])


def _is_long_word(word: str) -> bool:
    return len(word) >= _LONG_WORD and not word[0].isdigit() and not is_mask(word)


def _is_figure(word: str) -> bool:
    return len(word) >= _LONG_FIGURE and word.isdigit()
