"""All attacks on one adapter, and the figures that they give. Knows attacks, not verdicts and not training."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from uncase_pipeline.adapter.attacks.bounds import (
    auc,
    auc_p_value,
    guesses_right,
    more_often_by_unit,
    one_run_epsilon,
    tpr_at_fpr,
    upper_bound,
)
from uncase_pipeline.adapter.attacks.canaries import Canary, encode_canaries
from uncase_pipeline.adapter.attacks.extraction import aligned, find_targets
from uncase_pipeline.adapter.attacks.scores import Scored, score, score_base
from uncase_pipeline.adapter.attacks.verdict import AUDIT_DELTA
from uncase_pipeline.adapter.contract import AttackSettings, Extraction, Findings, Membership
from uncase_pipeline.adapter.encode import Example, Pair

Row = Example | Pair
_FPR = 0.01


@dataclass(frozen=True, slots=True)
class People:
    """Whose rows are tried: those that were trained on, with their units, and those that were not.

    Rows are conversations or preference pairs. Of a pair the better answer is what might come out.
    """

    members: Sequence[Row]
    units: Sequence[int]
    others: Sequence[Row]
    other_units: Sequence[int] = ()
    """Of the others; none given means that each stands alone."""

    @property
    def all_units(self) -> list[int]:
        """The units of members, then of others, who share none with them."""
        apart = self.other_units or range(len(self.others))
        return [*self.units, *(-1 - unit for unit in apart)]

    def some(self, rows: int, seed: int) -> "People":
        """Return at most so many rows of each side; which ones is no secret."""
        dice = random.Random(seed)  # noqa: S311
        chosen = sorted(dice.sample(range(len(self.members)), min(rows, len(self.members))))
        others = dice.sample(range(len(self.others)), min(rows, len(self.others)))
        apart = self.other_units or range(len(self.others))
        return People(
            [self.members[at] for at in chosen],
            [self.units[at] for at in chosen],
            [self.others[at] for at in others],
            [apart[at] for at in others],
        )


@dataclass(frozen=True, slots=True)
class Secret:
    """A canary in tokens: where its secret stands, and, in a pair, where the secret stands that lost to it."""

    canary: Canary
    example: Example
    where: range
    decoy: tuple[Example, range] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is attacked, and with what knowledge.

    Attributes:
        model: The base with its adapter.
        pad: Padding token.
        people: Whose rows are tried.
        canaries: All of them, inserted or not.
    """

    model: Any
    pad: int
    people: People
    canaries: Sequence[Secret]


def subject_of(
    model: Any,
    tokenizer: Any,
    people: People,
    canaries: Sequence[Canary],
    max_length: int,
    *,
    pairs: bool = False,
) -> Subject:
    """Gather what the attacks need."""
    won = encode_canaries(canaries, tokenizer, max_length)
    lost = (
        encode_canaries([canary.as_decoy() for canary in canaries], tokenizer, max_length) if pairs else won
    )
    known = [
        Secret(canary, example, where, (rejected, elsewhere) if pairs else None)
        for canary, (example, where), (rejected, elsewhere) in zip(canaries, won, lost, strict=True)
        if where and elsewhere
    ]
    return Subject(model, tokenizer.pad_token_id, people, known)


class _Scores:
    """What the adapter and the base alone make of examples, each scored once."""

    def __init__(self, subject: Subject, examples: Sequence[Example]) -> None:
        distinct = list({id(example): example for example in examples}.values())
        tuned = score(subject.model, distinct, subject.pad)
        base = score_base(subject.model, distinct, subject.pad)
        self._found = {id(e): both for e, *both in zip(distinct, tuned, base, strict=True)}

    def tuned(self, example: Example) -> Scored:
        return self._found[id(example)][0]

    def base(self, example: Example) -> Scored:
        return self._found[id(example)][1]

    def gained(self, example: Example, where: range | None = None) -> float:
        """Return by how much the adapter made these tokens, or all learned ones, more likely."""
        positions = where or range(len(example.ids))
        return self.base(example).loss_of(positions) - self.tuned(example).loss_of(positions)

    def margin(self, row: Row) -> float:
        """Return by how much more a pair's better answer gained than the other."""
        return self.gained(row.chosen) - self.gained(row.rejected) if isinstance(row, Pair) else 0.0


