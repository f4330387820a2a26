"""What starts runs: the inbox and feedback sensors, the nightly schedule, the alert on failure.

A half-written file waits, an unchanged folder starts nothing, and an alert holds codes and ids but no
message: an exception may quote what it choked on.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from dagster import (
    DagsterEventType,
    DefaultSensorStatus,
    JobDefinition,
    RunFailureSensorContext,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    run_failure_sensor,
    schedule,
    sensor,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.settings import Settings, settings
from uncase_pipeline.storage.watch import Decision, decide, finished_files

Job = JobDefinition | UnresolvedAssetJobDefinition
FolderOf = Callable[[Settings, str], Path]

_TICK_SECONDS = 30


def folder_sensor(name: str, folder_of: FolderOf, job: Job) -> SensorDefinition:
    """Make a sensor over one folder per domain: something new there is a run for that partition.

    Args:
        name: Name of the sensor.
        folder_of: The folder of a domain under the settings in force at the tick.
        job: What is run.
    """

    @sensor(
        name=name, job=job, minimum_interval_seconds=_TICK_SECONDS, default_status=DefaultSensorStatus.RUNNING
    )
    def watch(context: SensorEvaluationContext) -> SensorResult:
        config = settings()
        decision = decide({domain: folder_of(config, domain) for domain in DOMAINS}, context.cursor)
        return SensorResult(
            run_requests=list(_requests(decision, name)) or None,
            skip_reason=None if decision.requests else SkipReason(_why(decision)),
            cursor=decision.cursor,
        )

    return watch


def _requests(decision: Decision, source: str) -> Iterator[RunRequest]:
    for partition, content in decision.requests.items():
        yield RunRequest(
            run_key=f"{source}:{partition}:{content}",
            partition_key=partition,
            tags={"uncase/trigger": source},
        )


def _why(decision: Decision) -> str:
    if decision.waiting:
        return f"Still being written, read at the next look: {', '.join(decision.waiting)}."
    return "Nothing new."


def nightly(job: Job) -> ScheduleDefinition:
    """Make the schedule that re-runs, each night, every domain with something in its inbox."""

    @schedule(job=job, cron_schedule="0 2 * * *", name="nightly")
    def nightly_schedule(context: ScheduleEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        day = context.scheduled_execution_time.date().isoformat()
        filled = [domain for domain in DOMAINS if finished_files(settings().inbox_folder(domain))]
        if not filled:
            yield SkipReason(f"No domain has a file below {settings().inbox}.")
        for domain in filled:
            yield RunRequest(
                run_key=f"nightly:{domain}:{day}", partition_key=domain, tags={"uncase/trigger": "nightly"}
            )

    return nightly_schedule


@run_failure_sensor(
    name="alert_on_failure", monitor_all_code_locations=True, default_status=DefaultSensorStatus.RUNNING
)
def alert_on_failure(context: RunFailureSensorContext) -> None:
    """Write one alert record per failed run to ``<home>/alerts/``: codes and ids, no message."""
    run = context.dagster_run
    steps = [
        {
            "step": event.step_key,
            "error": event.step_failure_data.error.cls_name if event.step_failure_data.error else None,
            "failed_checks": _failed_checks(event.step_failure_data.user_failure_data),
        }
        for event in context.get_step_failure_events()
        if event.event_type is DagsterEventType.STEP_FAILURE
    ]
    record = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "run_id": run.run_id,
        "job": run.job_name,
        "partition": run.tags.get("dagster/partition"),
        "trigger": run.tags.get("uncase/trigger", "manual"),
        "failed_steps": steps,
    }
    write_alert(settings(), run.run_id, record)


def _failed_checks(failure: object) -> list[str]:
    metadata = getattr(failure, "metadata", None) or {}
    checks = metadata.get("failed_checks")
    return list(checks.value) if checks is not None else []


def write_alert(config: Settings, run_id: str, record: Mapping[str, object]) -> Path:
    """Write an alert record whole or not at all; one file a run, so a second look writes the same one."""
    folder = config.home / "alerts"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{run_id}.json"
    draft = target.with_suffix(".draft")
    draft.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    return draft.replace(target)
