"""Dialogic coherence: whether turns answer each other, in an order that makes sense, without loops.

The weakest part decides. Each part is scaled so that 0.85 is the least that a sound dialogue reaches.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.metrics.structure import aligned, f1, is_coarse, lcs
from uncase_pipeline.certified.metrics.topic import topic
from uncase_pipeline.certified.metrics.wording import wording
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.seed import Seed

_PASS = 0.85
_LONG_TURN = 5
_ALIKE = 0.95
_ALONE = 0.7
_IN_GENERAL = 0.5
"""What a pair of acts counts that makes sense in general, where the plan has no such pair."""

_ANSWERS = {
    "ask": "inform confirm refuse explain propose clarify acknowledge apologize call",
    "request": "confirm inform propose ask refuse apologize acknowledge clarify call",
    "inform": "ask acknowledge propose explain request thank inform call",
    "propose": "confirm refuse ask acknowledge thank request",
    "explain": "acknowledge ask confirm thank inform request",
    "clarify": "inform explain confirm refuse clarify",
    "confirm": "acknowledge inform thank ask propose close call",
    "refuse": "acknowledge propose ask explain apologize inform",
    "acknowledge": "ask inform request propose thank close",
    "apologize": "acknowledge request ask inform",
    "greet": "greet ask request inform propose",
    "thank": "acknowledge close thank propose",
    "close": "close thank acknowledge",
    "call": "result",
    "result": "inform explain propose confirm refuse apologize call",
}


def coherence(row: Reading, seed: Seed, _evidence: Evidence) -> Measured:
    """Return the weakest of the parts, and name it."""
    if {turn.role for turn in row.turns} != {"user", "assistant"}:
        return Measured(0.0, "Only one side speaks.")
    parts = {name: part(row, seed) for name, part in PARTS.items()}
    kept = min(parts[name] for name in ("order", "roles", "answers"))
    parts["topic"] = topic(row, max(0.0, kept - _PASS) / (1 - _PASS))
    weakest = min(parts, key=parts.__getitem__)
    listed = ", ".join(f"{name} {value:.2f}" for name, value in parts.items())
    return Measured(
        parts[weakest], f"Weakest part: {weakest} ({listed}).", reasons=(f"incoherent-{weakest}",)
    )


def order(row: Reading, seed: Seed) -> float:
    """Return the share of the steps that plan and row have in common which stand in the plan's order."""
    return _in_order(seed.steps, aligned(row, seed))


def roles(row: Reading, seed: Seed) -> float:
    """Return how well the role that keeps less to its own part of the plan does, as F1 of the steps.

    Where the plan is coarse, a role may do more than the plan says.
    """
    found, coarse = aligned(row, seed), is_coarse(row, seed)
    parts = (_part_of(role, seed.steps, found, coarse=coarse) for role in ("user", "assistant"))
    return _scaled(min(parts), at=0.75)


def answers(row: Reading, seed: Seed) -> float:
    """Return the share of changes of speaker that the plan has too.

    What answers in general counts half; fully where the plan is coarse and can't name every change.
    """
    found = _changes(aligned(row, seed))
    planned = set(_changes(seed.steps))
    in_general = 1.0 if is_coarse(row, seed) else _IN_GENERAL
    worth = sum(1.0 if pair in planned else in_general * _answers(*pair) for pair in found)
    return _scaled(worth / len(found), at=0.75) if found else 0.0


def loops(row: Reading, _seed: Seed) -> float:
    """Return the share of the words, or of the turns if that is less, that were not said before.

    A turn that is said again beside another one that is too counts fully; alone it counts less, as who is asked
    again may answer again, and not at all where it is short (``yes``).
    """
    said = row.words_by_turn
    origins = _origins(row)
    again = [
        (_again(origins, at, len(words)), len(words))
        for at, (origin, words) in enumerate(zip(origins, said, strict=True))
        if origin is not None
    ]
    total = len(row.words)
    by_words = sum(share * count for share, count in again) / total if total else 1.0
    return 1 - max(by_words, sum(share for share, _ in again) / len(row.turns))


def _again(origins: Sequence[int | None], at: int, words: int) -> float:
    """Return how far a turn that was said before counts as a loop."""
    if _continues(origins, at) or _continues(origins, at + 1):
        return 1.0
    return _ALONE if words >= _LONG_TURN else 0.0


def length(row: Reading, seed: Seed) -> float:
    """Return how far the number of turns lies outside the seed's range, as a ratio."""
    turns = sum(message.role != "system" for message in row.conversation.messages)
    if turns > seed.turns.maximum:
        return seed.turns.maximum / turns
    return min(1.0, turns / seed.turns.minimum)


def _in_order(plan: Sequence[str], found: Sequence[str]) -> float:
    common = (Counter(plan) & Counter(found)).total()
    return lcs(plan, found) / common if common else 0.0


def _part_of(role: str, plan: Sequence[str], found: Sequence[str], *, coarse: bool) -> float:
    planned = [step for step in plan if step.startswith(role)]
    own = [step for step in found if step.startswith(role)]
    count = min(len(own), len(planned)) if coarse else len(own)
    return f1(lcs(planned, own), len(planned), count) if planned else 1.0


def _changes(steps: Sequence[str]) -> list[tuple[str, str]]:
    return [
        (one, other) for one, other in pairwise(steps) if one.partition(":")[0] != other.partition(":")[0]
    ]


def _answers(one: str, other: str) -> bool:
    return other.partition(":")[2] in _ANSWERS.get(one.partition(":")[2], "").split()


def _origins(row: Reading) -> list[int | None]:
    """Return for each turn the last earlier turn of the same role that says the same."""
    said = [
        (turn.role, len(words), frozenset(words))
        for turn, words in zip(row.turns, row.words_by_turn, strict=True)
    ]
    return [
        next((at for at in range(number - 1, -1, -1) if turn[1] and _same(turn, said[at])), None)
        for number, turn in enumerate(said)
    ]


def _same(one: tuple[str, int, frozenset[int]], other: tuple[str, int, frozenset[int]]) -> bool:
    alike = one[0] == other[0] and _ALIKE * max(one[1], other[1]) <= min(one[1], other[1])
    return alike and len(one[2] & other[2]) >= _ALIKE * max(len(one[2]), len(other[2]))


def _continues(origins: Sequence[int | None], at: int) -> bool:
    """Whether this turn and the one before repeat two turns that stand side by side."""
    if not 0 < at < len(origins):
        return False
    one, other = origins[at - 1], origins[at]
    return one is not None and other is not None and other == one + 1


def _scaled(value: float, at: float) -> float:
    """Map 0, ``at`` and 1 to 0, 0.85 and 1."""
    if value < at:
        return _PASS * value / at
    return _PASS + (1 - _PASS) * (value - at) / (1 - at)


PARTS: dict[str, Callable[[Reading, Seed], float]] = {
    "order": order,
    "roles": roles,
    "answers": answers,
    "loops": loops,
    "wording": lambda row, _seed: wording(row),
    "length": length,
}
