"""The training process: ``python -m uncase_pipeline.adapter.child``, started through Dagster Pipes.

It dies with its parent, reports while it runs, and leaves a result or a reason behind. No error of a library is
passed on with its message, which may quote what was trained on.
"""

import ctypes
import json
import os
import signal
import sys
import traceback
from pathlib import Path

from dagster_pipes import PipesContext, open_dagster_pipes

from uncase_pipeline.adapter.contract import TrainingJob, TrainingResult
from uncase_pipeline.adapter.job import FAILURE_FILE, RESULT_FILE
from uncase_pipeline.errors import UncaseError

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Run one job."""
    die_with_parent()
    with open_dagster_pipes() as pipes:
        job = TrainingJob.model_validate(pipes.extras)
        if job.settings.training.processes == 1:
            os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")
        try:
            result = run(job, pipes)
        except UncaseError as error:
            return give_reason(job.work, error)
        except BaseException as error:
            return give_reason(job.work, reduced(error))
        (job.work / RESULT_FILE).write_text(result.model_dump_json(indent=1))
    return 0


def run(job: TrainingJob, pipes: PipesContext) -> TrainingResult:
    """Train the job, reporting to Dagster and MLflow."""
    from uncase_pipeline.adapter.tracking import tracked
    from uncase_pipeline.adapter.training import train

    with tracked(job.tracking_uri, job.domain, job.id) as tracking:
        tracking.parameters({"dataset": job.dataset_version, **flat(job.settings.model_dump(mode="json"))})

        def report(figures: dict[str, float]) -> None:
            pipes.log.info(" · ".join(f"{name} {value:.4g}" for name, value in figures.items()))
            step = int(figures.get("step", 0))
            tracking.metrics({name: value for name, value in figures.items() if name != "step"}, step)

        result = train(job, report).model_copy(update={"mlflow_run": tracking.id})
        tracking.metrics(result.figures(), result.privacy.steps)
        if result.audit is not None:
            tracking.tags({"audit": result.audit.outcome, "audit_reasons": " ".join(result.audit.reasons)})
    return result


def flat(settings: dict[str, object], prefix: str = "") -> dict[str, object]:
    """Return nested settings as dotted names."""
    found: dict[str, object] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def die_with_parent() -> None:
    """Ask Linux to end this process when the worker that started it is gone: no orphan keeps a GPU."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def reduced(error: BaseException) -> UncaseError:
    """Say what a foreign error was without its message; memory gets a remedy of its own."""
    name = type(error).__name__
    if name == "OutOfMemoryError" or isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return UncaseError(
            "out-of-memory",
            "Training ran out of memory.",
            "Lower training.micro_batch or training.max_length, or quantize the base.",
        )
    frame = traceback.extract_tb(error.__traceback__)[-1]
    ours = [
        entry for entry in traceback.extract_tb(error.__traceback__) if "uncase_pipeline" in entry.filename
    ]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    from_ours = f", called from {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return UncaseError(
        "training-failed",
        f"Training stopped: {name} at {place}{from_ours}.",
        "If settings were changed, change them back; otherwise report this line.",
    )


def give_reason(work: Path, error: UncaseError) -> int:
    """Leave the reason where the parent finds it."""
    reason = {"code": error.code, "message": error.message, "remedy": error.remedy}
    (work / FAILURE_FILE).write_text(json.dumps(reason))
    sys.stderr.write(f"{error.message} {error.remedy}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
