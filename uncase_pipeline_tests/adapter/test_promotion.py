import pytest

from uncase_pipeline.adapter import tracking
from uncase_pipeline.adapter.contract import (
    AdapterSettings,
    Audit,
    Extraction,
    Findings,
    Learning,
    PrivacyStatement,
    TrainingResult,
)
from uncase_pipeline.adapter.job import RESULT_FILE
from uncase_pipeline.adapter.launch import ASSET, seal_adapter
from uncase_pipeline.adapter.promotion import PRODUCTION_ASSET, promote, promotions, rollback
from uncase_pipeline.adapter.verdicts import verdicts_of
from uncase_pipeline.errors import UncaseError

DOMAIN = "legal.advisory"
NONE = Extraction(tries=400, hits=0, upper_bound=0.0075)
FINDINGS = Findings(
    rows=NONE, others=NONE, rows_base=NONE, canaries=NONE, canaries_left_out=NONE, canary_auc=0.5, canary_p=0.5,
    exposure_bits=1.0, epsilon_lower_bound=0.0, membership=[],
)  # fmt: skip


def result(outcome="PASS", seconds=1.0) -> TrainingResult:
    privacy = PrivacyStatement(
        enabled=True, mechanism="m", unit="u", adjacency="a", units=300, rows=600, epsilon=7.9, epsilon_rdp=9.0,
        epsilon_target=8.0, delta=1e-5, sigma=1.0, rate=0.1, clip=0.1, steps=10, steps_released=10,
        steps_noise_checked=10,
        epsilon_total=7.9, per_row_epsilon={"2": 18.0}, largest_unit_rows=4, overrides=[], not_covered=["x"],
    )  # fmt: skip
    learning = Learning(
        held_out_rows=30, loss_before=3.0, loss_after=2.0, loss_in_context=2.5, real_rows=0, real_loss_before=None,
        real_loss_after=None, weights_moved=1.0,
    )  # fmt: skip
    return TrainingResult(
        job_id="job", domain=DOMAIN, dataset_version="d", settings=AdapterSettings(), learning=learning,
        privacy=privacy, audit=Audit(outcome=outcome, reasons=["r"], findings=FINDINGS, control=FINDINGS),
        rows_in=600, rows_left_out={}, digests={"base": "0"}, versions={"torch": "2"}, base="b", base_note="n",
        revision=None, trainable_parameters=10, peak_memory_mb=1.0, tokens_per_second=1.0, seconds=seconds,
        mlflow_run=None, resumed_from=0,
    )  # fmt: skip


def published(lake, house, found: TrainingResult):
    with lake.stage(ASSET, DOMAIN) as stage:
        stage.write_json(RESULT_FILE, found.model_dump(mode="json"))
        seal_adapter(stage, found, house, passed=True)
        return stage.publish()


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """MLflow's part is tried by the test of the asset; here it is only seen to be told."""
    told = []
    monkeypatch.setattr(tracking, "set_production", lambda uri, domain, version, folder: told.append(version))
    return told


def test_steps_that_were_not_measured_for_noise_fail_the_gate():
    found = result()
    assert all(verdict.passed for verdict in verdicts_of(found, found.settings))
    privacy = found.privacy.model_copy(update={"steps_noise_checked": 9})
    verdicts = verdicts_of(found.model_copy(update={"privacy": privacy}), found.settings)
    failed = {verdict.name: verdict.description for verdict in verdicts if not verdict.passed}
    assert list(failed) == ["privacy_within_budget"]
    assert "1 were not measured" in failed["privacy_within_budget"]


def test_promotion_and_rollback_move_production_and_are_signed(house, lake, registry):
    first = published(lake, house, result(seconds=1.0))
    promote(house, DOMAIN, by="ana", reason="first")
    second = published(lake, house, result(seconds=2.0))
    assert lake.require(PRODUCTION_ASSET, DOMAIN).id == first.id, "publishing does not promote"
    promote(house, DOMAIN, by="ana")
    assert lake.require(PRODUCTION_ASSET, DOMAIN).id == second.id
    rollback(house, DOMAIN, by="luis", reason="worse answers")
    assert lake.require(PRODUCTION_ASSET, DOMAIN).id == first.id
    assert [(entry.action, entry.version, entry.by) for entry in promotions(house)] == [
        ("promote", first.id, "ana"),
        ("promote", second.id, "ana"),
        ("rollback", first.id, "luis"),
    ]
    assert registry == [first.id, second.id, first.id]
    assert not lake.require(PRODUCTION_ASSET, DOMAIN).changed_files()


@pytest.mark.parametrize("outcome", ["INCONCLUSIVE", "FAIL"])
def test_what_did_not_pass_is_not_promoted(house, lake, outcome):
    published(lake, house, result(outcome))
    with pytest.raises(UncaseError, match=outcome):
        promote(house, DOMAIN, by="ana")
    assert lake.current(PRODUCTION_ASSET, DOMAIN) is None


def test_a_person_may_accept_an_inconclusive_audit_but_never_a_failed_one(house, lake):
    published(lake, house, result("INCONCLUSIVE"))
    assert promote(house, DOMAIN, by="ana", accept_inconclusive=True).outcome == "INCONCLUSIVE"
    published(lake, house, result("FAIL"))
    with pytest.raises(UncaseError):
        promote(house, DOMAIN, by="ana", accept_inconclusive=True)


def test_an_adapter_that_was_changed_after_publishing_is_not_promoted(house, lake):
    version = published(lake, house, result())
    lake.fs.pipe_file(version.path(RESULT_FILE), b"{}")
    with pytest.raises(UncaseError, match="changed"):
        promote(house, DOMAIN, by="ana")


def test_a_changed_entry_of_the_log_is_noticed(house, lake):
    published(lake, house, result())
    promote(house, DOMAIN, by="ana")
    log = house.home / "promotions.jsonl"
    document = log.read_text()
    payload = document.split('"payload":"')[1][:40]
    log.write_text(document.replace(payload, payload[:-4] + "AAAA"))
    with pytest.raises(UncaseError, match="signed"):
        promotions(house)
