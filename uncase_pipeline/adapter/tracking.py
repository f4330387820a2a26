"""MLflow: what a run was and how it went, and the registry of adapters. Knows figures and hashes, no text.

A SQLite file in the house unless a server is named; MLflow's own telemetry is off.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from uncase_pipeline.settings import Settings

PRODUCTION = "production"


def tracking_uri(settings: Settings) -> str:
    """Return the tracking server, or the SQLite file of this house."""
    return settings.mlflow_tracking_uri or f"sqlite:///{(settings.home / 'mlflow.db').resolve()}"


def client(uri: str) -> Any:
    """Return an MLflow client, with telemetry off."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    import logging

    logging.getLogger("alembic").setLevel(logging.WARNING)
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def model_name(domain: str) -> str:
    """Return the name under which a domain's adapters are registered."""
    return f"uncase-{domain}"


def register(uri: str, domain: str, version: str, folder: str, run: str | None) -> str:
    """Register a published adapter, once, and return its number in the registry."""
    registry, name = client(uri), model_name(domain)
    if not registry.search_registered_models(f"name = '{name}'"):
        registry.create_registered_model(name)
    known = registry.search_model_versions(f"name = '{name}' and tags.uncase_version = '{version}'")
    if known:
        return str(known[0].version)
    tags = {"uncase_version": version}
    return str(registry.create_model_version(name, source=folder, run_id=run, tags=tags).version)


def set_production(uri: str, domain: str, version: str, folder: str) -> None:
    """Point the registry's alias ``production`` at a version."""
    number = register(uri, domain, version, folder, None)
    client(uri).set_registered_model_alias(model_name(domain), PRODUCTION, number)


class Run:
    """One MLflow run."""

    def __init__(self, uri: str, domain: str, name: str) -> None:
        self._client = client(uri)
        experiment = self._client.get_experiment_by_name(model_name(domain))
        where = experiment.experiment_id if experiment else self._client.create_experiment(model_name(domain))
        self.id: str = self._client.create_run(where, run_name=name).info.run_id

    def parameters(self, values: Mapping[str, Any]) -> None:
        """Log what was chosen."""
        for name, value in values.items():
            self._client.log_param(self.id, name, value)

    def metrics(self, values: Mapping[str, float], step: int = 0) -> None:
        """Log figures of a step."""
        for name, value in values.items():
            self._client.log_metric(self.id, name, value, step=step)

    def tags(self, values: Mapping[str, str]) -> None:
        """Log what a run came to, in words."""
        for name, value in values.items():
            self._client.set_tag(self.id, name, value[:5_000])

    def end(self, status: str) -> None:
        """Close the run."""
        self._client.set_terminated(self.id, status)


@contextmanager
def tracked(uri: str, domain: str, name: str) -> Iterator[Run]:
    """Open a run that ends as finished, or as failed."""
    run = Run(uri, domain, name)
    try:
        yield run
    except BaseException:
        run.end("FAILED")
        raise
    run.end("FINISHED")
