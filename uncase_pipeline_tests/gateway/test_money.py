"""Forecast, caps and actual cost, against a provider on loopback with known prices."""

import asyncio
import time

import pytest

from benchmarks.provider_server import Provider
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway import spending
from uncase_pipeline.gateway.journal import Journal
from uncase_pipeline.gateway.request import Lineage, Outcome
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.gateway.world import ask, door_to, run, with_settings

CALL = 100 * 0.15e-6 + 50 * 0.6e-6
PRICED = {"max_output_tokens": 60}


def test_the_forecast_is_the_bill_where_the_counts_are_right(house: Settings) -> None:
    async def both() -> tuple[float | None, float]:
        async with door_to(Provider(), house) as door:
            forecast = door.forecast("openai/gpt-4o-mini", calls=8, prompt_tokens=100, completion_tokens=50)
            _ = [pair async for pair in door.complete_many(ask(f"hola {n}") for n in range(8))]
            assert forecast.price_map.startswith("litellm-")
            return forecast.usd, door.progress.usd

    forecast, bill = run(both())
    assert forecast == pytest.approx(bill) == pytest.approx(8 * CALL)


@pytest.mark.parametrize("cap", ["cap_usd_per_run", "cap_usd_per_day"])
def test_a_cap_stops_the_run_cleanly_and_is_never_passed(house: Settings, cap: str) -> None:
    provider = Provider(latency=0.02)
    limit = 5.5 * CALL

    async def spend(**changes: object) -> float:
        async with door_to(provider, house, **{**PRICED, **changes}) as door:
            with pytest.raises(UncaseError) as stop:
                _ = [pair async for pair in door.complete_many(ask(f"hola {n}") for n in range(40))]
            assert stop.value.code == "budget-spent"
            assert cap.upper() in stop.value.remedy
        return door.progress.usd

    spent = run(spend(**{cap: limit}))
    assert 3 * CALL < spent <= limit
    assert provider.answered.total() == round(spent / CALL)


def test_the_daily_cap_counts_what_other_runs_spent(house: Settings) -> None:
    async def spend(run_id: str, texts: list[str]) -> list[Outcome]:
        async with door_to(Provider(), house, run_id=run_id, cap_usd_per_day=4 * CALL, **PRICED) as door:
            return [outcome async for _, outcome in door.complete_many(ask(text) for text in texts)]

    run(spend("run-1", ["a", "b", "c"]))
    with pytest.raises(UncaseError, match="per day"):
        run(spend("run-2", ["d", "e"]))


def test_on_resume_the_journal_costs_nothing_and_the_rest_is_paid_once(house: Settings) -> None:
    async def spend(count: int) -> float:
        async with door_to(Provider(), house, **PRICED) as door:
            _ = [pair async for pair in door.complete_many(ask(f"hola {n}") for n in range(count))]
            return door.progress.usd

    assert run(spend(6)) == pytest.approx(6 * CALL)
    assert run(spend(10)) == pytest.approx(4 * CALL)
    journal = Journal.open(house)
    assert journal.costs("model").total.usd == pytest.approx(10 * CALL)
    assert journal.spent(run_id="run-1", now=time.time()).run == pytest.approx(10 * CALL)
    journal.close()


def test_a_cap_without_a_known_price_is_refused_before_the_first_call(house: Settings) -> None:
    provider = Provider()

    async def spend() -> None:
        async with door_to(provider, house, cap_usd_per_run=1.0) as door:
            await door.complete(ask("hola", model="openai/nobody-knows-me"))

    with pytest.raises(UncaseError) as stop:
        run(spend())
    assert stop.value.code == "unknown-price"
    assert provider.asked.total() == 0


def test_a_stated_price_is_used_where_the_map_has_none(house: Settings) -> None:
    async def spend() -> Outcome:
        async with door_to(Provider(), house, price_in_per_million=10.0, price_out_per_million=20.0) as door:
            return await door.complete(ask("hola", model="openai/nobody-knows-me"))

    assert run(spend()).cost_usd == pytest.approx(100 * 10e-6 + 50 * 20e-6)


def test_an_unknown_price_is_none_and_never_zero(house: Settings) -> None:
    async def spend() -> Outcome:
        async with door_to(Provider(), house) as door:
            outcome = await door.complete(ask("hola", model="openai/nobody-knows-me"))
            assert door.summary()["calls_unpriced"] == 1
            return outcome

    assert run(spend()).cost_usd is None


def test_costs_are_summed_by_row_seed_domain_and_model_and_per_accepted(house: Settings) -> None:
    async def spend() -> None:
        async with door_to(Provider(), house) as door:
            for number in range(6):
                lineage = Lineage("legal.advisory", f"seed_{number % 2}", f"seed_{number % 2}#{number % 3}")
                await door.complete(ask(f"hola {number}", lineage=lineage))

    run(spend())
    journal = Journal.open(house)
    assert journal.costs("seed_id").groups["seed_0"].usd == pytest.approx(3 * CALL)
    assert journal.costs("domain").groups["legal.advisory"].calls == 6
    assert len(journal.costs("row").groups) == 6
    assert journal.costs("model").groups["openai/gpt-4o-mini"].prompt_tokens == 600
    assert journal.costs("model").per_accepted(3) == pytest.approx(2 * CALL)
    assert journal.costs("model").per_accepted(0) is None
    journal.close()


def test_money_held_by_a_process_that_was_killed_comes_back(house: Settings) -> None:
    journal = Journal.open(with_settings(house))
    caps = spending.Caps(run=1.0)

    async def hold(now: float) -> object:
        return await journal.hold(0.8, caps, run_id="run-1", now=now)

    assert isinstance(run(hold(1_000.0)), spending.Hold)
    assert isinstance(run(hold(1_001.0)), spending.Spent)
    assert isinstance(run(hold(1_000.0 + 3_601)), spending.Hold)
    journal.close()


def test_many_calls_at_once_cannot_pass_a_cap_together(house: Settings) -> None:
    provider = Provider(latency=0.05)

    async def spend() -> None:
        async with door_to(provider, house, cap_usd_per_run=3.2 * CALL, **PRICED) as door:
            await asyncio.gather(
                *(door.complete(ask(f"hola {n}")) for n in range(30)), return_exceptions=True
            )

    run(spend())
    assert provider.answered.total() <= 3
