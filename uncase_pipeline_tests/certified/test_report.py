import logging
from pathlib import Path

import pytest

from uncase_pipeline.certified.certify import certify_partition
from uncase_pipeline.certified.report import report_html
from uncase_pipeline.seal.lock import require_valid
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.certified.doubles import PatternScanner
from uncase_pipeline_tests.certified.examples import dialogue, seed_of
from uncase_pipeline_tests.certified.test_certify import DOMAIN, certify


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
