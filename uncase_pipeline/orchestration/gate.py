"""Write, audit, publish: the end of every asset.

A check that runs after a materialization is evidence, never a gate. The gate is here: what was staged is
judged first, and published only if every verdict holds. Otherwise the failed checks are recorded, the step
fails without retries, and the last good version stays current.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    DataVersion,
    Failure,
    MaterializeResult,
    MetadataValue,
)

from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.records.rejection import Tally
from uncase_pipeline.storage.lake import Stage

Metadata = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit says of a stage.

    Attributes:
        name: Name of the check.
        passed: Whether the stage may be published.
        description: One sentence: what was found and what to do. Never content.
        metadata: Counts and hashes.
    """

    name: str
    passed: bool
    description: str
    metadata: Metadata = field(default_factory=dict)


def gate_specs(asset: str, *names: str) -> list[AssetCheckSpec]:
    """Declare the blocking checks that an asset settles itself."""
    return [
        AssetCheckSpec(name, asset=asset, blocking=True, partitions_def=DOMAIN_PARTITIONS) for name in names
    ]


def settle(
    stage: Stage, verdicts: Sequence[Verdict], tally: Tally, metadata: Metadata, *, links: Sequence[str] = ()
) -> Iterator[AssetCheckResult | MaterializeResult[Any]]:
    """Publish the stage if every verdict holds and its books balance, else stop.

    Args:
        stage: What was written.
        verdicts: One for each name in ``gate_specs``.
        tally: The books of the stage.
        metadata: Shown in the UI: counts, hashes, ids, tables; never content.
        links: Names of staged files that the UI gives a path to.

    Raises:
        Failure: With the description of every failed verdict; nothing was published.
    """
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if failed or not tally.balances:
        yield from _results(verdicts)
        reasons = [verdict.description for verdict in failed] or ["Rows in are not rows out plus set aside."]
        raise Failure(
            f"Stopped at the gate, nothing was published: {' '.join(reasons)}",
            metadata={"failed_checks": [verdict.name for verdict in failed]},
            allow_retries=False,
        )
    version = stage.publish()
    yield MaterializeResult(
        metadata={
            **books_metadata(tally),
            "version": version.id,
            "folder": version.folder,
            **{name: MetadataValue.path(version.path(name)) for name in links},
            **metadata,
        },
        check_results=list(_results(verdicts)),
        data_version=DataVersion(version.id),
    )


def books_metadata(tally: Tally) -> dict[str, Any]:
    """Return the tally as metadata that the UI plots over time, with a table of reasons."""
    rows = [
        f"| {fate} | {reason} | {count} |"
        for fate, book in (("rejected", tally.rejected), ("quarantined", tally.quarantined))
        for reason, count in sorted(book.items())
    ]
    table = "\n".join(["| fate | reason | rows |", "|---|---|---|", *rows])
    return {
        "dagster/row_count": tally.rows_out,
        "rows_in": tally.rows_in,
        "rejected": tally.rejected.total(),
        "quarantined": tally.quarantined.total(),
        **({"set_aside": MetadataValue.md(table)} if rows else {}),
    }


def _results(verdicts: Iterable[Verdict]) -> Iterator[AssetCheckResult]:
    for verdict in verdicts:
        yield AssetCheckResult(
            check_name=verdict.name,
            passed=verdict.passed,
            severity=AssetCheckSeverity.ERROR,
            description=verdict.description,
            metadata=dict(verdict.metadata),
        )
