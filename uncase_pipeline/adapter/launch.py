"""What happens around the training process: settings before it, the published folder after it. Knows no torch."""

import json
import re
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from uncase_pipeline.adapter.card import render_card
from uncase_pipeline.adapter.contract import AdapterSettings, TrainingJob, TrainingResult
from uncase_pipeline.adapter.job import FAILURE_FILE, RESULT_FILE
from uncase_pipeline.adapter.tracking import register
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.seal.lock import require_valid, seal_stage
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.books import Books
from uncase_pipeline.storage.lake import Lake, Stage, Version

ASSET = "lora_adapter"
PREDICATE_TYPE = "https://uncase.dev/lora-adapter/v1"


def adapter_settings(settings: Settings, overrides: Mapping[str, Any]) -> AdapterSettings:
    """Merge the house's settings, the file that ``UNCASE_TRAINING_CONFIG`` names and a run's own choices.

    Raises:
        UncaseError: ``bad-training-setting``, naming the field.
    """
    privacy = {"epsilon": settings.dp_epsilon, "epsilon_cap": settings.dp_epsilon_cap}
    merged: dict[str, Any] = {"base_model": settings.base_model, "privacy": privacy}
    if settings.training_config is not None:
        merged = _merged(merged, _read_config(settings.training_config))
    try:
        return AdapterSettings.model_validate(_merged(merged, overrides))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UncaseError(
            "bad-training-setting",
            f"{where} is wrong: {first['msg']}.",
            "Correct it in the run's configuration.",
        ) from None


def under_compliance(lake: Lake, settings: Settings, domain: str, chosen: AdapterSettings) -> AdapterSettings:
    """Lower the cap on epsilon to what the compliance profiles in the dataset's certificate demand.

    Raises:
        UncaseError: ``privacy-demanded``, ``twin-forbidden``: a cap binds whatever is trained on these rows.
    """
    certified = lake.current("certified_conversations", domain)
    if certified is None:
        return chosen
    demanded = (require_valid(certified, settings).predicate.get("compliance") or {}).get("epsilon_cap")
    if demanded is None:
        return chosen
    if not chosen.privacy.enabled:
        raise UncaseError(
            "privacy-demanded",
            f"The compliance profiles of {domain} cap epsilon at {demanded:g}; training without privacy has no cap.",
            "Leave privacy.enabled on, or certify again without those UNCASE_COMPLIANCE_PROFILES.",
        )
    if chosen.privacy.twin:
        raise UncaseError(
            "twin-forbidden",
            f"The compliance profiles of {domain} cap epsilon at {demanded:g}; the twin is trained without privacy.",
            "Leave privacy.twin out, or certify again without those UNCASE_COMPLIANCE_PROFILES.",
        )
    cap = min(float(demanded), chosen.privacy.epsilon_cap)
    return chosen.model_copy(update={"privacy": chosen.privacy.model_copy(update={"epsilon_cap": cap})})


def child_environment(chosen: AdapterSettings) -> dict[str, str]:
    """Return the environment of the training process: quiet, off-line unless the base is on a hub."""
    local = chosen.base_model.startswith("builtin:") or Path(chosen.base_model).exists()
    return {
        "OMP_WAIT_POLICY": "passive",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
        "PYTHONWARNINGS": "ignore",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        **({"HF_HUB_OFFLINE": "1"} if local else {}),
    }


def explain_failure(work: Path, exit_message: str) -> UncaseError:
    """Say why the training process ended: what it left behind, or what its exit code means."""
    try:
        return UncaseError(**json.loads((work / FAILURE_FILE).read_text()))
    except (OSError, ValueError, TypeError):
        pass  # none was left, or the process was killed as it wrote it
    code = re.search(r"code (-?\d+)", exit_message)
    if code and int(code.group(1)) in (-9, 137):
        return UncaseError(
            "training-killed",
            "The training process was killed by the system, most likely for want of memory.",
            "Lower training.micro_batch or training.max_length, quantize the base, or add memory. Starting the run "
            "again goes on from the last checkpoint.",
        )
    return UncaseError(
        "training-crashed",
        f"The training process ended with code {code.group(1) if code else 'unknown'} and gave no reason.",
        "Look at its output in the run's logs. Starting the run again goes on from the last checkpoint.",
    )


def read_result(work: Path) -> TrainingResult:
    """Read what the training process handed back."""
    return TrainingResult.model_validate_json((work / RESULT_FILE).read_text())


def stage_adapter(stage: Stage, job: TrainingJob, result: TrainingResult) -> Tally:
    """Copy the adapter and its records into the stage, and keep its books."""
    folder = job.work / "adapter"
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            with stage.open(f"adapter/{file.relative_to(folder)}") as target, file.open("rb") as source:
                shutil.copyfileobj(source, target)
    stage.write_json(RESULT_FILE, result.model_dump(mode="json"))
    stage.write_json("privacy-statement.json", result.privacy.model_dump(mode="json"))
    with stage.open("README.md") as card:
        card.write(render_card(result).encode())
    with Books.kept(stage) as books:
        books.tally.rows_in = result.rows_in
        books.tally.rows_out = result.rows_in - len(result.rows_left_out)
        for where, reason in result.rows_left_out.items():
            books.set_aside(Rejection(reason, where))
    return books.tally


def seal_adapter(stage: Stage, result: TrainingResult, settings: Settings, *, passed: bool) -> None:
    """Sign what is staged, with the figures that a reader of the certificate looks for first."""
    predicate = {
        "passed": passed,
        "domain": result.domain,
        "dataset_version": result.dataset_version,
        "digests": result.digests,
        "privacy": result.privacy.model_dump(mode="json"),
        "audit": result.audit.outcome if result.audit else "INCONCLUSIVE",
    }
    seal_stage(stage, PREDICATE_TYPE, predicate, settings)


def register_adapter(lake: Lake, job: TrainingJob, result: TrainingResult) -> None:
    """Enter the published adapter into the registry; production stays what it is."""
    version = lake.require(ASSET, job.domain)
    register(job.tracking_uri, job.domain, version.id, version.folder, result.mlflow_run)


def same_adapter(lake: Lake, job: TrainingJob) -> Version | None:
    """Return the published version if it is the outcome of this very job: nothing is trained or spent twice."""
    current = lake.current(ASSET, job.domain)
    if current is None or job.settings.retrain or current.changed_files():
        return None
    return current if current.json(RESULT_FILE)["job_id"] == job.id else None


def restage(stage: Stage, published: Version) -> TrainingResult:
    """Copy a published version into the stage, so that it goes through the gate again."""
    for name in published.files:
        with stage.open(name) as target, published.lake.fs.open(published.path(name), "rb") as source:
            shutil.copyfileobj(source, target)
    return TrainingResult.model_validate(published.json(RESULT_FILE))


def clean_up(job: TrainingJob) -> None:
    """Remove checkpoints and the working copy of what is now published."""
    shutil.rmtree(job.work, ignore_errors=True)


def _read_config(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UncaseError(
            "bad-training-config",
            f"UNCASE_TRAINING_CONFIG names {file}, which can't be read ({type(error).__name__}).",
            "Name a TOML file with tables such as [privacy] and [training].",
        ) from None


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        inner = merged.get(key)
        merged[key] = (
            _merged(inner, value) if isinstance(value, Mapping) and isinstance(inner, Mapping) else value
        )
    return merged
