"""One dagster.yaml serves SQLite and Postgres, with telemetry off in both."""

from pathlib import Path

import pytest
import yaml
from dagster import DagsterInstance, asset, materialize

from uncase_pipeline.orchestration.instance_storage import postgres_url
from uncase_pipeline.settings import Settings, settings
from uncase_pipeline_tests.orchestration.postgres import postgres, postgres_binaries

ROOT = Path(__file__).parents[2]


@pytest.fixture
def dagster_home(house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text())
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    return home


@asset
def one() -> int:
    return 1


def test_sqlite_is_the_default_and_lives_below_dagster_home(dagster_home: Path) -> None:
    with DagsterInstance.get() as instance:
        assert materialize([one], instance=instance).success
        assert instance.get_runs_count() == 1
    assert list(dagster_home.rglob("*.db"))


@pytest.mark.postgres
def test_postgres_is_used_where_the_environment_names_it(
    dagster_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("no Postgres server is installed")
    with postgres(binaries) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        settings.cache_clear()
        with DagsterInstance.get() as instance:
            assert materialize([one], instance=instance).success
            assert instance.get_runs_count() == 1
    assert not list(dagster_home.rglob("*.db"))


def test_the_driver_is_named_since_the_default_one_is_not_installed() -> None:
    assert postgres_url("postgresql://a@b/c") == "postgresql+psycopg2://a@b/c"
    assert postgres_url("postgres://a@b/c") == "postgresql+psycopg2://a@b/c"
    assert postgres_url("postgresql+psycopg2://a@b/c") == "postgresql+psycopg2://a@b/c"


def test_nothing_calls_home(dagster_home: Path) -> None:
    with DagsterInstance.get() as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
    assert yaml.safe_load((ROOT / "dagster.yaml").read_text())["telemetry"] == {"enabled": False}
