"""Factual fidelity: the share of the row's claims that the seed, a tool or the knowledge base supports.

A claim is a stated value: an amount, a share, a term, a quantity, a date, a figure. One that is denied
(``it is not 300``) contradicts what it would have supported. A broken constraint makes the row worthless.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from uncase_pipeline.certified.metrics.constraints import broken
from uncase_pipeline.certified.metrics.contradictions import contradictions
from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.metrics.polarity import denies, is_negated, polarity
from uncase_pipeline.certified.metrics.support import Told, told_by, told_to
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.dialogue.facts import Fact, agrees
from uncase_pipeline.dialogue.tokens import STOP_WORDS, fold
from uncase_pipeline.records.seed import FactValue, NumberRange, Seed

Standing = Literal["supported", "contradicted", "unsupported", "idle"]

_SUSPICIOUS = 0.9
_NO_RANGE = "no range"
_Values = dict[str | None, list[FactValue]]
_WEAK = frozenset({"number", "year"})
"""A bare figure may be a label or a position: unsupported, it is no claim."""


def fidelity(row: Reading, seed: Seed, evidence: Evidence) -> Measured:
    """Judge every stated value, every yes or no of the seed, every constraint."""
    if rules := broken(row, seed):
        return Measured(
            0.0, f"Constraint {rules[0] + 1} of the seed is broken.", reasons=("constraint-broken",)
        )
    if denied := contradictions(row):
        why = f"{denied} statements deny what the same side, or a tool, said before."
        return Measured(0.0, why, reasons=("contradictions",))
    count = Counter(_standings(row, seed, evidence))
    del count["idle"]
    share = count["supported"] / count.total() if count.total() else 1.0
    natural = polarity(row, seed)
    told = (
        f"{count['supported']} claims supported, {count['contradicted']} contradicted, "
        f"{count['unsupported']} unsupported."
    )
    if natural < min(share, _SUSPICIOUS):
        return Measured(natural, f"Far more sentences deny than usual; {told}", reasons=("negations",))
    reasons = tuple(f"claims-{name}" for name in ("contradicted", "unsupported") if count[name])
    return Measured(min(share, natural), told, reasons=reasons)


def _standings(row: Reading, seed: Seed, evidence: Evidence) -> Iterable[Standing]:
    values = _by_unit(seed)
    more = (told_to(row, seed), told_by(evidence.knowledge, row.language))
    for folded, facts in zip(row.folded, row.facts, strict=True):
        for fact in facts:
            if fact.kind != "yes_no":
                yield _standing(fact, folded, values, more)
    yield from _yes_and_no(row, seed)


def _standing(fact: Fact, folded: str, values: _Values, more: Sequence[Told]) -> Standing:
    verdict = _verdict(fact, values)
    if verdict or any(told.supports(fact) for told in more):
        return "contradicted" if denies(folded, fact.start) else "supported"
    if verdict is False:
        return "contradicted"
    return "idle" if fact.kind in _WEAK else "unsupported"


def _by_unit(seed: Seed) -> _Values:
    """Return the facts of a seed but yes and no: ranges by unit, all others apart."""
    values: _Values = defaultdict(list)
    for value in seed.facts.values():
        if not isinstance(value, bool):
            values[value.unit if isinstance(value, NumberRange) else _NO_RANGE].append(value)
    return values


def _verdict(fact: Fact, values: _Values) -> bool | None:
    """Return True where some value allows the fact, else False where some value is about the same."""
    about = None
    for value in (*values.get(fact.unit, ()), *values.get(_NO_RANGE, ())):
        agreed = agrees(fact, value)
        if agreed:
            return True
        about = agreed if about is None else about
    return about


def _yes_and_no(row: Reading, seed: Seed) -> Iterable[Standing]:
    """Judge clauses that speak of a yes-or-no fact, known by the words of its name."""
    named = {
        frozenset(fold(name).replace("_", " ").split()) - STOP_WORDS: value
        for name, value in seed.facts.items()
        if isinstance(value, bool)
    }
    for words, value in named.items():
        for _, clause in row.clauses if words else ():
            if words <= set(clause.words) and not clause.question:
                yield "supported" if is_negated(clause.words) is not value else "contradicted"
