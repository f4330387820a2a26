"""Who may know whom, and what loading a code location may import."""

import ast
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGE = Path(__file__).parents[1] / "uncase_pipeline"
LAYERS = ("raw", "anonymized", "seeds", "synthetic", "certified", "exported", "adapter", "feedback")
EVERYONE_MAY_KNOW = {
    "records",
    "domains",
    "settings",
    "storage",
    "errors",
    "collector",
    "dialogue",
    "seal",
    "tools",
}
MAY_KNOW_THE_GATEWAY = {"synthetic", "certified", "feedback"}
RIM = {"asset.py", "checks.py", "shown.py", "verdicts.py"}
"""What an asset is, what proves it, what the UI shows of it, how its gate judges."""
HEAVY = ("torch", "transformers", "trl", "peft", "spacy", "presidio_analyzer", "litellm", "mlflow")


def imported(path: Path) -> set[str]:
    """Return every module that a file imports, at its top or inside its functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def sources(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.py"))


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_knows_the_nouns_and_no_other_layer(layer: str) -> None:
    allowed = EVERYONE_MAY_KNOW | {layer} | ({"gateway"} if layer in MAY_KNOW_THE_GATEWAY else set())
    for path in sources(layer):
        ours = {name.split(".")[1] for name in imported(path) if name.startswith("uncase_pipeline.")}
        extra = {"orchestration"} if path.name in RIM else set()
        assert ours <= allowed | extra, path


@pytest.mark.parametrize("layer", [*LAYERS, "gateway", "records", "storage", "dialogue", "seal", "tools"])
def test_only_the_rim_of_a_layer_knows_dagster(layer: str) -> None:
    for path in sources(layer):
        if path.name not in RIM and "dagster" in {name.split(".")[0] for name in imported(path)}:
            pytest.fail(f"{path} imports dagster")


@pytest.mark.parametrize(("library", "door"), [("litellm", "gateway"), ("torch", "adapter")])
def test_a_library_has_one_door(library: str, door: str) -> None:
    for path in PACKAGE.rglob("*.py"):
        if library in {name.split(".")[0] for name in imported(path)}:
            assert path.relative_to(PACKAGE).parts[0] == door, path


@pytest.mark.parametrize("location", ["uncase_pipeline.definitions", "uncase_pipeline.cli.app"])
def test_loading_the_data_plane_imports_nothing_heavy(location: str) -> None:
    program = f"import sys, {location}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == ""


def test_loading_the_training_location_imports_no_torch() -> None:
    program = "import sys, uncase_pipeline.training_definitions; print('torch' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "False"


def test_the_data_plane_installs_without_torch() -> None:
    assert "torch" not in requirements_of("uncase-pipeline", set())


def test_the_train_extra_would_bring_torch() -> None:
    assert "torch" in requirements_of("uncase-pipeline", {"train"})


def requirements_of(name: str, extras: set[str]) -> set[str]:
    """Return everything that installing a distribution with these extras installs."""
    found: set[str] = set()
    waiting: list[tuple[str, frozenset[str]]] = [(name, frozenset(extras))]
    done: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        current = waiting.pop()
        if current in done:
            continue
        done.add(current)
        for line in _requires(current[0]):
            requirement = Requirement(line)
            if _applies(requirement, current[1]):
                key = canonicalize_name(requirement.name)
                found.add(key)
                waiting.append((key, frozenset(requirement.extras)))
    return found


def _requires(name: str) -> list[str]:
    try:
        return distribution(name).requires or []
    except ModuleNotFoundError:
        return []


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": extra}) for extra in extras or {""})
