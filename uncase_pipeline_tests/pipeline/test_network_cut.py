"""The whole data pipeline runs with the network cut: the offline provider needs none, and nothing calls home."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from uncase_pipeline_tests.pipeline.conftest import DOMAIN, ROOT, uncase, with_known_key
from uncase_pipeline_tests.pipeline.spill import identifiers_of, spilled

SMALL = str(ROOT / "examples" / "training-small.toml")
CUT = ("unshare", "--user", "--map-root-user", "--net")


def cut_is_possible() -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*CUT, "true"], capture_output=True, check=False).returncode == 0


needs_a_cut = pytest.mark.skipif(
    not cut_is_possible(), reason="this system lets no user make a network namespace"
)


@needs_a_cut
def test_the_cut_is_real() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5)"
        assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
        inside = subprocess.run([*CUT, sys.executable, "-c", program], capture_output=True, check=False)
        assert inside.returncode != 0


@needs_a_cut
@pytest.mark.slow
def test_the_pipeline_trains_with_the_network_cut_and_leaves_nothing_raw(tmp_path: Path) -> None:
    run = uncase(with_known_key(tmp_path), "run", DOMAIN, prefix=CUT, UNCASE_TRAINING_CONFIG=SMALL)
    assert run.returncode == 0, run.output
    assert (tmp_path / "home" / "mlflow.db").exists()
    assert spilled(identifiers_of(ROOT / "examples" / "inbox" / DOMAIN), tmp_path) == []
