"""ROUGE-L over structure: whether the conversation takes the steps of the seed's plan, in the plan's order.

The tokens are ``role:act``. The figure is ROUGE-L's F1 (Lin 2004, eq. 4, beta 1), as ``rouge-score`` computes
it; the longest common subsequence is found with bit-parallel arithmetic (Hyyro 2004).
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.seed import Seed


def structure(row: Reading, seed: Seed, _evidence: Evidence) -> Measured:
    """Compare the detected steps with the plan."""
    plan = seed.steps
    found = runs(row) if _coarse(tuple(plan)) else [[step.token] for step in row.steps]
    matched = lcs_of_sets(plan, found)
    return Measured(
        f1(matched, len(plan), len(found)),
        f"{matched} of {len(plan)} planned steps are met in order; {len(found)} were found.",
    )


def runs(row: Reading) -> list[list[str]]:
    """Return the steps of each run of turns of one role."""
    found: list[list[str]] = []
    last = None
    for step in row.steps:
        if step.role != last:
            found.append([])
        found[-1].append(step.token)
        last = step.role
    return found


def aligned(row: Reading, seed: Seed) -> list[str]:
    """Return the found steps at the grain of the plan: one per run of turns where the plan has one."""
    if not _coarse(tuple(seed.steps)):
        return [step.token for step in row.steps]
    planned = set(seed.steps)
    return [next((token for token in run if token in planned), run[0]) for run in runs(row)]


def f1(matched: int, planned: int, found: int) -> float:
    """Return the harmonic mean of the share of the plan and the share of the found that match."""
    return 2 * matched / (planned + found) if matched else 0.0


def lcs(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    return lcs_of_sets(one, [(token,) for token in other])


def lcs_of_sets(plan: Sequence[str], found: Sequence[Iterable[str]]) -> int:
    """Return the longest common subsequence where a found element may be any one of its tokens."""
    where: dict[str, int] = {}
    for at, tokens in enumerate(found):
        for token in tokens:
            where[token] = where.get(token, 0) | 1 << at
    full = (1 << len(found)) - 1
    row = full
    for token in plan:
        hit = row & where.get(token, 0)
        row = (row + hit) | (row - hit)
    return len(found) - (row & full).bit_count()


@lru_cache(maxsize=4_096)
def _coarse(plan: tuple[str, ...]) -> bool:
    """Whether a plan names one step per run of turns: then no role has two steps in a row."""
    roles = [step.partition(":")[0] for step in plan]
    return all(one != other for one, other in pairwise(roles))
