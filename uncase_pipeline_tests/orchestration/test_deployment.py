"""The deployment files say what the architecture says."""

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_workspace_has_the_data_and_the_training_location() -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text())
    modules = [entry["python_module"]["module_name"] for entry in workspace["load_from"]]
    assert modules == ["uncase_pipeline.definitions", "uncase_pipeline.training_definitions"]


def test_there_is_a_service_for_every_part() -> None:
    assert set(COMPOSE["services"]) == {"postgres", "data", "training", "webserver", "daemon", "mlflow"}


def test_the_gpu_is_reserved_for_training_only() -> None:
    reserved = {
        name
        for name, service in COMPOSE["services"].items()
        if "gpu" in str(service.get("deploy", {}).get("resources", {}).get("reservations", ""))
    }
    assert reserved == {"training"}


def test_only_training_installs_torch() -> None:
    arguments = {
        name: service.get("build", {}).get("args", {}) for name, service in COMPOSE["services"].items()
    }
    assert [
        name for name, given in arguments.items() if "TORCH" in given or "train" in given.get("EXTRAS", "")
    ] == ["training"]


def test_every_published_port_is_on_loopback() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_named_volume_and_config_is_declared() -> None:
    named = {
        mount.split(":")[0]
        for service in COMPOSE["services"].values()
        for mount in service.get("volumes", [])
        if not mount.startswith(".")
    }
    assert named <= set(COMPOSE["volumes"])
    used = {
        config["source"] for service in COMPOSE["services"].values() for config in service.get("configs", [])
    }
    assert used == set(COMPOSE["configs"])


def test_the_locations_of_the_inline_workspace_are_services() -> None:
    workspace = yaml.safe_load(COMPOSE["configs"]["workspace"]["content"])
    hosts = {entry["grpc_server"]["host"] for entry in workspace["load_from"]}
    assert hosts == {"data", "training"} <= set(COMPOSE["services"])


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("POSTGRES_PASSWORD", "UNCASE_VAULT_KEY"):
        uses = re.findall(r"\$\{" + name + r"([^}]*)\}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses)


def test_shell_variables_of_the_image_are_escaped_from_compose() -> None:
    image = COMPOSE["services"]["data"]["build"]["dockerfile_inline"]
    assert not re.search(r"(?<!\$)\$(?!\$)", image)


def test_the_image_is_built_with_every_licence_that_the_package_names() -> None:
    image = COMPOSE["services"]["data"]["build"]["dockerfile_inline"]
    copied = next(line.split() for line in image.splitlines() if line.startswith("COPY pyproject.toml"))
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license-files"]
    assert {name for name in named if "/" not in name} <= set(copied)
