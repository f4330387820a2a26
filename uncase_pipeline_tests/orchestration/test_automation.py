"""What starts runs: new files, new feedback, the night; and what is written when a run fails."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    DagsterEventType,
    DagsterInstance,
    Definitions,
    Failure,
    JobDefinition,
    SensorDefinition,
    SensorResult,
    asset,
    build_run_status_sensor_context,
    build_schedule_context,
    build_sensor_context,
    define_asset_job,
    materialize,
)

from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.orchestration.automation import alert_on_failure, folder_sensor, nightly
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.settings import Settings

DOMAIN = "finance.advisory"


@asset(partitions_def=DOMAIN_PARTITIONS)
def chain() -> None: ...


DEFINITIONS = Definitions(
    assets=[chain], jobs=[define_asset_job("chain_job", [chain], partitions_def=DOMAIN_PARTITIONS)]
)


@pytest.fixture
def job() -> JobDefinition:
    return DEFINITIONS.resolve_job_def("chain_job")


def night(job: JobDefinition) -> Any:
    context = build_schedule_context(
        scheduled_execution_time=datetime(2026, 3, 1, 2, 0, tzinfo=UTC),
        repository_def=DEFINITIONS.get_repository_def(),
    )
    return nightly(job).evaluate_tick(context)


def tick(sensor: SensorDefinition, cursor: str | None = None) -> SensorResult:
    with build_sensor_context(cursor=cursor) as context:
        result = sensor(context)
    assert isinstance(result, SensorResult)
    return result


def drop(folder: Path, text: str = "12/03/25, 10:01 - Ana: hola") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "chat.txt").write_text(text)


def test_a_new_file_at_rest_is_a_run_for_its_domain(house: Settings, job: JobDefinition) -> None:
    sensor = folder_sensor("inbox_sensor", Settings.inbox_folder, job)
    drop(house.inbox_folder(DOMAIN))
    first = tick(sensor)
    assert not first.run_requests
    assert "Still being written" in str(first.skip_reason)
    (request,) = tick(sensor, first.cursor).run_requests or ()
    assert request.partition_key == DOMAIN
    assert request.run_key and request.run_key.startswith(f"inbox_sensor:{DOMAIN}:")


def test_an_inbox_without_news_says_so(house: Settings, job: JobDefinition) -> None:
    sensor = folder_sensor("inbox_sensor", Settings.inbox_folder, job)
    assert "Nothing new" in str(tick(sensor).skip_reason)


def test_new_feedback_is_a_run_for_its_domain(house: Settings, job: JobDefinition) -> None:
    sensor = folder_sensor("feedback_sensor", Settings.feedback_folder, job)
    drop(house.feedback_folder(DOMAIN))
    (request,) = tick(sensor, tick(sensor).cursor).run_requests or ()
    assert request.partition_key == DOMAIN


def test_the_night_runs_every_domain_with_something_in_its_inbox(house: Settings, job: JobDefinition) -> None:
    drop(house.inbox_folder(DOMAIN))
    assert [request.partition_key for request in night(job).run_requests or ()] == [DOMAIN]


def test_a_night_with_empty_inboxes_says_so(house: Settings, job: JobDefinition) -> None:
    data = night(job)
    assert not data.run_requests
    assert "No domain has a file" in str(data.skip_message)


def test_a_failed_run_leaves_an_alert_with_codes_and_no_content(house: Settings) -> None:
    @asset(partitions_def=DOMAIN_PARTITIONS)
    def leaking() -> None:
        raise Failure("Ximena Robledo", metadata={"failed_checks": ["no_residual_pii"]}, allow_retries=False)

    with DagsterInstance.ephemeral() as instance:
        run = materialize([leaking], instance=instance, partition_key=DOMAIN, raise_on_error=False)
        (failure,) = instance.all_logs(run.run_id, of_type=DagsterEventType.RUN_FAILURE)
        context = build_run_status_sensor_context(
            sensor_name="alert_on_failure",
            dagster_instance=instance,
            dagster_run=run.dagster_run,
            dagster_event=failure.get_dagster_event(),
        ).for_run_failure()
        alert_on_failure(context)
    (written,) = (house.home / "alerts").glob("*.json")
    assert "Ximena" not in written.read_text()
    record = json.loads(written.read_text())
    assert record["partition"] == DOMAIN
    assert record["failed_steps"] == [
        {"step": "leaking", "error": "Failure", "failed_checks": ["no_residual_pii"]}
    ]


def test_every_domain_is_a_partition() -> None:
    assert DOMAIN_PARTITIONS.get_partition_keys() == list(DOMAINS)
