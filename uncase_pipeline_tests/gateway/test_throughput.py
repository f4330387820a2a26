"""How much of what a provider could give the flow control takes, in virtual time: no machine is too busy for it."""

import asyncio
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.provider_server import FAULTS, Provider
from uncase_pipeline.gateway import backend
from uncase_pipeline.gateway.backend import RawAnswer
from uncase_pipeline.gateway.failures import Failure
from uncase_pipeline.gateway.flow import Breaker, Limit
from uncase_pipeline.gateway.lane import Clocks, Lane
from uncase_pipeline.gateway.pool import as_completed
from uncase_pipeline.gateway.progress import Progress
from uncase_pipeline.gateway.providers import Route
from uncase_pipeline.gateway.request import Request
from uncase_pipeline.gateway.wire import Underway
from uncase_pipeline_tests.gateway.world import ask, in_virtual_time

LATENCY = 0.2
IN_FLIGHT = 64
CALLS = 12_800


class _AnswerError(Exception):
    def __init__(self, status: int, headers: dict[str, str]) -> None:
        self.status_code = status
        self.response = SimpleNamespace(headers=headers)


class _Wall:
    """A provider in virtual time; ``places`` is what it serves at once."""

    def __init__(self, provider: Provider, places: int = 10**6) -> None:
        self.provider = provider
        self.places = places
        self.under_way = 0
        self._draw = random.Random(3)

    async def ask(self, *_asked: Any, underway: Underway, **_more: Any) -> RawAnswer:
        async with underway():
            return await self._answer()

    async def _answer(self) -> RawAnswer:
        fault = "throttle" if self.under_way >= self.places else self.provider.fault()
        if fault == "throttle":
            await asyncio.sleep(0.005)
            raise _AnswerError(429, {"retry-after-ms": str(1e3 * self.provider.retry_after)})
        self.under_way += 1
        try:
            jitter = self._draw.uniform(-self.provider.jitter, self.provider.jitter)
            await asyncio.sleep(3_600 if fault == "hang" else self.provider.latency + jitter)
        finally:
            self.under_way -= 1
        if fault:
            raise _AnswerError(500, {})
        return RawAnswer({}, 0.0)


def _answers_per_second(monkeypatch: pytest.MonkeyPatch, wall: _Wall) -> float:
    async def story(clock: Callable[[], float]) -> float:
        wall.provider.clock = clock
        monkeypatch.setattr(backend, "ask", wall.ask)
        lane = Lane(
            Route("vllm", "hosted_vllm/m", "host"),
            Limit(IN_FLIGHT, None, clock),
            Breaker(20, 180, clock),
            clocks=Clocks(clock, clock, random.Random(5)),
            progress=Progress(lambda _line: None, clock),
            attempts=8,
        )

        async def one(request: Request) -> RawAnswer | Failure:
            async with lane.asked(request, timeout=5 * LATENCY, note=_nothing) as outcome:
                return outcome

        done: list[float] = []
        request = ask("hola")
        async for outcome in as_completed((request for _ in range(CALLS)), one, 2 * IN_FLIGHT):
            assert isinstance(outcome, RawAnswer)
            done.append(clock())
        return 0.9 * CALLS / (done[-CALLS // 20] - done[CALLS // 20])

    return in_virtual_time(story)


async def _nothing(_event: str, _attempt: int) -> None:
    """Write no ledger."""


def test_at_64_in_flight_and_200_ms_it_takes_95_percent_of_what_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = _answers_per_second(monkeypatch, _Wall(Provider(LATENCY, jitter=0.05)))
    assert taken >= 0.95 * IN_FLIGHT / LATENCY


def test_with_five_percent_faults_it_takes_90_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = {name: 0.05 / len(FAULTS) for name in FAULTS}
    taken = _answers_per_second(monkeypatch, _Wall(Provider(LATENCY, jitter=0.05, faults=faults)))
    assert taken >= 0.90 * IN_FLIGHT / LATENCY


@pytest.mark.parametrize("per_second", [20, 100, 250])
def test_under_a_rate_limit_it_takes_95_percent_and_is_seldom_refused(
    monkeypatch: pytest.MonkeyPatch, per_second: float
) -> None:
    wall = _Wall(Provider(LATENCY, jitter=0.05, per_second=per_second))
    taken = _answers_per_second(monkeypatch, wall)
    assert taken >= 0.95 * per_second


@pytest.mark.parametrize("places", [4, 20])
def test_against_a_provider_that_serves_few_at_once_it_takes_90_percent(
    monkeypatch: pytest.MonkeyPatch, places: int
) -> None:
    taken = _answers_per_second(monkeypatch, _Wall(Provider(LATENCY, jitter=0.05), places))
    assert taken >= 0.90 * places / LATENCY
