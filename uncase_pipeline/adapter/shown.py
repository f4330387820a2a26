"""What the Dagster UI shows of an adapter: figures that it plots, tables. Knows Dagster's values, not training."""

from typing import Any

from dagster import MetadataValue

from uncase_pipeline.adapter.contract import TrainingResult


def metadata_of(result: TrainingResult, *, reused: bool) -> dict[str, Any]:
    """Return figures and hashes of a result."""
    return {
        **result.figures(),
        "base": result.base,
        "trainable_parameters": result.trainable_parameters,
        "reused": reused,
        "resumed_from_step": result.resumed_from,
        "job": result.job_id,
        "privacy": MetadataValue.json(result.privacy.model_dump(mode="json")),
        **({"mlflow_run": result.mlflow_run} if result.mlflow_run else {}),
    }
