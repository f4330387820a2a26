import logging
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from uncase_pipeline.certified.certify import certify_partition
from uncase_pipeline.certified.issue import with_moment
from uncase_pipeline.certified.report import report_html
from uncase_pipeline.seal.keys import signing_key
from uncase_pipeline.seal.lock import require_valid
from uncase_pipeline.seal.statement import open_envelope
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.certified.doubles import PatternScanner
from uncase_pipeline_tests.certified.examples import dialogue, seed_of
from uncase_pipeline_tests.certified.test_certify import DOMAIN, certify, store_inputs


@pytest.fixture
def stated(lake: Lake, house: Settings) -> dict:
    row = dialogue(250_000)
    certify(lake, house, [row, dialogue(990_000), dialogue(seed_id="nobody")], [seed_of(row)])
    return require_valid(lake.require("certified_conversations", DOMAIN), house).predicate


def test_the_report_opens_offline_and_shows_no_row(stated: dict) -> None:
    html = report_html(stated)
    for outside in ("http://", "https://", "//cdn", "@import", "url(", "<script"):
        assert outside not in html
    assert "CERTIFIED" in html and "camioneta" not in html


def test_what_gates_nothing_shows_no_bound(stated: dict) -> None:
    cards = report_html(stated).split('class="card metric"')
    (surface,) = (card for card in cards if "ROUGE-L of the words" in card)
    assert "no gate" in surface and "≥" not in surface and 'class="limit"' not in surface
    assert sum("no gate" in card for card in cards) == 1


def test_the_certificate_says_what_was_run_on_what(stated: dict) -> None:
    assert stated["counts"]["conserved"] and stated["counts"]["rows_in"] == 3
    assert set(stated["inputs"]) == {
        "raw_conversations", "anonymized_conversations", "seeds", "synthetic_conversations"
    }  # fmt: skip
    assert stated["metrics"]["fidelity"]["failed"] == 1 and stated["metrics"]["fidelity"]["threshold"] == 0.9
    assert stated["rejections"]["reasons"]["no-seed"] == 1
    assert stated["privacy"]["positive_controls"]["email"] is True
    assert {finding["verdict"] for finding in stated["privacy"]["findings"]} == {"INCONCLUSIVE"}


def test_the_same_inputs_give_the_same_version(lake: Lake, house: Settings) -> None:
    row = dialogue(250_000)
    certify(lake, house, [row], [seed_of(row)])
    first = lake.require("certified_conversations", DOMAIN).id
    with lake.stage("certified_conversations", DOMAIN) as stage:
        certify_partition(lake, stage, DOMAIN, house, open_scanner=PatternScanner, log=logging.getLogger())
        assert stage.publish().id == first


def test_the_report_lies_beside_the_certificate_and_is_sealed_with_it(
    lake: Lake, house: Settings, caplog
) -> None:
    caplog.set_level(logging.INFO)
    row = dialogue(250_000)
    certify(lake, house, [row], [seed_of(row)])
    version = lake.require("certified_conversations", DOMAIN)
    assert "report.html" in require_valid(version, house).subjects
    assert Path(version.path("report.html")).stat().st_size > 10_000
    assert "camioneta" not in caplog.text


def test_a_profile_that_asks_for_a_test_is_not_met_by_too_little_data(
    lake: Lake, house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = dialogue(250_000)
    strict = house.model_copy(update={"compliance_profiles": ["EU_AI_ACT"]})
    outcome = certify(lake, strict, [row], [seed_of(row)])
    ruling = {ruling.name: ruling for ruling in outcome.rulings}["compliance"]
    assert not ruling.passed and "leakage_phrases is not PASS" in ruling.description


def test_the_moment_of_issue_is_the_only_thing_that_a_clock_changes(lake: Lake, house: Settings) -> None:
    row, moments = dialogue(250_000), (datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC))
    store_inputs(lake, [row], [seed_of(row)])
    stated = [issued(lake, house, moment) for moment in moments]
    assert [one.pop("issued_at") for one in stated] == [moment.isoformat() for moment in moments]
    assert stated[0] == stated[1]


def issued(lake: Lake, house: Settings, moment: datetime) -> dict:
    with lake.stage("certified_conversations", DOMAIN) as stage:
        certify_partition(
            lake, stage, DOMAIN, house, open_scanner=PatternScanner, log=logging.getLogger(), now=moment
        )
        envelope = Path(stage.path("certificate.json")).read_bytes()
    return open_envelope(envelope, signing_key(house).public_key).predicate


def test_equal_inputs_keep_the_moment_of_the_version_in_force(lake: Lake, house: Settings) -> None:
    before = {"rows": 1, "issued_at": "2026-01-01T00:00:00+00:00"}
    now = datetime(2026, 5, 5, tzinfo=UTC)
    assert with_moment({"rows": 1}, before, now) == before
    assert with_moment({"rows": 2}, before, now)["issued_at"] == "2026-05-05T00:00:00+00:00"
    assert with_moment({"rows": 1}, None, now)["issued_at"] == "2026-05-05T00:00:00+00:00"


def test_simulated_rows_and_a_retention_that_nobody_enforces_are_said(lake: Lake, house: Settings) -> None:
    made = {"generation": {"model": "offline/simulator", "simulator": True, "cost_usd": 0.0}}
    row = replace(dialogue(250_000), metadata=made)
    kept = house.model_copy(update={"compliance_profiles": ["SOX"]})
    store_inputs(lake, [row], [seed_of(row)])
    stated = issued(lake, kept, datetime(2026, 1, 1, tzinfo=UTC))
    assert stated["simulator"]["rows"] == 1 and stated["compliance"]["retention_days"] == 2_555
    html = report_html(stated)
    assert "certified rows are simulated" in html and "not enforced" in html
    plain = {**stated, "simulator": {"rows": 0, "notice": None}}
    assert "simulated" not in report_html(plain)


def test_a_ruling_without_data_is_not_shown_as_one_that_holds(stated: dict) -> None:
    html = report_html(stated)
    assert ">not shown</span>" in html and ">not asked</span>" in html
    findings = [{**finding, "verdict": "PASS"} for finding in stated["privacy"]["findings"]]
    assert ">not shown</span>" not in report_html(
        {**stated, "privacy": {**stated["privacy"], "findings": findings}}
    )
