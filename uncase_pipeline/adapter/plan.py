"""What a run will do, decided before it starts: rates, steps, noise, learning rate. Knows figures, not models."""

import math
from dataclasses import dataclass

from uncase_pipeline.adapter.accountant import noise_for
from uncase_pipeline.adapter.contract import AdapterSettings
from uncase_pipeline.errors import UncaseError

_HIGHEST_RATE = 0.4
_FEWEST_PRIVATE_STEPS, _MOST_PRIVATE_STEPS = 100, 300
_SMALL_BASE = 50_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A run in figures.

    Attributes:
        units: Units of privacy in the training split, with the secrets of the audit.
        steps: Optimizer steps.
        learning_rate: Of AdamW.
        rate: Chance of each unit to be in a step; 0 without privacy.
        sigma: Noise multiplier; 0 without privacy.
        clip: Norm that no unit's gradient passes.
        delta: Of the guarantee.
        epsilon: Target of the guarantee.
        secrets: Units that are secrets of the audit: nobody, and nothing to learn from.
    """

    units: int
    steps: int
    learning_rate: float
    rate: float = 0.0
    sigma: float = 0.0
    clip: float = 0.0
    delta: float = 0.0
    epsilon: float = math.inf
    secrets: int = 0


def make_plan(settings: AdapterSettings, *, units: int, rows: int, base_size: int, secrets: int = 0) -> Plan:
    """Decide the figures of a run.

    Raises:
        UncaseError: Where the privacy settings promise nothing (see ``refuse_empty_promise``).
    """
    learning_rate = settings.training.learning_rate or (3e-3 if base_size < _SMALL_BASE else 5e-4)
    if not settings.privacy.enabled:
        steps = settings.training.steps or math.ceil(
            settings.training.epochs * rows / settings.training.batch
        )
        return Plan(units, steps, learning_rate)
    delta = settings.privacy.delta or min(1e-5, 0.1 / units)
    refuse_empty_promise(settings, units=units - secrets, delta=delta)
    rate = min(settings.training.batch / units, _HIGHEST_RATE)
    steps = settings.training.steps or _private_steps(settings.training.epochs / rate)
    sigma = noise_for(settings.privacy.epsilon, delta, rate, steps)
    return Plan(
        units,
        steps,
        learning_rate,
        rate,
        sigma,
        settings.privacy.clip,
        delta,
        settings.privacy.epsilon,
        secrets,
    )


def refuse_empty_promise(settings: AdapterSettings, *, units: int, delta: float) -> None:
    """Refuse figures under which the guarantee would say nothing.

    Raises:
        UncaseError: ``delta-too-large``, ``epsilon-over-cap``, ``too-few-units``, ``twin-needs-one-process``.
    """
    privacy = settings.privacy
    if delta >= 1 / units:
        raise UncaseError(
            "delta-too-large",
            f"Delta {delta:g} is not below 1/{units}: publishing one whole person would be within it.",
            "Set privacy.delta below 1/N, or leave it out.",
        )
    if privacy.epsilon > privacy.epsilon_cap:
        raise UncaseError(
            "epsilon-over-cap",
            f"Epsilon {privacy.epsilon:g} is over the cap of {privacy.epsilon_cap:g}.",
            "Lower UNCASE_DP_EPSILON, or have the privacy officer raise UNCASE_DP_EPSILON_CAP.",
        )
    if units < privacy.minimum_units and not privacy.accept_small_population:
        raise UncaseError(
            "too-few-units",
            f"There are {units} units of privacy and {privacy.minimum_units} are wanted: the noise that hides one "
            "of so few drowns what they teach.",
            "Bring more subjects, or set privacy.accept_small_population; the statement will say so.",
        )
    if privacy.twin and settings.training.processes > 1:
        raise UncaseError(
            "twin-needs-one-process",
            "The twin without privacy is trained by one process alone.",
            "Set training.processes to 1, or leave privacy.twin out.",
        )


def _private_steps(wanted: float) -> int:
    return max(_FEWEST_PRIVATE_STEPS, min(_MOST_PRIVATE_STEPS, math.ceil(wanted)))
