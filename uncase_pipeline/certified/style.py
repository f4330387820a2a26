"""Style: whether synthetic turns can be attributed to the speaker behind their seed.

Character trigrams of distorted text (Stamatatos 2017): words other than function words become stars, so that
what is said about cannot pass for how it is said. Question marks are left out: they belong to the plan.
"""

import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.finding import FAIL, INCONCLUSIVE, PASS, Finding
from uncase_pipeline.dialogue.tokens import STOP_WORDS
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.seed import Seed

_DIMENSIONS = 4_096
_SPEAKERS = 400
_ROWS = 1_000
_PERMUTATIONS = 999
_LEAST_SPEAKERS = 8
ALPHA = 0.01
_WORD = re.compile(r"[^\W\d_]+")
_FIGURE = re.compile(r"\d")
_PLAN = str.maketrans("", "", "?¿")

Vector = npt.NDArray[np.float32]


def style_of(conversation: Conversation, part: int | None = None) -> Vector:
    """Return the trigram counts of the user's turns; of every second one where ``part`` is 0 or 1."""
    turns = [
        message.content for message in conversation.messages if message.role == "user" and message.content
    ]
    text = "\n".join(turns if part is None else turns[part::2])
    raw = np.frombuffer(distorted(text.translate(_PLAN)).encode(), np.uint8).astype(np.uint32)
    if len(raw) < 3:
        return np.zeros(_DIMENSIONS, np.float32)
    grams = raw[:-2] * np.uint32(65_536) + raw[1:-1] * np.uint32(256) + raw[2:]
    slots = (grams * np.uint32(2_654_435_761)) >> np.uint32(20)
    return np.bincount(slots, minlength=_DIMENSIONS).astype(np.float32)


def distorted(text: str) -> str:
    """Return the text with every word but function words as stars, and figures as #."""
    masked = _WORD.sub(lambda word: word[0] if word[0].lower() in STOP_WORDS else "*" * len(word[0]), text)
    return _FIGURE.sub("#", masked)


class Speakers:
    """Sums up how each source speaker writes, in two halves: the second is the positive control."""

    def __init__(self) -> None:
        self._halves: dict[str, tuple[Vector, Vector]] = {}

    def add(self, subject: str, conversation: Conversation) -> None:
        """Take one conversation of a speaker."""
        if subject not in self._halves and len(self._halves) >= _SPEAKERS:
            return
        first, second = style_of(conversation, 0), style_of(conversation, 1)
        known = self._halves.get(subject)
        self._halves[subject] = (known[0] + first, known[1] + second) if known else (first, second)

    @property
    def subjects(self) -> list[str]:
        """The speakers, in order."""
        return list(self._halves)

    def profiles(self, half: int | None = None) -> Vector:
        """Return one row per speaker, from one half or both."""
        vectors = [a + b if half is None else (a, b)[half] for a, b in self._halves.values()]
        return np.stack(vectors) if vectors else np.zeros((0, _DIMENSIONS), np.float32)


@dataclass(slots=True)
class StyleLeak:
    """Collects rows that passed, and rules on whether their seeds' speakers can be recognised in them."""

    speakers: Speakers
    _rows: list[Vector] = field(default_factory=list)
    _behind: list[list[int]] = field(default_factory=list)

    def observe(self, conversation: Conversation, seed: Seed) -> None:
        """Take one row, if the speakers behind its seed are known."""
        number = {subject: at for at, subject in enumerate(self.speakers.subjects)}
        behind = [number[subject] for subject in seed.subject_ids if subject in number]
        if behind and len(self._rows) < _ROWS:
            self._rows.append(style_of(conversation))
            self._behind.append(behind)

    def finding(self, seed: int) -> Finding:
        """Rule on the rows; ``seed`` makes the permutations repeatable."""
        random = np.random.default_rng(seed)
        count = len(self.speakers.subjects)
        if count < _LEAST_SPEAKERS or len(self._rows) < _LEAST_SPEAKERS:
            return _finding(
                INCONCLUSIVE, "Too few speakers or rows.", {"speakers": count, "rows": len(self._rows)}
            )
        rank, p_value = _attribution(np.stack(self._rows), self.speakers.profiles(), self._behind, random)
        own = [[at] for at in range(count)]
        control_rank, control_p = _attribution(
            self.speakers.profiles(1), self.speakers.profiles(0), own, random
        )
        figures = {
            "speakers": count,
            "rows": len(self._rows),
            "mean_rank": rank,
            "p_value": p_value,
            "positive_control_mean_rank": control_rank,
            "positive_control_p_value": control_p,
        }
        if control_p >= ALPHA:
            return _finding(INCONCLUSIVE, "The speakers can't be told apart by their own turns.", figures)
        if p_value < ALPHA:
            return _finding(FAIL, "Rows can be attributed to the speakers behind their seeds.", figures)
        return _finding(
            PASS, "Rows are attributed to the speakers behind their seeds no better than by chance.", figures
        )


def _attribution(
    rows: Vector, profiles: Vector, behind: list[list[int]], random: np.random.Generator
) -> tuple[float, float]:
    """Return the mean rank (1 is most alike) of the true speakers, and its permutation p-value."""
    likeness = _directions(rows, profiles.mean(0)) @ _directions(profiles, profiles.mean(0)).T
    ranks = likeness.argsort(1).argsort(1) / max(1, likeness.shape[1] - 1)
    at = np.repeat(np.arange(len(behind)), [len(speakers) for speakers in behind])
    true = np.array([speaker for speakers in behind for speaker in speakers])
    observed = float(ranks[at, true].mean())
    drawn = [ranks[at, random.permutation(likeness.shape[1])[true]].mean() for _ in range(_PERMUTATIONS)]
    above = sum(value >= observed for value in drawn)
    return observed, float((above + 1) / (_PERMUTATIONS + 1))


def _directions(vectors: Vector, center: Vector) -> Vector:
    """Return square roots of frequencies, around those of all speakers, as unit vectors."""
    moved = _frequencies(vectors) - _frequencies(center[None])
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    directions: Vector = moved / np.maximum(lengths, 1e-9)
    return directions


def _frequencies(vectors: Vector) -> Vector:
    frequencies: Vector = np.sqrt(vectors / np.maximum(vectors.sum(1, keepdims=True), 1))
    return frequencies


def _finding(verdict: str, why: str, figures: dict[str, float]) -> Finding:
    return Finding("style", "Style of the speakers", verdict, why, figures)  # type: ignore[arg-type]
