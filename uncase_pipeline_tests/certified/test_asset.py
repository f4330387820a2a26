from pathlib import Path
from traceback import format_exception
from types import SimpleNamespace

import pytest
from dagster import (
    AssetChecksDefinition,
    DagsterInstance,
    ExecuteInProcessResult,
    Failure,
    materialize,
)

from uncase_pipeline.adapter.checks import CHECKS as ADAPTER_CHECKS
from uncase_pipeline.certified.asset import certified_conversations
from uncase_pipeline.certified.checks import CHECKS, seal_result
from uncase_pipeline.exported.checks import CHECKS as EXPORT_CHECKS
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.certified.examples import dialogue, seed_of
from uncase_pipeline_tests.certified.test_certify import DOMAIN, store_inputs


def run(lake: Lake, rows: list[Conversation]) -> ExecuteInProcessResult:
    store_inputs(lake, rows, [seed_of(dialogue())])
    return materialize(
        [certified_conversations, *CHECKS],
        partition_key=DOMAIN,
        resources={"house": House()},
        instance=DagsterInstance.ephemeral(),
        raise_on_error=False,
    )


def checks(result: ExecuteInProcessResult) -> dict[str, bool]:
    return {found.check_name: found.passed for found in result.get_asset_check_evaluations()}


def test_a_partition_is_certified_and_its_checks_read_the_bytes_again(lake: Lake, house: Settings) -> None:
    result = run(lake, [dialogue(), dialogue(990_000)])
    assert result.success and set(checks(result).values()) == {True}
    assert {
        "rows_passed",
        "no_leakage",
        "compliance",
        "no_residual_pii",
        "certificate_holds",
        "conservation",
    } <= set(checks(result))
    shown = result.asset_materializations_for_node("certified_conversations")[0].metadata
    assert shown["pass_rate"].value == 0.5 and "svg+xml" in shown["q_histogram"].value


def test_where_no_row_passes_the_run_fails_and_nothing_is_published(lake: Lake, house: Settings) -> None:
    result = run(lake, [dialogue(990_000)])
    assert not result.success and checks(result)["rows_passed"] is False
    assert lake.current("certified_conversations", DOMAIN) is None


def test_a_changed_byte_in_the_dataset_makes_the_check_fail(lake: Lake, house: Settings) -> None:
    assert run(lake, [dialogue()]).success
    version = lake.require("certified_conversations", DOMAIN)
    assert seal_result(version, house).passed
    path = Path(version.path("conversations.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    assert not seal_result(version, house).passed


def choke(*_: object) -> None:
    raise ValueError(dialogue().messages[0].content)


@pytest.mark.parametrize(
    "check", [*CHECKS, *EXPORT_CHECKS, *ADAPTER_CHECKS], ids=lambda check: str(check.check_key)
)
def test_an_error_that_quotes_a_row_does_not_leave_a_check(
    check: AssetChecksDefinition, lake: Lake, house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lake, "require", choke)
    read_rows = check.op.compute_fn.decorated_fn
    with pytest.raises(Failure) as caught:
        read_rows(SimpleNamespace(partition_key=DOMAIN), house=House())
    assert "ValueError at test_asset.py" in str(caught.value)
    assert "sedán" not in "".join(format_exception(caught.value))
