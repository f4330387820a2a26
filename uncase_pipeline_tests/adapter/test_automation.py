"""When training starts by itself, tick by tick."""

from dagster import (
    AssetCheckResult,
    AssetCheckSpec,
    DagsterInstance,
    DefaultSensorStatus,
    Definitions,
    MaterializeResult,
    asset,
    evaluate_automation_conditions,
    materialize,
)

from uncase_pipeline.adapter.asset import lora_adapter
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.training_definitions import defs as training

DOMAIN = "legal.advisory"


def test_everything_that_training_reads_is_a_dependency():
    assert {key.to_user_string() for key in lora_adapter.asset_deps[lora_adapter.key]} == {
        "exported_datasets", "anonymized_conversations", "seeds", "certified_conversations",
    }  # fmt: skip


def exported(*, passed: bool):
    """An export whose blocking check says this."""
    spec = AssetCheckSpec("gate", asset="exported_datasets", blocking=True, partitions_def=DOMAIN_PARTITIONS)

    @asset(partitions_def=DOMAIN_PARTITIONS, check_specs=[spec])
    def exported_datasets():
        yield MaterializeResult(check_results=[AssetCheckResult(check_name="gate", passed=passed)])

    return exported_datasets


def requested_after_export(*, passed: bool) -> set[str]:
    """Tick, export one domain, tick again."""
    resources = {"house": House(), "training": training.resources["training"]}
    upstream = exported(passed=passed)
    location = Definitions(assets=[upstream, lora_adapter], resources=resources)
    with DagsterInstance.ephemeral() as instance:
        first = evaluate_automation_conditions(defs=location, instance=instance)
        assert first.total_requested == 0
        materialize([upstream], partition_key=DOMAIN, instance=instance, raise_on_error=False)
        second = evaluate_automation_conditions(defs=location, instance=instance, cursor=first.cursor)
        third = evaluate_automation_conditions(defs=location, instance=instance, cursor=second.cursor)
    assert third.total_requested == 0
    return set(second.get_requested_partitions(lora_adapter.key))


def test_a_domain_is_trained_once_when_it_was_exported_and_its_checks_passed():
    assert requested_after_export(passed=True) == {DOMAIN}


def test_an_export_that_failed_a_check_starts_no_training():
    assert requested_after_export(passed=False) == set()


def test_a_new_version_of_what_an_export_is_made_from_waits_for_the_export():
    @asset(partitions_def=DOMAIN_PARTITIONS)
    def anonymized_conversations():
        return MaterializeResult()

    resources = {"house": House(), "training": training.resources["training"]}
    upstream = exported(passed=True)
    location = Definitions(assets=[anonymized_conversations, upstream, lora_adapter], resources=resources)
    with DagsterInstance.ephemeral() as instance:
        tick = evaluate_automation_conditions(defs=location, instance=instance)
        requested = []
        for made in (upstream, anonymized_conversations):
            materialize([made], partition_key=DOMAIN, instance=instance)
            tick = evaluate_automation_conditions(defs=location, instance=instance, cursor=tick.cursor)
            requested.append(set(tick.get_requested_partitions(lora_adapter.key)))
    assert requested == [{DOMAIN}, set()]


def test_the_sensor_runs_by_default_and_never_emits_backfills():
    (sensor,) = training.sensors
    assert sensor.default_status == DefaultSensorStatus.RUNNING
    assert not sensor.emit_backfills
