"""All attacks on one adapter, and the figures that they give. Knows attacks, not verdicts and not training."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from uncase_pipeline.adapter.attacks.bounds import auc, auc_p_value, one_run_epsilon, tpr_at_fpr, upper_bound
from uncase_pipeline.adapter.attacks.canaries import Canary, encode_canaries
from uncase_pipeline.adapter.attacks.extraction import aligned, find_targets
from uncase_pipeline.adapter.attacks.scores import Scored, score, score_base
from uncase_pipeline.adapter.contract import AttackSettings, Extraction, Findings, Membership
from uncase_pipeline.adapter.encode import Example

AUDIT_DELTA = 1e-5
_FPR = 0.01


@dataclass(frozen=True, slots=True)
class People:
    """Whose rows are tried: those that were trained on, with their units, and those that were not."""

    members: Sequence[Example]
    units: Sequence[int]
    others: Sequence[Example]

    def some(self, rows: int, seed: int) -> "People":
        """Return at most so many rows of each side; which ones is no secret."""
        dice = random.Random(seed)  # noqa: S311
        chosen = sorted(dice.sample(range(len(self.members)), min(rows, len(self.members))))
        others = dice.sample(list(self.others), min(rows, len(self.others)))
        return People([self.members[at] for at in chosen], [self.units[at] for at in chosen], others)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is attacked, and with what knowledge.

    Attributes:
        model: The base with its adapter.
        pad: Padding token.
        people: Whose rows are tried.
        canaries: All of them, inserted or not, with the positions of their secrets.
    """

    model: Any
    pad: int
    people: People
    canaries: Sequence[tuple[Canary, Example, range]]


def subject_of(
    model: Any, tokenizer: Any, people: People, canaries: Sequence[Canary], max_length: int
) -> Subject:
    """Gather what the attacks need."""
    encoded = encode_canaries(canaries, tokenizer, max_length)
    known = [(canary, *rest) for canary, rest in zip(canaries, encoded, strict=True) if len(rest[1])]
    return Subject(model, tokenizer.pad_token_id, people, known)


def attack(subject: Subject, settings: AttackSettings, seed: int) -> Findings:
    """Run every attack: two forward passes over the rows, with and without the adapter."""
    members, others = list(subject.people.members), list(subject.people.others)
    secrets = [example for _, example, _ in subject.canaries]
    rows = [*members, *others, *secrets]
    tuned, base = score(subject.model, rows, subject.pad), score_base(subject.model, rows, subject.pad)
    cut, end = len(members), len(members) + len(others)
    targets = find_targets(
        [*members, *others],
        [*subject.people.units, *range(-len(others), 0)],
        prefix=settings.prefix_tokens,
        suffix=settings.suffix_tokens,
        limit=2 * settings.targets,
        seed=seed,
    )
    hits = [
        (target.example < cut, tuned[target.example].reproduces(target.suffix), base[target.example])
        for target in targets
        if aligned(rows[target.example], target)
    ]
    return Findings(
        rows=_extraction([hit for member, hit, _ in hits if member], settings),
        others=_extraction([hit for member, hit, _ in hits if not member], settings),
        rows_base=_extraction(
            [base[target.example].reproduces(target.suffix) for target in targets if target.example < cut],
            settings,
        ),
        **_canary_findings(subject, tuned[end:], base[end:], settings),
        membership=_membership(tuned[:cut], tuned[cut:end], base[:cut], base[cut:end]),
    )


def _canary_findings(
    subject: Subject, tuned: Sequence[Scored], base: Sequence[Scored], settings: AttackSettings
) -> dict[str, Any]:
    inserted: list[float] = []
    left_out: list[float] = []
    found: dict[bool, list[bool]] = {True: [], False: []}
    for (canary, _, where), with_adapter, without in zip(subject.canaries, tuned, base, strict=True):
        gained = without.loss_of(where) - with_adapter.loss_of(where)
        (inserted if canary.inserted else left_out).append(gained)
        found[canary.inserted].append(with_adapter.reproduces(where))
    return {
        "canaries": _extraction(found[True], settings),
        "canaries_left_out": _extraction(found[False], settings),
        "canary_auc": auc(inserted, left_out),
        "canary_p": auc_p_value(inserted, left_out),
        "exposure_bits": _exposure(inserted, left_out),
        "epsilon_lower_bound": one_run_epsilon(inserted, left_out, AUDIT_DELTA, settings.confidence),
    }


def _exposure(inserted: Sequence[float], left_out: Sequence[float]) -> float | None:
    """Return the mean exposure in bits: how far up an inserted secret ranks among those left out."""
    if not inserted or not left_out:
        return None
    possible = len(left_out) + 1
    ranks = [1 + sum(other >= score for other in left_out) for score in inserted]
    return sum(math.log2(possible) - math.log2(rank) for rank in ranks) / len(ranks)


def _extraction(hits: Sequence[bool], settings: AttackSettings) -> Extraction:
    count = sum(hits)
    return Extraction(
        tries=len(hits), hits=count, upper_bound=upper_bound(count, len(hits), settings.confidence)
    )


def _membership(
    members: Sequence[Scored],
    others: Sequence[Scored],
    base_members: Sequence[Scored],
    base_others: Sequence[Scored],
) -> list[Membership]:
    """Try three scores; the higher, the more likely a member."""
    scores = {
        "loss": ([-row.loss for row in members], [-row.loss for row in others]),
        "min-k": ([-row.min_k for row in members], [-row.min_k for row in others]),
        "base-calibrated": (
            [base.loss - row.loss for row, base in zip(members, base_members, strict=True)],
            [base.loss - row.loss for row, base in zip(others, base_others, strict=True)],
        ),
    }
    return [
        Membership(
            score=name,
            members=len(one),
            others=len(two),
            auc=auc(one, two),
            tpr_at_1_fpr=tpr_at_fpr(one, two, _FPR),
        )
        for name, (one, two) in scores.items()
    ]
