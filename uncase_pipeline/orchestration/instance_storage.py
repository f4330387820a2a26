"""Instance storage chosen by the environment: SQLite by default, Postgres where DATABASE_URL is set.

This lets one ``dagster.yaml`` serve both. dagster-postgres is imported only where it is used.
"""

import os
from collections.abc import Mapping
from typing import Any

from dagster import Field
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.settings import settings


class EnvironmentStorage(DagsterStorage):
    """Never instantiated: ``from_config_value`` answers with the storage that the environment names."""

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """Nothing: the environment says it all."""
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> DagsterStorage:
        """Open Postgres or SQLite.

        Raises:
            UncaseError: ``postgres-missing`` where DATABASE_URL is set and dagster-postgres is not installed.
        """
        url = settings().database_url
        if url is None:
            home = os.environ.get("DAGSTER_HOME") or str((settings().home / "dagster").absolute())
            return DagsterSqliteStorage.from_local(home, inst_data)
        try:
            from dagster_postgres.storage import DagsterPostgresStorage
        except ImportError:
            raise UncaseError(
                "postgres-missing",
                "DATABASE_URL is set and dagster-postgres is not installed.",
                "Install the extra: pip install 'uncase-pipeline[postgres]'.",
            ) from None
        return DagsterPostgresStorage(
            postgres_url(url.get_secret_value()), should_autocreate_tables=True, inst_data=inst_data
        )


def postgres_url(url: str) -> str:
    """Name the psycopg2 driver: SQLAlchemy 2.1 otherwise looks for psycopg, which nobody installed."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg2{separator}{rest}" if scheme in {"postgres", "postgresql"} else url
