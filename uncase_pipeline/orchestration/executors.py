"""Maps the name of an executor to one: this process, subprocesses, Docker, Kubernetes, Celery. Knows no layer.

Each is imported only where it is named, so that nobody installs an engine that is not used.
"""

from collections.abc import Callable
from typing import Any

from dagster import ExecutorDefinition, in_process_executor, multiprocess_executor

from uncase_pipeline.errors import UncaseError

GPU_LIMITS = {"limits": {"nvidia.com/gpu": "1"}, "requests": {"nvidia.com/gpu": "1"}}


def executor_for(name: str) -> ExecutorDefinition:
    """Return the executor with this name.

    Raises:
        UncaseError: ``unknown-executor``; ``missing-engine`` where its package is not installed.
    """
    if name not in EXECUTORS:
        raise UncaseError(
            "unknown-executor", f"There is no executor {name!r}.", f"Use one of: {', '.join(EXECUTORS)}."
        )
    try:
        return EXECUTORS[name]()
    except ImportError as error:
        raise UncaseError(
            "missing-engine",
            f"The executor {name} needs the package {error.name}.",
            f"Install it (pip install {str(error.name).replace('_', '-')}) in the training code location.",
        ) from None


def _subprocess() -> ExecutorDefinition:
    return multiprocess_executor.configured({"max_concurrent": 1})


def _docker() -> ExecutorDefinition:
    """Each step in a container of its own, with every GPU of the host reserved for it."""
    from dagster_docker import docker_executor  # type: ignore[import-not-found, unused-ignore]

    gpu = {"Driver": "nvidia", "Count": -1, "Capabilities": [["gpu"]]}
    return _configured(docker_executor, {"container_kwargs": {"device_requests": [gpu], "shm_size": "8g"}})


def _kubernetes() -> ExecutorDefinition:
    """Each step in a pod of its own that asks for one GPU."""
    from dagster_k8s import k8s_job_executor  # type: ignore[import-not-found, unused-ignore]

    return _configured(k8s_job_executor, {"step_k8s_config": {"container_config": {"resources": GPU_LIMITS}}})


def _celery() -> ExecutorDefinition:
    """Each step on a worker that listens to the queue ``gpu``."""
    from dagster_celery import celery_executor  # type: ignore[import-not-found, unused-ignore]

    return _configured(celery_executor, {})


def _configured(executor: Any, config: dict[str, Any]) -> ExecutorDefinition:
    configured: ExecutorDefinition = executor.configured(config)
    return configured


EXECUTORS: dict[str, Callable[[], ExecutorDefinition]] = {
    "in-process": lambda: in_process_executor,
    "subprocess": _subprocess,
    "docker": _docker,
    "k8s": _kubernetes,
    "celery": _celery,
}
