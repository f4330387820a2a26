"""Embedding drift: how far what is said in the rows lies from what the source says. Gates by a threshold only.

The energy coefficient (Székely and Rizzo 2013) of turns as unit vectors: about 0 where both sets are alike.
Its scale is the model's, so that noise and a planted drift stand beside it. Turns of one subject or one seed
hang together: pairs within one are left out, and they move together in the permutations. Nothing of a single
turn leaves this module.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.embeddings import Embedder, Ids, Vector
from uncase_pipeline.certified.finding import FAIL, INCONCLUSIVE, PASS
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.settings import Settings

DRIFT = "drift"
"""What a threshold of it is named."""
MEASURED = "MEASURED"
ROLES = ("user", "assistant")
_TURNS = 500
_LEAST_GROUPS = 12
"""So that halves of the source, for the controls, can still be drawn in 924 ways."""
_PERMUTATIONS = 499
ALPHA = 0.05
_DAMAGE = 0.5
_DIGITS = 6

Points = npt.NDArray[np.float64]
Groups = npt.NDArray[np.intp]


@dataclass(slots=True)
class Sample:
    """A uniform sample of the turns of one role (Vitter 1985, algorithm R), with whose each is."""

    seen: int = 0
    turns: list[tuple[str, Ids, Vector]] = field(default_factory=list)

    def offer(self, group: str, text: str, embedder: Embedder, random: np.random.Generator) -> None:
        """Take a turn or not; one without a known word is none."""
        at = len(self.turns) if len(self.turns) < _TURNS else int(random.integers(self.seen + 1))
        ids = embedder.ids(text) if at < _TURNS else None
        vector = embedder.embedded(ids) if ids is not None else None
        self.seen += ids is None or vector is not None
        if ids is not None and vector is not None:
            self.turns[at : at + 1] = [(group, ids, vector)]  # one past the end appends

    @property
    def points(self) -> Points:
        """One vector per turn."""
        return np.array([vector for _, _, vector in self.turns])

    @property
    def groups(self) -> Groups:
        """The number of the subject or seed behind each turn."""
        return np.unique([group for group, _, _ in self.turns], return_inverse=True)[1]


@dataclass(frozen=True, slots=True)
class RoleDrift:
    """What was measured of the turns of one role.

    Attributes:
        verdict: MEASURED; PASS or FAIL where there is a bound; INCONCLUSIVE where nothing could be seen.
        why: One sentence.
        value: Energy coefficient, None of too few turns.
        p_value: How probable so much would be if both sets were one.
        cosine: Cosine distance of the two means, None where one has no direction.
        synthetic: Sampled turns of the rows.
        source: Sampled turns of the source.
        source_halves: The coefficient of one half of the source's subjects against the other: the noise.
        positive_control: The same with half the words of one half replaced at random.
        positive_control_p_value: Of that; it must be small.
    """

    verdict: str
    why: str
    synthetic: int
    source: int
    value: float | None = None
    p_value: float | None = None
    cosine: float | None = None
    source_halves: float | None = None
    positive_control: float | None = None
    positive_control_p_value: float | None = None


class Drift:
    """Samples turns of both sets while they stream by, and compares them."""

    def __init__(self, embedder: Embedder, seed: int) -> None:
        self._embedder = embedder
        self._seed = seed
        self._random = np.random.default_rng([seed, 0])
        self._synthetic = {role: Sample() for role in ROLES}
        self._source = {role: Sample() for role in ROLES}

    @classmethod
    def of_settings(cls, settings: Settings, source: Iterable[Conversation]) -> Self | None:
        """Read the source where a model is set; None, and nothing is read, where it is off."""
        if settings.embeddings is None:
            return None
        drift = cls(Embedder(settings.embeddings), settings.seed)
        for conversation in source:
            drift.of_source(conversation)
        return drift

    def of_source(self, conversation: Conversation) -> None:
        """Take a conversation of the source."""
        self._take(self._source, conversation, conversation.subject_id)

    def observe(self, conversation: Conversation) -> None:
        """Take a row that passed."""
        self._take(self._synthetic, conversation, conversation.seed_id)

    def document(self, bound: float | None = None) -> dict[str, Any]:
        """Return what a certificate says; with a bound, each role passes or fails."""
        return {
            "model": self._embedder.id,
            "bound": bound,
            "turns_at_most": _TURNS,
            "roles": {role: asdict(self._measured(role, bound)) for role in ROLES},
        }

    def _take(self, samples: dict[str, Sample], conversation: Conversation, group: str | None) -> None:
        for turn in Reading(conversation).turns:
            samples[turn.role].offer(
                group or conversation.conversation_id, turn.content, self._embedder, self._random
            )

    def _measured(self, role: str, bound: float | None) -> RoleDrift:
        rows, source = self._synthetic[role], self._source[role]
        sizes = len(rows.turns), len(source.turns)
        if min(_different(rows.groups), _different(source.groups)) < _LEAST_GROUPS:
            why = f"Fewer than {_LEAST_GROUPS} seeds or subjects speak: drift was not computed."
            return RoleDrift(INCONCLUSIVE, why, *sizes)
        random = np.random.default_rng([self._seed, 1])
        value, p_value = energy(rows.points, source.points, rows.groups, source.groups, random)
        (noise, _), (control, control_p) = self._controls(source, random)
        shown = control_p < ALPHA and control > noise
        verdict, why = _ruled(value, bound, shown=shown)
        cosine = _cosine(rows.points, source.points, rows.groups, source.groups)
        figures = (value, p_value, cosine, noise, control, control_p)
        rounded = (None if figure is None else round(figure, _DIGITS) for figure in figures)
        return RoleDrift(verdict, why, *sizes, *rounded)

    def _controls(
        self, source: Sample, random: np.random.Generator
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        """Compare two halves of the source's subjects: as they are, and with words of one replaced."""
        groups = source.groups
        first = np.isin(groups, random.permutation(_different(groups))[::2])
        one, other = source.points[first], source.points[~first]
        damaged = np.array([self._damaged(turn, random) for turn in source.turns])[first]
        sides = groups[first], groups[~first]
        return energy(one, other, *sides, random), energy(damaged, other, *sides, random)

    def _damaged(self, turn: tuple[str, Ids, Vector], random: np.random.Generator) -> Vector:
        _, ids, vector = turn
        drawn = random.integers(self._embedder.vocabulary, size=len(ids))
        mixed = self._embedder.embedded(np.where(random.random(len(ids)) < _DAMAGE, drawn, ids))
        return vector if mixed is None else mixed


