"""ROUGE-L over structure: whether the conversation takes the steps of the seed's plan, in the plan's order.

The tokens are ``role:act``. The figure is ROUGE-L's F1 (Lin 2004, eq. 4, beta 1), as ``rouge-score`` computes
it; the longest common subsequence is found with bit-parallel arithmetic (Hyyro 2004).
"""

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.dialogue.tokens import words
from uncase_pipeline.records.seed import Seed


def structure(row: Reading, seed: Seed, _evidence: Evidence) -> Measured:
    """Compare the detected steps with the plan.

    A plan that has no more steps than the row has changes of speaker names one step per turn or run of turns:
    then each run may be any of its acts, and only turns beyond those that the seed allows count against it.
    """
    found = row.runs if is_coarse(row, seed) else [[token] for token in row.found]
    matched = lcs_of_sets(seed.steps, found)
    return Measured(
        f1(matched, len(seed.steps), _expected(row, seed) if is_coarse(row, seed) else len(found)),
        f"{matched} of {len(seed.steps)} planned steps are met in order; {len(found)} were found.",
    )


def surface(row: Reading, seed: Seed, _evidence: Evidence) -> Measured:
    """Compare the words with the seed's sentences: shown, and no gate, since it would reward copying."""
    wanted = _words_of(
        seed.objective, *seed.constraints, *seed.negative_constraints, *seed.role_descriptions.values()
    )
    planned = [row.vocabulary[word] for word in wanted]
    known = frozenset(planned)
    matched = lcs(planned, [word for word in row.ids.tolist() if word in known])
    return Measured(
        f1(matched, len(wanted), len(row.words)),
        f"{matched} words of the seed stand in its order.",
        counts=False,
    )


@lru_cache(maxsize=4_096)
def _words_of(*texts: str) -> tuple[str, ...]:
    return tuple(word for text in texts for word in words(text))


def aligned(row: Reading, seed: Seed) -> list[str]:
    """Return the found steps at the grain of the plan: one per run of turns where the plan has one."""
    if not is_coarse(row, seed):
        return row.found
    planned = set(seed.steps)
    return [next((token for token in run if token in planned), run[0]) for run in row.runs]


def f1(matched: int, planned: int, found: float) -> float:
    """Return the harmonic mean of the share of the plan and the share of the found that match."""
    return 2 * matched / (planned + found) if matched else 0.0


def lcs(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence."""
    return lcs_of_sets(one, [(token,) for token in other])


def lcs_of_sets(plan: Sequence[Hashable], found: Sequence[Iterable[Hashable]]) -> int:
    """Return the longest common subsequence where a found element may be any one of its tokens."""
    where: dict[Hashable, int] = {}
    for at, tokens in enumerate(found):
        for token in tokens:
            where[token] = where.get(token, 0) | 1 << at
    full = (1 << len(found)) - 1
    row = full
    for token in plan:
        hit = row & where.get(token, 0)
        row = (row + hit) | (row - hit)
    return len(found) - (row & full).bit_count()


def is_coarse(row: Reading, seed: Seed) -> bool:
    """Return whether the plan names one step per turn or run of turns, and not each act."""
    return len(seed.steps) <= len(row.runs)


def _expected(row: Reading, seed: Seed) -> float:
    """Return how many planned steps the row's length stands for."""
    turns = sum(message.role != "system" for message in row.conversation.messages)
    return len(seed.steps) * max(1.0, turns / seed.turns.maximum)
