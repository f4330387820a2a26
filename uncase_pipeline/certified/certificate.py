"""What a certificate states, as one JSON object: what was run on what, and what came of it. Writes no file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from uncase_pipeline.certified.census import Census, Histogram, Shape
from uncase_pipeline.certified.compliance import Requirements
from uncase_pipeline.certified.drift import drift_shortfalls
from uncase_pipeline.certified.evaluate import strictest
from uncase_pipeline.certified.finding import FAIL, PASS, Finding
from uncase_pipeline.certified.judge.stated import judge_metrics
from uncase_pipeline.certified.metrics.registry import METRICS
from uncase_pipeline.records.rejection import Tally
from uncase_pipeline.seal.rows import Rows

SIMULATOR_NOTICE = (
    "These rows were written by the embedded simulator, a grammar and no language model: they prove the "
    "pipeline, and are no data to train a product on."
)
PREDICATE_TYPE = "urn:uncase:certified-conversations:v1"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a gate over the whole partition says: its name, and one sentence without content."""

    name: str
    passed: bool
    description: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a certificate is made of.

    Attributes:
        domain: Partition.
        rows: Count and Merkle root of the rows that passed.
        tally: The books.
        census: Distributions, reasons, variety.
        source: Lengths and roles of the source.
        findings: Of the statistical tests.
        controls: For each identifier category whether its planted sample was found.
        requirements: Of the compliance profiles.
        stricter: Thresholds of settings and profiles.
        inputs: Version per asset.
        scanner: Version of the detector chain.
        egress: Summary of what left the machine.
        least_support: Fewest source subjects behind an extracted seed.
        judge: What the optional LLM judge did, or that it is off.
        drift: The embedding drift, None where it is off.
        drift_bound: What it must lie below, None where it gates nothing.
    """

    domain: str
    rows: Rows
    tally: Tally
    census: Census
    source: Shape
    findings: Sequence[Finding]
    controls: Mapping[str, bool]
    requirements: Requirements
    stricter: Mapping[str, float]
    inputs: Mapping[str, str]
    scanner: str
    egress: Mapping[str, Any]
    least_support: int | None
    judge: Mapping[str, Any]
    drift: Mapping[str, Any] | None = None
    drift_bound: float | None = None


def rulings(facts: Facts) -> list[Ruling]:
    """Rule on the whole partition: something passed, nothing leaked, every profile is met."""
    return [_rows_passed(facts), _no_leakage(facts), _compliant(facts)]


def predicate(facts: Facts) -> dict[str, Any]:
    """Return the predicate of the certificate."""
    ruled = rulings(facts)
    census = facts.census
    return {
        "passed": all(ruling.passed for ruling in ruled),
        "domain": facts.domain,
        "rows": facts.rows.document(),
        "rulings": [asdict(ruling) for ruling in ruled],
        "counts": _books(facts.tally),
        "metrics": {
            **{name: _metric(name, facts) for name in METRICS},
            **judge_metrics(facts.judge, census, facts.stricter),
        },
        "judge": dict(facts.judge),
        "q": {**census.q.document(), "decided_by": dict(census.deciders.most_common())},
        "rejections": {
            "reasons": dict(census.reasons.most_common()),
            "examples": census.examples,
        },
        "privacy": {
            "scanner": facts.scanner,
            "positive_controls": dict(facts.controls),
            "findings": [{**asdict(finding), "figures": dict(finding.figures)} for finding in facts.findings],
        },
        "corpus": {
            **census.variety(),
            "synthetic": census.shape.document(),
            "source": facts.source.document(),
        },
        "drift": dict(facts.drift) if facts.drift else None,
        "compliance": facts.requirements.document(),
        "inputs": dict(facts.inputs),
        "generation": {name: dict(counts.most_common()) for name, counts in census.generation.items()},
        "simulator": {"rows": census.simulated, "notice": SIMULATOR_NOTICE if census.simulated else None},
        "cost_usd": census.cost_usd,
        "egress": dict(facts.egress),
        "software": {"uncase-pipeline": version("uncase-pipeline")},
    }


def _books(tally: Tally) -> dict[str, Any]:
    return {
        "rows_in": tally.rows_in,
        "rows_out": tally.rows_out,
        "rejected": dict(tally.rejected),
        "quarantined": dict(tally.quarantined),
        "conserved": tally.balances,
    }


def _metric(name: str, facts: Facts) -> dict[str, Any]:
    metric = METRICS[name]
    histogram = facts.census.metrics.get(name, Histogram())
    return {
        "title": metric.title,
        "threshold": strictest(metric, name, facts.stricter),
        "mission_threshold": metric.threshold,
        "direction": metric.direction,
        "version": metric.version,
        **histogram.document(),
    }


def _rows_passed(facts: Facts) -> Ruling:
    tally = facts.tally
    if tally.rows_out:
        return Ruling("rows_passed", True, f"{tally.rows_out} of {tally.rows_in} rows passed every gate.")
    named = ", ".join(f"{count} {reason}" for reason, count in facts.census.reasons.most_common(5))
    return Ruling(
        "rows_passed",
        False,
        f"None of {tally.rows_in} rows passed ({named or 'there were none'}): nothing goes on. "
        "Read the reasons, then change the seeds, the prompt or the model.",
    )


def _no_leakage(facts: Facts) -> Ruling:
    failed = [finding for finding in facts.findings if finding.verdict == FAIL]
    said = " ".join(f"{finding.title}: {finding.why}" for finding in failed)
    verdicts = ", ".join(f"{finding.title.lower()} {finding.verdict}" for finding in facts.findings)
    seen = (
        "No leak was seen"
        if any(finding.verdict == PASS for finding in facts.findings)
        else "Too little data to see a leak"
    )
    return Ruling("no_leakage", not failed, said or f"{seen} ({verdicts}).")


def _compliant(facts: Facts) -> Ruling:
    wanted = facts.requirements
    passed = {finding.name for finding in facts.findings if finding.verdict == PASS}
    missing = [
        f"the detectors did not find the planted {name}"
        for name in sorted(wanted.identifiers)
        if not facts.controls.get(name)
    ]
    missing += [f"{name} is not PASS" for name in sorted(wanted.checks - passed)]
    if facts.least_support is not None and facts.least_support < wanted.min_support:
        missing.append(
            f"a seed has {facts.least_support} source subjects behind it, {wanted.min_support} are asked"
        )
    if facts.drift_bound is not None:
        missing += drift_shortfalls(facts.drift)
    names = ", ".join(wanted.profiles) or "no profile"
    if missing:
        return Ruling("compliance", False, f"{names}: {'; '.join(missing)}.")
    return Ruling(
        "compliance",
        True,
        f"Everything that {names} asks is met." if wanted.profiles else "No profile was chosen.",
    )