def drift_shortfalls(document: Mapping[str, Any] | None) -> list[str]:
    """Return what keeps a bound on drift from being met; drift that was not computed does not meet it."""
    if document is None:
        return ["a threshold for drift is set and UNCASE_EMBEDDINGS is not"]
    return [
        f"the embedding drift of {role} turns is {drift['verdict']}, not PASS"
        for role, drift in document["roles"].items()
        if drift["verdict"] != PASS
    ]


def energy(
    one: Points, other: Points, groups: Groups, other_groups: Groups, random: np.random.Generator
) -> tuple[float, float]:
    """Return the energy coefficient of two sets of unit vectors, and its permutation p-value.

    Args:
        one: A vector per turn.
        other: The same of the other set.
        groups: Whose each turn of ``one`` is, as a number; all turns of a group move together.
        other_groups: The same of ``other``; an equal number is another group.
        random: Draws the permutations.
    """
    points = np.concatenate((one, other))
    set_of = np.repeat((0, 1), (len(one), len(other)))
    pairs = np.stack((set_of, np.concatenate((groups, other_groups))))
    names, whose = np.unique(pairs, axis=1, return_inverse=True)
    whose = whose.reshape(-1)
    counted = (whose[:, None] != whose[None]).astype(np.float64)
    distances = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * points @ points.T)) * counted
    labels = names[0] == 0
    drawn = [labels, *(random.permutation(labels) for _ in range(_PERMUTATIONS))]
    sides = np.array(drawn, np.float64)[:, whose].T
    distance_sums, pair_counts = _sums(distances, sides), _sums(counted, sides)
    first, between, second = (total / count for total, count in zip(distance_sums, pair_counts, strict=True))
    values = (2 * between - first - second) / np.maximum(2 * between, 1e-9)
    return float(values[0]), float((values >= values[0] - 1e-9).mean())


def _sums(matrix: Points, sides: Points) -> tuple[Points, Points, Points]:
    """Return for each labelling (a column) the sums within the first set, across, and within the second."""
    of_first = matrix @ sides
    first = (sides * of_first).sum(0)
    across = of_first.sum(0) - first
    return first, across, matrix.sum() - first - 2 * across


def _ruled(value: float, bound: float | None, *, shown: bool) -> tuple[str, str]:
    if not shown:
        return INCONCLUSIVE, "Half of the words replaced at random would not be seen: too few turns."
    if bound is None:
        return MEASURED, "Half of the words replaced at random would be seen. No threshold is set."
    if value < bound:
        return PASS, f"The rows lie nearer to the source than {bound:g}."
    return FAIL, f"The rows lie further from the source than {bound:g}."


def _cosine(one: Points, other: Points, groups: Groups, other_groups: Groups) -> float | None:
    """Return the cosine distance of two means, lengths without chance; None where a mean has no direction."""
    lengths = _likeness(one, groups), _likeness(other, other_groups)
    if min(lengths) <= 0:
        return None
    return 1.0 - float(one.mean(0) @ other.mean(0)) / math.sqrt(lengths[0] * lengths[1])


def _likeness(points: Points, groups: Groups) -> float:
    """Return the mean product of turns of different groups: the squared length of the mean, unbiased."""
    sums = np.zeros((_different(groups), points.shape[1]))
    np.add.at(sums, groups, points)
    pairs = len(points) ** 2 - int((np.bincount(groups) ** 2).sum())
    return float((points.sum(0) ** 2).sum() - (sums**2).sum()) / pairs


def _different(groups: Groups) -> int:
    return int(groups.max()) + 1 if len(groups) else 0
