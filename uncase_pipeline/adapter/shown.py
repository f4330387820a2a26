"""What the Dagster UI shows of an adapter: figures that it plots, tables. Knows Dagster's values, not training."""

from collections.abc import Sequence
from typing import Any

from dagster import MetadataValue, TableRecord

from uncase_pipeline.adapter.contract import Audit, TrainingResult
from uncase_pipeline.adapter.ledger import Booking

_MOST_BOOKINGS = 50


def metadata_of(
    result: TrainingResult, bookings: Sequence[Booking], cap: float, *, reused: bool
) -> dict[str, Any]:
    """Return figures and hashes of a result.

    Args:
        result: Of the run.
        bookings: Of the whole ledger, the oldest first.
        cap: On what any one subject may have spent.
        reused: Whether the adapter was published before, and nothing was trained or spent.
    """
    own = [booking for booking in bookings if booking.population == result.domain]
    return {
        **result.figures(),
        "base": result.base,
        "trainable_parameters": result.trainable_parameters,
        "reused": reused,
        "resumed_from_step": result.resumed_from,
        "job": result.job_id,
        "privacy": MetadataValue.json(result.privacy.model_dump(mode="json")),
        "shortened": MetadataValue.json(result.rows_shortened),
        "privacy_ledger": ledger_table(own[-_MOST_BOOKINGS:], cap),
        **({"audit": audit_table(result.audit)} if result.audit else {}),
        **({"mlflow_run": result.mlflow_run} if result.mlflow_run else {}),
    }


def ledger_table(bookings: Sequence[Booking], cap: float) -> Any:
    """Return what every run of a population spent, and what its most exposed subject had spent with it."""
    rows = [
        {
            "time": booking.at,
            "population": booking.population,
            "run": booking.job,
            "kind": booking.objective,
            "units": booking.units,
            "epsilon_spent": _rounded(booking.epsilon),
            "composed_total": _rounded(booking.total),
            "cap": cap,
            "state": "ended" if booking.settled else "counts in full",
        }
        for booking in bookings
    ]
    return _table(rows, "Nothing was spent yet.")


def audit_table(audit: Audit) -> Any:
    """Return the tests that the verdict rests on."""
    rows = [
        {
            "test": test.name,
            "p_value": _rounded(test.p_value),
            "fails_below": _rounded(test.threshold),
            "verdict": "FAIL" if test.failed else "holds",
        }
        for test in audit.tests
    ]
    return _table(rows, audit.outcome)


def _table(rows: Sequence[dict[str, Any]], empty: str) -> Any:
    return MetadataValue.table([TableRecord(row) for row in rows]) if rows else MetadataValue.text(empty)


def _rounded(figure: float) -> str:
    """Return a figure as text: a run without privacy spent infinitely much, which JSON can't say."""
    return f"{figure:.4g}"
