"""``make bench-metrics``: do the metrics notice damage? Clean public dialogues against damaged copies of them.

The rows are masked, and each has the seed that is extracted from it.
"""

import argparse
import json
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corruptions import CORRUPTIONS, Case, runs
from benchmarks.dialogues import CORPORA, dialogues
from benchmarks.reference import reference_scores
from uncase_pipeline.anonymized.scanner import ChainScanner, build_scanner
from uncase_pipeline.anonymized.work import Task, anonymize_all
from uncase_pipeline.certified.grading import Grader, Yardstick
from uncase_pipeline.certified.metrics.registry import METRICS
from uncase_pipeline.certified.source import Source
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.quality import QualityReport
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.extract import seed_of
from uncase_pipeline.settings import settings
from uncase_pipeline.storage.vault import Vault

_VAULT = Vault(b"benchmark".ljust(32, b"0"))


@cache
def scanner() -> ChainScanner:
    """The full detector chain."""
    return build_scanner(settings())


GROUPS = (
    ("craigslist_cars", "sgd_rentalcars", "sgd_banks", "sgd_doctors", "mathdial", "sharc"),
    ("aci_bench", "mts_dialog", "primock57", "flodial"),
)
"""The rows of one group are held against the source of the other: two dialogues of one corpus share sentences
that its makers wrote, and a clean row shares none with its source."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case and what it is held against."""

    corpus: str
    case: Case
    source: Source


def rows_of(shared: Path, limit: int) -> list[Row]:
    """Return clean rows, masked, each with its own seed, another dialogue of its corpus, and a source text."""
    found = {name: _shuffled(dialogues(shared, name)) for name in CORPORA}
    result = []
    for own, other in (GROUPS, GROUPS[::-1]):
        source_rows = [row for name in other for row in found[name][-2 * limit :]]
        source = Source.read(source_rows, _VAULT)
        for name in own:
            masked = (outcome for _, outcome in anonymize_all(found[name][:limit], Task(processes=1)))
            kept = [outcome.conversation for outcome in masked if hasattr(outcome, "conversation")]
            result += [
                Row(name, case, source) for case in _cases(name, kept, [_said(r) for r in source_rows])
            ]
    return result


def _said(row: Conversation) -> str:
    return " ".join(m.content for m in row.messages if m.role in {"user", "assistant"})


_MANY = 10
"""Source conversations that say a short run which is then copied from nobody."""


def _shuffled(conversations: list[Conversation]) -> list[Conversation]:
    random.Random(7).shuffle(conversations)
    return conversations


def _cases(corpus: str, rows: list[Conversation], source: list[str]) -> Iterator[Case]:
    said = Counter(run for text in source for run in set(runs(text)))
    anyones = frozenset(run for run, count in said.items() if count >= _MANY)
    for at, row in enumerate(rows):
        seed = seed_of(row)
        if not isinstance(seed, Rejection):
            rng = random.Random(f"{corpus}{at}")
            text = rng.choice(source)
            other = rows[(at + 1) % len(rows)]
            yield Case(replace(row, seed_id=seed.seed_id), seed, other, text, anyones, rng)


def grade(row: Conversation, seed: Seed, grader_of: Source) -> QualityReport:
    """Grade one row against one seed."""
    yardstick = Yardstick(
        seeds={str(row.seed_id): seed},
        coder=grader_of.fingerprints.hasher.coder,
        open_scanner=scanner,
        source=grader_of.fingerprints,
    )
    return Grader(yardstick).grade(row).report


def auroc(clean: Iterable[float], damaged: Iterable[float]) -> float:
    """Return the probability that a clean row scores higher than a damaged one; ties count half."""
    one, other = np.array(list(clean)), np.array(list(damaged))
    return float((one[:, None] > other).mean() + 0.5 * (one[:, None] == other).mean())


def value_of(report: QualityReport, metric: str) -> float:
    """Return a metric so that higher is better; what does not apply is the best."""
    value = report.scores[metric].value
    if value is None:
        return 1.0
    return value if METRICS[metric].quality else -value


def run(shared: Path, limit: int) -> dict[str, Any]:
    """Run the whole benchmark."""
    rows = rows_of(shared, limit)
    clean = [grade(row.case.row, row.case.seed, row.source) for row in rows]
    reference = [reference_scores(row.case.row, row.case.seed) for row in rows]
    by_corpus: dict[str, list[bool]] = defaultdict(list)
    for row, report in zip(rows, clean, strict=True):
        by_corpus[row.corpus].append(not report.passed)
    return {
        "clean_rows": len(clean),
        "clean_rejected": sum(not report.passed for report in clean) / len(clean),
        "clean_rejected_by_corpus": {name: sum(failed) / len(failed) for name, failed in by_corpus.items()},
        "clean_reasons": dict(Counter(reason for report in clean for reason in report.reasons)),
        "corruptions": [_line(name, rows, clean, reference) for name in CORRUPTIONS],
    }


def _line(
    name: str, rows: list[Row], clean: list[QualityReport], reference: list[dict[str, float]]
) -> dict[str, Any]:
    corruption = CORRUPTIONS[name]
    damaged = [(row, made) for row in rows if (made := corruption.damage(row.case))]
    reports = [grade(*made, row.source) for row, made in damaged]
    metric, theirs = corruption.metric, None
    if metric in reference[0]:
        sign = -1 if metric == "memorization" else 1
        scores = [reference_scores(*made)[metric] for _, made in damaged]
        theirs = auroc((sign * r[metric] for r in reference), (sign * value for value in scores))
    return {
        "corruption": name,
        "rows": len(reports),
        "metric": metric,
        "auroc": auroc((value_of(r, metric) for r in clean), (value_of(r, metric) for r in reports)),
        "reference_auroc": theirs,
        "stopped": sum(not report.passed for report in reports) / len(reports),
        "to_reach": corruption.to_stop,
    }


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=25, help="rows per corpus")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = run(Path(os.environ["UNCASE_SHARED"]), options.limit)
    if options.json:
        print(json.dumps(result, indent=1))
        return
    print(f"clean rows rejected: {result['clean_rejected']:.1%} of {result['clean_rows']} (to reach: 10 %)")
    print(
        {name: f"{share:.0%}" for name, share in result["clean_rejected_by_corpus"].items()},
        result["clean_reasons"],
    )
    print(
        f"{'corruption':36}{'rows':>5}  {'metric':13}{'AUROC':>6}{'reference':>11}{'stopped':>9}{'to reach':>9}"
    )
    for line in result["corruptions"]:
        theirs = "-" if line["reference_auroc"] is None else f"{line['reference_auroc']:.2f}"
        print(
            f"{line['corruption']:36}{line['rows']:5}  {line['metric']:13}{line['auroc']:6.3f}{theirs:>11}"
            f"{line['stopped']:9.1%}{line['to_reach']:9.0%}"
        )


if __name__ == "__main__":
    main()
