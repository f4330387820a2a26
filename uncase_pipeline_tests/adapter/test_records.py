"""What stays of a run: the ledger and the tests in the UI, the log of audits, MLflow."""

import json
import math

import pytest
from typer.testing import CliRunner

from uncase_pipeline.adapter import tracking
from uncase_pipeline.adapter.audits import audits, keep_audit
from uncase_pipeline.adapter.card import render_card
from uncase_pipeline.adapter.contract import AuditTest, TrainingJob
from uncase_pipeline.adapter.ledger import Booking
from uncase_pipeline.adapter.promotion import promote, rollback
from uncase_pipeline.adapter.shown import metadata_of
from uncase_pipeline.adapter.verdicts import AUDITED, verdicts_of
from uncase_pipeline.cli.app import app
from uncase_pipeline_tests.adapter.test_promotion import DOMAIN, published, result

SEEN = AuditTest(name="insertion-seen", p_value=0.001, threshold=0.0125, failed=True)


def failed():
    """Return the result of a run whose audit fails."""
    found = result("FAIL")
    audit = found.audit.model_copy(update={"reasons": ["Inserted secrets are told apart."], "tests": [SEEN]})
    return found.model_copy(update={"audit": audit})


def job_of(house, name="job"):
    return TrainingJob(
        domain=DOMAIN, dataset=house.home, dataset_version=name, dataset_digest=name, work=house.home,
        cache=house.home, ledger=house.home / "ledger.db", settings=result().settings, tracking_uri="",
    )  # fmt: skip


def booking(number, population, objective, *, total, settled):
    return Booking(
        number, "2026-01-01T00:00:00+00:00", population, "job", objective, 2.0, 0.2, 30, 1e-5, 3.1415926, total, 40,
        settled,
    )  # fmt: skip


def test_the_ledger_is_a_table_with_a_row_for_each_run_of_the_population():
    books = [
        booking(1, DOMAIN, "sft", total=3.1415926, settled=True),
        booking(2, "finance.advisory", "sft", total=3.1415926, settled=True),
        booking(3, DOMAIN, "dpo", total=math.inf, settled=False),
    ]
    table = metadata_of(result(), books, 8.0, reused=False)["privacy_ledger"]
    assert [record.data for record in table.records] == [
        {
            "time": "2026-01-01T00:00:00+00:00", "population": DOMAIN, "run": "job", "kind": kind, "units": 40,
            "epsilon_spent": "3.142", "composed_total": total, "cap": 8.0, "state": state,
        }
        for kind, total, state in (("sft", "3.142", "ended"), ("dpo", "inf", "counts in full"))
    ]  # fmt: skip


def test_the_reason_of_a_failed_audit_stands_in_the_check_the_card_the_log_and_the_command(house):
    found = failed()
    (verdict,) = [v for v in verdicts_of(found, found.settings) if v.name == AUDITED]
    assert not verdict.passed
    assert "told apart" in verdict.description
    assert verdict.metadata["tests"][0]["p_value"] == 0.001
    assert verdict.metadata["rows"]["tries"] == 400
    assert "| insertion-seen | 0.001 | 0.0125 | FAIL |" in render_card(found)
    keep_audit(house, job_of(house), found)
    told = CliRunner().invoke(app, ["adapter", "audit", DOMAIN])
    assert told.exit_code == 0
    assert "told apart" in told.stdout
    assert "insertion-seen" in told.stdout
    (entry,) = json.loads(CliRunner().invoke(app, ["adapter", "audit", "--json"]).stdout)["audits"]
    assert (entry["audit"]["outcome"], entry["epsilon"]) == ("FAIL", 7.9)


def test_an_audit_is_kept_once_and_those_before_it_stay(house):
    keep_audit(house, job_of(house), failed())
    keep_audit(house, job_of(house), failed())
    keep_audit(house, job_of(house), result())
    assert [entry["audit"]["outcome"] for entry in audits(house)[0]] == ["FAIL", "PASS"]
    assert audits(house, "finance.advisory") == ([], [])


@pytest.mark.parametrize("torn", ['{"at": "2026', "[1]\n", "\udcff"])
def test_a_torn_line_of_the_log_is_set_aside_and_said_and_later_adapters_are_kept(house, torn):
    keep_audit(house, job_of(house), failed())
    with (house.home / "audits.jsonl").open("a", errors="surrogateescape") as log:
        log.write(torn)
    keep_audit(house, job_of(house, "other"), result())
    entries, unreadable = audits(house)
    assert ([entry["audit"]["outcome"] for entry in entries], unreadable) == (["FAIL", "PASS"], [2])
    assert "Line 2 of the log" in CliRunner().invoke(app, ["adapter", "audit"]).stdout


def test_a_promotion_is_not_joined_to_a_line_that_was_torn(house, lake, monkeypatch):
    monkeypatch.setattr(tracking, "set_production", lambda *_: None)
    published(lake, house, result())
    (house.home / "promotions.jsonl").write_text('{"payload": "to')
    promote(house, DOMAIN, by="ana")
    torn, kept = (house.home / "promotions.jsonl").read_text().splitlines()
    assert torn == '{"payload": "to'
    assert json.loads(kept)["payload"]


@pytest.mark.slow
def test_promotion_and_rollback_move_the_alias_of_a_real_registry(house, lake):
    uri = tracking.tracking_uri(house)
    with tracking.tracked(uri, DOMAIN, "job") as run:
        run.metrics({"epsilon": 7.9}, 10)
        run.tags({"audit": "PASS"})
    versions = [published(lake, house, result(seconds=seconds)) for seconds in (1.0,)]
    first = tracking.register(uri, DOMAIN, versions[0].id, versions[0].folder, run.id)
    assert tracking.register(uri, DOMAIN, versions[0].id, versions[0].folder, run.id) == first, "once"
    promote(house, DOMAIN, by="ana")
    versions.append(published(lake, house, result(seconds=2.0)))
    registry, name = tracking.client(uri), tracking.model_name(DOMAIN)

    def in_production():
        return registry.get_model_version_by_alias(name, tracking.PRODUCTION).tags["uncase_version"]

    assert in_production() == versions[0].id, "publishing does not promote"
    promote(house, DOMAIN, by="ana")
    assert in_production() == versions[1].id
    rollback(house, DOMAIN, by="luis")
    assert in_production() == versions[0].id
    assert str(registry.get_model_version_by_alias(name, tracking.PRODUCTION).version) == first
    assert len(registry.search_model_versions(f"name = '{name}'")) == 2
    assert registry.get_run(run.id).data.tags["audit"] == "PASS"
    assert registry.get_run(run.id).info.status == "FINISHED"