def attack(subject: Subject, settings: AttackSettings, seed: int) -> Findings:
    """Run every attack: two forward passes over the rows, with and without the adapter."""
    people = subject.people
    members, others = ([_answer(row) for row in side] for side in (people.members, people.others))
    decoys = [secret.decoy[0] for secret in subject.canaries if secret.decoy]
    losers = [row.rejected for row in (*people.members, *people.others) if isinstance(row, Pair)]
    secrets = [secret.example for secret in subject.canaries]
    scores = _Scores(subject, [*members, *others, *secrets, *decoys, *losers])
    rows = [*members, *others]
    targets = find_targets(
        rows,
        people.all_units,
        prefix=settings.prefix_tokens,
        suffix=settings.suffix_tokens,
        limit=2 * settings.targets,
        seed=seed,
    )
    tried = [aligned(rows[target.example], target) for target in targets]
    hits = [scores.tuned(rows[target.example]).reproduces(target.suffix) for target in tried]
    own = [target.example < len(members) for target in tried]
    of_units = [people.all_units[target.example] for target in tried]
    return Findings(
        rows=_extraction([hit for hit, member in zip(hits, own, strict=True) if member], settings),
        others=_extraction([hit for hit, member in zip(hits, own, strict=True) if not member], settings),
        rows_base=_extraction(
            [
                scores.base(rows[target.example]).reproduces(target.suffix)
                for target, member in zip(tried, own, strict=True)
                if member
            ],
            settings,
        ),
        rows_p=more_often_by_unit(
            _per_unit(hits, of_units, [unit >= 0 for unit in of_units]),
            _per_unit(hits, of_units, [unit < 0 for unit in of_units]),
            seed,
        ),
        **_canary_findings(subject, scores, settings),
        membership=_membership(people, scores),
    )


def _per_unit(hits: Sequence[bool], units: Sequence[int], wanted: Sequence[bool]) -> list[tuple[int, int]]:
    """Return hits and tries of each unit."""
    found: dict[int, tuple[int, int]] = {}
    for hit, unit, counts in zip(hits, units, wanted, strict=True):
        if counts:
            before = found.get(unit, (0, 0))
            found[unit] = (before[0] + hit, before[1] + 1)
    return list(found.values())


def _answer(row: Row) -> Example:
    return row.chosen if isinstance(row, Pair) else row


def _canary_findings(subject: Subject, scores: _Scores, settings: AttackSettings) -> dict[str, Any]:
    inserted: list[float] = []
    left_out: list[float] = []
    found: dict[bool, list[bool]] = {True: [], False: []}
    for secret in subject.canaries:
        gained = scores.gained(secret.example, secret.where)
        if secret.decoy:
            gained -= scores.gained(*secret.decoy)
        (inserted if secret.canary.inserted else left_out).append(gained)
        found[secret.canary.inserted].append(scores.tuned(secret.example).reproduces(secret.where))
    guesses, right = guesses_right(inserted, left_out)
    return {
        "canaries": _extraction(found[True], settings),
        "canaries_left_out": _extraction(found[False], settings),
        "canary_auc": auc(inserted, left_out),
        "canary_p": auc_p_value(inserted, left_out),
        "exposure_bits": _exposure(inserted, left_out),
        "epsilon_lower_bound": one_run_epsilon(inserted, left_out, AUDIT_DELTA, settings.confidence),
        "guesses": guesses,
        "guesses_right": right,
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


def _membership(people: People, scores: _Scores) -> list[Membership]:
    """Try every score that the rows have; the higher, the more likely a member."""
    attempts: dict[str, Callable[[Row], float]] = {
        "loss": lambda row: -scores.tuned(_answer(row)).loss,
        "min-k": lambda row: -scores.tuned(_answer(row)).min_k,
        "base-calibrated": lambda row: scores.base(_answer(row)).loss - scores.tuned(_answer(row)).loss,
    }
    if people.members and isinstance(people.members[0], Pair):
        attempts["preference"] = scores.margin
    return [
        _tried(name, [guess(row) for row in people.members], [guess(row) for row in people.others])
        for name, guess in attempts.items()
    ]


def _tried(name: str, members: Sequence[float], others: Sequence[float]) -> Membership:
    return Membership(
        score=name,
        members=len(members),
        others=len(others),
        auc=auc(members, others),
        tpr_at_1_fpr=tpr_at_fpr(members, others, _FPR),
    )
