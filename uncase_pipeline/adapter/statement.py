"""The privacy statement: what is promised, to whom, and what is not. Knows figures, not training."""

import math
from collections import Counter
from collections.abc import Sequence

from uncase_pipeline.adapter.accountant import Spent, cost_of, group_epsilon
from uncase_pipeline.adapter.contract import PrivacyStatement, TrainingJob
from uncase_pipeline.adapter.plan import Plan
from uncase_pipeline.adapter.progress import StepCounter

MECHANISM = (
    "DP-SGD on LoRA matrices: Poisson sampling of units, per-unit clipping, Gaussian noise, AdamW after it"
)
UNIT = (
    "All rows that descend from one subject, sampled and clipped together; rows that share a subject or a seed are "
    "one unit. Rows of curated seeds, which descend from nobody, have their seed as unit."
)
ADJACENCY = "Adding or removing all rows of one unit; the number of units is public."
NOT_COVERED = (
    "The rows themselves, and the seeds that they were made from: the guarantee is about the adapter, given the rows "
    "of other units.",
    "The held-out rows: their mean loss is published, and they were not trained on.",
    "The figures of the memorization audit, which are measured on training rows without noise.",
    "The number of units and rows, the choice of settings, and the base model's own training data.",
    "Floating-point and timing side channels of the sampler and of the noise.",
    "The same person under two subject ids: a group chat is one unit of its own, so who also writes alone is in "
    "more than one, and bears the epsilon of that many.",
)
TWIN_NOT_COVERED = (
    "The held-out loss of the twin, which was trained on the same rows without privacy. That figure is published, "
    "the twin is not."
)
_GROUP_ROWS = (2, 3, 5)


def state_privacy(
    job: TrainingJob,
    plan: Plan,
    units: Sequence[int],
    counter: StepCounter,
    earlier: Sequence[Spent] = (),
    *,
    within: Sequence[Spent] = (),
) -> PrivacyStatement:
    """Return the statement of a finished run.

    Args:
        job: What was asked for.
        plan: In figures.
        units: Of each row.
        counter: Of the noisy steps.
        earlier: What the most exposed subject had spent before, on whatever.
        within: What the most exposed subject spent on this adapter, where it goes on from a published one.
    """
    private, released = plan.sigma > 0, counter.released
    own: Spent = (plan.sigma, plan.rate, released)
    history = _on_this_adapter(job, own, within) if private else []
    cost = cost_of(history, plan.delta) if private else None
    total = cost_of([*earlier, own], plan.delta) if private else None
    sizes = Counter(units)
    return PrivacyStatement(
        enabled=private,
        mechanism=_mechanism(job) if private else "none: this adapter carries no privacy guarantee",
        unit=UNIT,
        adjacency=ADJACENCY,
        units=len(sizes),
        rows=len(units),
        epsilon=cost.epsilon if cost else None,
        epsilon_rdp=cost.epsilon_rdp if cost else None,
        epsilon_target=plan.epsilon if private else None,
        delta=plan.delta if private else None,
        sigma=plan.sigma if private else None,
        rate=plan.rate if private else None,
        clip=plan.clip if private else None,
        steps=plan.steps,
        steps_released=released,
        steps_noise_checked=counter.checked,
        epsilon_total=max(total.epsilon, cost.epsilon, _of_start(job)) if total and cost else None,
        per_row_epsilon={str(k): group_epsilon(history, plan.delta, k) for k in _GROUP_ROWS}
        if private
        else {},
        largest_unit_rows=max(sizes.values()),
        overrides=_overrides(job, len(sizes) - plan.secrets),
        not_covered=[*NOT_COVERED, *([TWIN_NOT_COVERED] if private and job.settings.privacy.twin else [])],
    )


def _on_this_adapter(job: TrainingJob, own: Spent, within: Sequence[Spent]) -> list[Spent]:
    """Return the costliest history behind the adapter's weights: with the start's, or as if it were everybody's."""
    if job.start is None:
        return [own]
    before = job.start.privacy
    of_start: Spent = (before.sigma or 0.0, before.rate or 0.0, before.steps_released)
    delta = before.delta or 1e-5
    candidates = [list(within) or [of_start, own], [of_start], [own]]
    return max(candidates, key=lambda history: cost_of(history, delta).epsilon)


def _of_start(job: TrainingJob) -> float:
    return (job.start.privacy.epsilon_total or math.inf) if job.start else 0.0


def _mechanism(job: TrainingJob) -> str:
    """Say what was done, in words: of pairs, and in several processes, too."""
    said = MECHANISM
    if job.settings.training.objective == "dpo":
        reference = (
            f"the published adapter that it goes on from (version {job.start.version}), whose people are counted in"
            if job.start
            else "the base without the adapter"
        )
        said += f"; a row is a preference pair, its loss that of DPO, the reference {reference}"
    if job.settings.quantization != "none":
        said += f"; the base stays frozen in {job.settings.quantization.upper()}, the LoRA matrices are fp32"
    if job.settings.training.processes > 1:
        said += f"; {job.settings.training.processes} processes share each step, one draws the units and the noise"
    return said


def _overrides(job: TrainingJob, units: int) -> list[str]:
    privacy = job.settings.privacy
    if privacy.enabled and units < privacy.minimum_units:
        return [
            f"privacy.accept_small_population: {units} units, fewer than the {privacy.minimum_units} wanted. "
            "The guarantee holds; expect little to be learned."
        ]
    return []
