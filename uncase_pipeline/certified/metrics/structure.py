"""ROUGE-L over structure: whether the conversation takes the steps of the seed's plan, in the plan's order.

The tokens are ``role:act``. The figure is ROUGE-L's F1 (Lin 2004, eq. 4, beta 1), as ``rouge-score`` computes
it; the longest common subsequence is found with bit-parallel arithmetic (Hyyro 2004).
"""

from collections.abc import Iterable, Sequence

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.seed import Seed


def structure(row: Reading, seed: Seed, _evidence: Evidence) -> Measured:
    """Compare the detected steps with the plan.

    A plan that has no more steps than the row has changes of speaker names one step per turn or run of turns:
    then each run may be any of its acts, and only turns beyond those that the seed allows count against it.
    """
    found = runs(row) if is_coarse(row, seed) else [[step.token] for step in row.steps]
    matched = lcs_of_sets(seed.steps, found)
    return Measured(
        f1(matched, len(seed.steps), _expected(row, seed) if is_coarse(row, seed) else len(found)),
        f"{matched} of {len(seed.steps)} planned steps are met in order; {len(found)} were found.",
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
    if not is_coarse(row, seed):
        return [step.token for step in row.steps]
    planned = set(seed.steps)
    return [next((token for token in run if token in planned), run[0]) for run in runs(row)]


def f1(matched: int, planned: int, found: float) -> float:
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


def is_coarse(row: Reading, seed: Seed) -> bool:
    """Return whether the plan names one step per turn or run of turns, and not each act."""
    return len(seed.steps) <= len(runs(row))


def _expected(row: Reading, seed: Seed) -> float:
    """Return how many planned steps the row's length stands for."""
    turns = sum(message.role != "system" for message in row.conversation.messages)
    return len(seed.steps) * max(1.0, turns / seed.turns.maximum)
