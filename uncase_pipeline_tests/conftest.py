"""Fixtures that every test may take: a house of its own, and the shared real data where there is some."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from uncase_pipeline.settings import Settings, settings
from uncase_pipeline.storage.lake import Lake

OURS = ("UNCASE_", "DATABASE_URL", "LITELLM_API_KEY", "ANTHROPIC_API_KEY", "MLFLOW_TRACKING_URI")

# The same key in every run: who is held out, and so what a test on few people finds, is no matter of luck.
VAULT_KEY = base64.b64encode(bytes(range(32))).decode()

# How long an example takes says what else the machine does. The examples are the same in every run;
# `pytest --hypothesis-profile=explore` looks for new ones.
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.register_profile("uncase", hypothesis.settings.get_profile("explore"), derandomize=True)
hypothesis.settings.load_profile("uncase")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings whose every path is below a folder of this test, also for code that asks ``settings()``."""
    for name in [name for name in os.environ if name.startswith(OURS) and name != "UNCASE_SHARED"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNCASE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("UNCASE_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("UNCASE_INBOX", str(tmp_path / "inbox"))
    monkeypatch.setenv("UNCASE_FEEDBACK", str(tmp_path / "feedback"))
    monkeypatch.setenv("UNCASE_PROCESSES", "1")
    monkeypatch.setenv("UNCASE_VAULT_KEY", VAULT_KEY)
    settings.cache_clear()
    yield settings()
    settings.cache_clear()


@pytest.fixture
def keyless_house(house: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The same before a vault key was made."""
    monkeypatch.delenv("UNCASE_VAULT_KEY")
    settings.cache_clear()
    return settings()


@pytest.fixture
def lake(house: Settings) -> Lake:
    """An empty lake with a vault of its own."""
    return Lake.open(house)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data; tests that need it are skipped, saying so, where there is none."""
    root = os.environ.get("UNCASE_SHARED")
    if not root or not Path(root).is_dir():
        pytest.skip("UNCASE_SHARED is not set: this test needs the shared corpora")
    return Path(root)
