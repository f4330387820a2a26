"""Style: whether synthetic turns can be attributed to the speaker behind their seed.

Character trigrams of distorted text (Stamatatos 2017): words other than function words become stars, so that
what is said about cannot pass for how it is said. Question marks are left out: they belong to the plan.
"""

import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.finding import FAIL, INCONCLUSIVE, PASS, Finding
from uncase_pipeline.dialogue.acts import spoken
from uncase_pipeline.dialogue.tokens import STOP_WORDS
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.seed import Seed

_DIMENSIONS = 4_096
_SPEAKERS = 400
_ROWS = 1_000
_PERMUTATIONS = 999
_LEAST_SPEAKERS = 8
ALPHA = 0.01
_RECOGNISED = 0.6
"""Mean rank from which an attribution is more than the plan showing through: chance is 0.5."""
_TITLE = "Style of the speakers"
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
        self._languages: dict[str, str] = {}

    def add(self, subject: str, conversation: Conversation) -> None:
        """Take one conversation of a speaker."""
        if subject not in self._halves and len(self._halves) >= _SPEAKERS:
            return
        first, second = style_of(conversation, 0), style_of(conversation, 1)
        known = self._halves.get(subject)
        self._halves[subject] = (known[0] + first, known[1] + second) if known else (first, second)
        if language := spoken(conversation.language):
            self._languages.setdefault(subject, language)

    def of(self, language: str) -> list[str]:
        """Return the speakers of a language: only among them does style tell who it is."""
        return [subject for subject in self._halves if self._languages.get(subject) == language]

    def profiles(self, subjects: list[str], half: int | None = None) -> Vector:
        """Return one row per speaker, from one half or both."""
        halves = [self._halves[subject] for subject in subjects]
        return np.stack([a + b if half is None else (a, b)[half] for a, b in halves])


@dataclass(slots=True)
class StyleLeak:
    """Collects rows that passed, and rules on whether their seeds' speakers can be recognised in them."""

    speakers: Speakers
    _rows: dict[str, list[tuple[Vector, list[str]]]] = field(default_factory=dict)

    def observe(self, conversation: Conversation, seed: Seed) -> None:
        """Take one row, if the speakers behind its seed are known."""
        language = spoken(seed.language) or ""
        rows = self._rows.setdefault(language, [])
        known = set(self.speakers.of(language)) & set(seed.subject_ids) if len(rows) < _ROWS else ()
        if known:
            rows.append((style_of(conversation), sorted(known)))

    def finding(self, seed: int) -> Finding:
        """Rule on the rows of the language that has most; ``seed`` makes the permutations repeatable."""
        language = max(self._rows, key=lambda language: len(self._rows[language]), default="")
        rows, subjects = self._rows.get(language, []), self.speakers.of(language)
        if len(subjects) < _LEAST_SPEAKERS or len(rows) < _LEAST_SPEAKERS:
            counts = {"speakers": float(len(subjects)), "rows": float(len(rows))}
            return Finding("style", _TITLE, INCONCLUSIVE, "Too few speakers or rows.", counts)
        random = np.random.default_rng(seed)
        number = {subject: at for at, subject in enumerate(subjects)}
        behind = [[number[subject] for subject in known] for _, known in rows]
        seen = _attribution(
            np.stack([row for row, _ in rows]), self.speakers.profiles(subjects), behind, random
        )
        halves = self.speakers.profiles(subjects, 1), self.speakers.profiles(subjects, 0)
        control = _attribution(*halves, [[at] for at in range(len(subjects))], random)
        return _ruled(seen, control, len(subjects), len(rows))


def _ruled(seen: tuple[float, float], control: tuple[float, float], speakers: int, rows: int) -> Finding:
    figures = {
        "speakers": float(speakers),
        "rows": float(rows),
        "mean_rank": seen[0],
        "p_value": seen[1],
        "positive_control_mean_rank": control[0],
        "positive_control_p_value": control[1],
    }
    if control[1] >= ALPHA:
        why = "The speakers can't be told apart by their own turns."
        return Finding("style", _TITLE, INCONCLUSIVE, why, figures)
    if seen[1] < ALPHA and seen[0] >= _RECOGNISED:
        why = "Rows can be attributed to the speakers behind their seeds."
        return Finding("style", _TITLE, FAIL, why, figures)
    why = "Rows are attributed to the speakers behind their seeds no better than by chance."
    return Finding("style", _TITLE, PASS, why, figures)


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
