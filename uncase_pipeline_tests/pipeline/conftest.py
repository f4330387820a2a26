"""One finished run of the whole data pipeline over the sample inbox, as a user starts it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from dagster import DagsterInstance

from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.conftest import VAULT_KEY

ROOT = Path(__file__).parents[2]
DOMAIN = "automotive.sales"


@dataclass(frozen=True)
class Run:
    """A house that a run has been through."""

    root: Path
    output: str
    returncode: int

    @property
    def lake(self) -> Lake:
        """The lake of this house."""
        return Lake.open(Settings(home=self.root / "home", lake=str(self.root / "lake")))

    @contextmanager
    def instance(self) -> Iterator[DagsterInstance]:
        """The Dagster instance of this house."""
        home = str(self.root / "dagster")
        with patch.dict(os.environ, {"DAGSTER_HOME": home}), DagsterInstance.from_config(home) as opened:
            yield opened


def environment_of(root: Path, **more: str) -> dict[str, str]:
    """Return an environment in which everything is below ``root``, without settings of ours from outside."""
    (root / "dagster").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "dagster.yaml", root / "dagster")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("UNCASE_")}
    return {
        **plain,
        "UNCASE_HOME": str(root / "home"),
        "UNCASE_LAKE": str(root / "lake"),
        "UNCASE_INBOX": str(ROOT / "examples" / "inbox"),
        "UNCASE_FEEDBACK": str(ROOT / "examples" / "feedback"),
        "DAGSTER_HOME": str(root / "dagster"),
        **more,
    }


def uncase(root: Path, *arguments: str, prefix: tuple[str, ...] = (), **more: str) -> Run:
    """Run the command line in a house."""
    command = [*prefix, sys.executable, "-m", "uncase_pipeline.cli", *arguments]
    done = subprocess.run(
        command, env=environment_of(root, **more), cwd=root, capture_output=True, text=True, check=False
    )
    return Run(root, done.stdout + done.stderr, done.returncode)


def with_known_key(root: Path) -> Path:
    """Give a house the key that every run of the tests has: who is held out is then no matter of luck."""
    (root / "home").mkdir()
    (root / "home" / "vault.key").write_text(VAULT_KEY)
    return root


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The data pipeline, run once for every test that only reads what it left."""
    run = uncase(with_known_key(tmp_path_factory.mktemp("finished")), "run", DOMAIN, "--no-train")
    assert run.returncode == 0, run.output
    return run
