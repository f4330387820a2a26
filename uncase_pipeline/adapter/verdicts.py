"""What training must show before its adapter is published. Knows results, not how they were measured."""

from typing import Any

from uncase_pipeline.adapter.contract import AdapterSettings, Audit, TrainingResult
from uncase_pipeline.orchestration.gate import Verdict

LEARNED = "adapter_learned"
WITHIN_BUDGET = "privacy_within_budget"
AUDITED = "memorization_audit"
GATES = (LEARNED, WITHIN_BUDGET, AUDITED)


def verdicts_of(result: TrainingResult, settings: AdapterSettings) -> list[Verdict]:
    """Judge a result, one verdict for each gate."""
    return [_learned(result), _within_budget(result, settings), _audited(result)]


def _learned(result: TrainingResult) -> Verdict:
    learning = result.learning
    kind = "Held-out loss" if learning.held_out_preferred is None else "Held-out preference loss"
    fell = f"{kind} {learning.loss_before:.4f} to {learning.loss_after:.4f} on {learning.held_out_rows} rows"
    description = (
        f"{fell}."
        if learning.learned
        else f"{fell}, weights moved by {learning.weights_moved:.3g}: the adapter learned nothing that carries over. "
        "Change the learning rate or the steps, bring more subjects, or allow a larger epsilon."
    )
    return Verdict(LEARNED, learning.learned, description, learning.model_dump())


def _within_budget(result: TrainingResult, settings: AdapterSettings) -> Verdict:
    privacy = result.privacy
    if privacy.epsilon is None or privacy.epsilon_total is None or privacy.delta is None:
        return Verdict(
            WITHIN_BUDGET, True, "Privacy was switched off by configuration: no guarantee is made."
        )
    unchecked = max(0, privacy.steps_released - privacy.steps_noise_checked)
    if unchecked:
        said = f"Of {privacy.steps_released} steps, {unchecked} were not measured for noise: epsilon is a mere claim."
        return Verdict(WITHIN_BUDGET, False, said, {"steps_without_noise_check": unchecked})
    cap = settings.privacy.epsilon_cap
    passed = privacy.epsilon_total <= cap
    description = (
        f"Epsilon {privacy.epsilon:.3f} at delta {privacy.delta:.2g} for {privacy.units} units; the most exposed "
        f"subject has spent {privacy.epsilon_total:.3f} of {cap:g}. All {privacy.steps_released} steps were "
        "measured to carry their noise."
    )
    return Verdict(WITHIN_BUDGET, passed, description, {"epsilon": privacy.epsilon, "cap": cap})


def _audited(result: TrainingResult) -> Verdict:
    """FAIL stops the adapter; INCONCLUSIVE is published under that name, and is nowhere called a pass."""
    audit = result.audit
    if audit is None:
        said = "INCONCLUSIVE: the audit is switched off by configuration."
        return Verdict(AUDITED, True, said, {"outcome": "INCONCLUSIVE"})
    description = f"{audit.outcome}: {' '.join(audit.reasons)}"
    if audit.outcome == "FAIL":
        description += " Train with privacy, fewer steps or more subjects; this adapter stays unpublished."
    return Verdict(AUDITED, audit.outcome != "FAIL", description, _figures(audit))


def _figures(audit: Audit) -> dict[str, Any]:
    """Return all that the audit found: of an adapter that fails, this is all that is kept."""
    return {
        "outcome": audit.outcome,
        "reasons": audit.reasons,
        "tests": [test.model_dump(mode="json") for test in audit.tests],
        **audit.findings.model_dump(mode="json"),
        **({"control": audit.control.model_dump(mode="json")} if audit.control else {}),
    }
