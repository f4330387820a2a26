"""The limit, the breaker and the backoff, on a clock that the test turns."""

import asyncio
import random
from collections.abc import Callable

from uncase_pipeline.gateway.failures import Failure, Sort
from uncase_pipeline.gateway.flow import Breaker, Limit, backoff
from uncase_pipeline_tests.gateway.world import in_virtual_time, run

THROTTLED = Failure(Sort.THROTTLED, "throttled", 429)
DOWN = Failure(Sort.TRANSIENT, "server-error", 500)


async def _nothing() -> None:
    """Prepare nothing."""


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_limit_doubles_in_a_round_until_it_is_throttled_then_grows_by_one() -> None:
    limit = Limit(1_000, None, Clock())
    before = limit.size
    for _ in range(int(before)):
        limit.answered(started=100.0)
    assert limit.size == 2 * before
    limit.throttled(started=100.0, retry_after=None)
    cut = limit.size
    for _ in range(int(cut)):
        limit.answered(started=100.0)
    assert cut < 2 * before
    assert cut + 0.9 <= limit.size <= cut + 1


def test_a_burst_of_refusals_cuts_once() -> None:
    clock = Clock()
    limit = Limit(64, None, clock)
    for _ in range(30):
        limit.throttled(started=99.0, retry_after=None)
    assert limit.cuts == 1
    clock.now = 101.0
    limit.throttled(started=100.5, retry_after=None)
    assert limit.cuts == 2


def test_a_wall_halves_the_limit_and_a_hiccup_hardly_touches_it() -> None:
    clock = Clock()
    hiccup, wall = Limit(64, None, clock), Limit(64, None, clock)
    for limit in (hiccup, wall):
        for _ in range(100):
            limit.answered(started=100.0)
    hiccup.throttled(started=clock.now, retry_after=None)
    assert hiccup.size > 60
    for _ in range(8):
        clock.now += 1
        for _ in range(int(wall.size)):
            wall.throttled(started=clock.now, retry_after=None)
    assert wall.size < 4


def test_the_limit_never_falls_below_one_nor_rises_above_its_ceiling() -> None:
    clock = Clock()
    limit = Limit(4, None, clock)
    for _ in range(100):
        limit.answered(started=100.0)
    assert limit.size == 4
    for _ in range(50):
        clock.now += 1
        limit.throttled(started=clock.now, retry_after=None)
    assert limit.size == 1


def test_no_more_calls_are_under_way_than_the_limit_says() -> None:
    async def crowd() -> int:
        limit = Limit(5, None, asyncio.get_running_loop().time)
        most = 0

        async def one() -> None:
            nonlocal most
            async with limit.place():
                most = max(most, limit.under_way)
                await asyncio.sleep(0.001)

        await asyncio.gather(*(one() for _ in range(100)))
        assert limit.under_way == 0
        return most

    assert run(crowd()) == 5


def test_a_few_more_get_ready_than_may_start() -> None:
    async def story() -> None:
        limit = Limit(16, None, asyncio.get_running_loop().time)
        ready = started = 0

        async def prepare() -> None:
            nonlocal ready
            ready += 1

        async def one() -> None:
            nonlocal started
            async with limit.ready(prepare), limit.place():
                started += 1
                await asyncio.sleep(5)

        tasks = [asyncio.create_task(one()) for _ in range(40)]
        await asyncio.sleep(0.01)
        assert (started, ready) == (16, 18)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert limit.under_way == 0

    run(story())


def test_a_cancelled_wait_gives_its_turn_to_the_next() -> None:
    async def story() -> None:
        limit = Limit(1, None, asyncio.get_running_loop().time)

        async def one() -> None:
            async with limit.place():
                await asyncio.sleep(0.01)

        first, second, third = (asyncio.create_task(one()) for _ in range(3))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait_for(asyncio.gather(first, third), 5)

    run(story())


def test_everybody_waits_as_long_as_the_provider_asks() -> None:
    async def waited() -> float:
        ticking = asyncio.get_running_loop().time
        limit = Limit(8, None, ticking)
        limit.throttled(started=ticking(), retry_after=0.2)
        start = ticking()
        async with limit.place():
            return ticking() - start

    assert run(waited()) >= 0.2


def test_after_a_pause_the_calls_do_not_start_all_at_once() -> None:
    async def starts(ticking: Callable[[], float]) -> list[float]:
        limit = Limit(16, None, ticking)
        limit.answered(started=ticking() - 0.2)
        limit.throttled(started=ticking(), retry_after=0.05)
        moments: list[float] = []

        async def one() -> None:
            async with limit.ready(_nothing), limit.place():
                moments.append(ticking())

        await asyncio.gather(*(one() for _ in range(12)))
        return moments

    moments = in_virtual_time(starts)
    assert 0.01 <= moments[-1] - moments[0] <= 0.5


def test_a_stated_pace_is_kept() -> None:
    async def took() -> float:
        ticking = asyncio.get_running_loop().time
        limit = Limit(64, 60 * 100, ticking)
        start = ticking()

        async def one() -> None:
            async with limit.ready(_nothing), limit.place():
                pass

        await asyncio.gather(*(one() for _ in range(21)))
        return ticking() - start

    assert run(took()) >= 0.19


def test_the_breaker_opens_after_failures_in_a_row_and_an_answer_closes_it() -> None:
    breaker = Breaker(3, 1_000, Clock(), outage=0)
    for _ in range(2):
        breaker.failed(DOWN)
    breaker.answered()
    for _ in range(2):
        breaker.failed(DOWN)
    assert breaker.admits()
    breaker.failed(DOWN)
    assert not breaker.admits()


def test_a_provider_that_only_throttles_is_down_after_a_time_not_after_a_count() -> None:
    clock = Clock()
    breaker = Breaker(3, 60, clock)
    for _ in range(100):
        breaker.failed(THROTTLED)
    assert breaker.admits()
    clock.now += 61
    breaker.failed(THROTTLED)
    assert not breaker.admits()


def test_a_hiccup_that_fails_all_calls_under_way_at_once_does_not_end_the_run() -> None:
    clock = Clock()
    breaker = Breaker(3, 60, clock, outage=10)
    for _ in range(64):
        breaker.failed(DOWN)
    assert breaker.admits()
    clock.now += 10
    breaker.failed(DOWN)
    assert not breaker.admits()


def test_a_provider_that_refuses_every_request_ends_the_run_at_once() -> None:
    breaker = Breaker(3, 60, Clock(), outage=10)
    for _ in range(3):
        breaker.failed(Failure(Sort.REFUSED, "bad-request", 400))
    assert not breaker.admits()


def test_after_a_rest_one_call_may_find_out_whether_it_is_up_again() -> None:
    clock = Clock()
    breaker = Breaker(1, 60, clock, outage=0)
    breaker.failed(DOWN)
    clock.now += breaker.rest + 1
    assert breaker.admits()
    assert not breaker.admits()
    breaker.answered()
    assert breaker.admits()


def test_the_same_source_of_jitter_gives_the_same_waits() -> None:
    waits = [[backoff(n, None, random.Random(5)) for n in range(6)] for _ in range(2)]
    assert waits[0] == waits[1]
    assert all(wait <= 0.25 * 2**n for n, wait in enumerate(waits[0]))


def test_a_wait_that_was_asked_for_is_never_cut_short() -> None:
    assert backoff(1, 30.0, random.Random(1)) >= 30.0
