"""The gateway against a server on loopback: throughput, with faults, under a rate limit, memory, CPU per call.

python -m benchmarks.gateway [calm] [throughput] [faults] [limit] [memory] [overhead]

``throughput``, ``faults`` and ``limit`` go by the wall clock and need an idle machine; the others do not. In
``overhead`` litellm alone is measured in the same process, in turns with the gateway.
"""

import asyncio
import contextlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import calm
from benchmarks.provider_server import FAULTS, Provider
from uncase_pipeline.gateway.backend import ask, load_litellm
from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.gateway.lane import Clocks
from uncase_pipeline.gateway.providers import routes_of
from uncase_pipeline.gateway.registry import Registry
from uncase_pipeline.gateway.request import Refusal, Request, text_message
from uncase_pipeline.gateway.wire import open_wire
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Finding, Scanner
from uncase_pipeline.settings import Settings

LATENCY = 0.2
IN_FLIGHT = 64
MODEL = "vllm/bench"
_SECONDS = 12
_PATIENCE = 5
SYSTEM = "Eres un asesor de ventas de autos. Responde en español, con cortesía y sin datos personales. " * 4


class NoScanner:
    """Finds nothing: the gateway's own cost is measured without the detectors'."""

    version = "none"

    def scan_text(self, _text: str, **_more: Any) -> list[Finding]:
        """Find nothing."""
        return []

    def look_ahead(self, _texts: Sequence[str], **_more: Any) -> None:
        """It reads nothing."""

    def scan_conversation(self, _conversation: Conversation) -> list[Finding]:
        """Find nothing."""
        return []


@contextmanager
def server(*options: str) -> Iterator[str]:
    """Run the provider server in a process of its own; yields its URL."""
    command = [sys.executable, str(Path(__file__).with_name("provider_server.py")), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()


@asynccontextmanager
async def door(
    url: str, scanner: Scanner | None = None, clock: Callable[[], float] = time.monotonic, **changes: Any
) -> AsyncIterator[Gateway]:
    """Open a gateway in a house of its own."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), api_base=url, max_in_flight=IN_FLIGHT, **changes)
        clocks = Clocks(time.time, clock, random.Random(5))
        async with Gateway.open(
            settings, scanner or NoScanner(), run_id="bench", log=lambda _line: None, clocks=clocks
        ) as gateway:
            yield gateway


def requests(count: int, start: int = 0) -> Iterator[Request]:
    """Make requests as generation makes them: a system prompt that returns, and a turn that does not."""
    for number in range(start, start + count):
        turn = f"Busco un sedán de unos {200 + number % 700} mil pesos a {12 + number % 48} meses, caso {number}."
        yield Request(MODEL, [text_message("system", SYSTEM), text_message("user", turn)])


async def throughput(
    url: str, count: int, clock: Callable[[], float] = time.monotonic, **changes: Any
) -> dict[str, Any]:
    """Answers per second between the first and the last tenth, and what an answer costs in CPU."""
    async with door(url, clock=clock, **changes) as gateway:
        await _answered(gateway, requests(2 * IN_FLIGHT, start=10**6))
        cpu = time.process_time()
        done: list[float] = []
        refused = await _answered(gateway, requests(count), done, clock)
        cpu = time.process_time() - cpu
        first, last = done[count // 10], done[-count // 10]
        return {
            "calls": count,
            "refused": refused,
            "per_second": round(0.8 * count / (last - first), 1),
            "cpu_ms_per_call": round(1e3 * cpu / count, 2),
            "cores_busy": round(cpu / (done[-1] - done[0]), 2),
            "retries": gateway.progress.retries,
            "throttled": gateway.progress.throttled,
        }


def measure_calm() -> dict[str, Any]:
    """Throughput and faults on a clock of this process's CPU time: what a core with no neighbours gives."""
    faults = {name: 0.05 / len(FAULTS) for name in FAULTS}
    return {
        f"at_{latency}_s_{name}": _calm(Provider(latency, jitter=jitter * latency, faults=of))
        for latency in (LATENCY, 1.0)
        for name, of, jitter in (("without_faults", {}, 0.0), ("with_5_percent", faults, 0.25))
    }


def _calm(provider: Provider) -> dict[str, Any]:
    most = IN_FLIGHT / provider.latency

    async def story(clock: Callable[[], float]) -> dict[str, Any]:
        server, port = await provider.start()
        try:
            return await throughput(
                f"http://127.0.0.1:{port}/v1",
                int(most * _SECONDS),
                clock,
                request_timeout_seconds=_PATIENCE * provider.latency,
            )
        finally:
            server.close()

    figures = calm.run(provider, story)
    return {**figures, "of_theoretical": round(figures["per_second"] / most, 3)}


async def _answered(
    gateway: Gateway,
    asked: Iterator[Request],
    done: list[float] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    refused = 0
    async for _, outcome in gateway.complete_many(asked):
        refused += isinstance(outcome, Refusal)
        if done is not None:
            done.append(clock())
    return refused


def measure_throughput() -> dict[str, Any]:
    """64 in flight at 200 ms: 320 answers a second are the most there can be. And at 1 s: 64."""
    return {f"at_{latency}_s": _against(latency, "--jitter", "0") for latency in (LATENCY, 1.0)}


def measure_faults() -> dict[str, Any]:
    """The same with jitter and 5 % faults: 429 bursts, 500s, resets, hangs, half-written JSON."""
    return {
        f"at_{latency}_s": _against(latency, "--jitter", str(latency / 4), "--faults", "0.05")
        for latency in (LATENCY, 1.0)
    }


def _against(latency: float, *options: str) -> dict[str, Any]:
    most = IN_FLIGHT / latency
    with server("--latency", str(latency), *options) as url:
        figures = asyncio.run(
            throughput(url, int(most * _SECONDS), request_timeout_seconds=_PATIENCE * latency)
        )
    return {**figures, "of_theoretical": round(figures["per_second"] / most, 3)}


def measure_limit() -> dict[str, Any]:
    """A server that answers 100 a second and throttles the rest."""
    with server("--latency", str(LATENCY), "--per-second", "100") as url:
        figures = asyncio.run(throughput(url, 1_500))
    return {**figures, "of_theoretical": round(figures["per_second"] / 100, 3)}


def measure_memory() -> dict[str, Any]:
    """Peak memory after 1,000 calls and after 50,000."""
    with server("--latency", "0.01") as url:
        return asyncio.run(_memory(url))


async def _memory(url: str) -> dict[str, Any]:
    async with door(url) as gateway:
        peaks = {}
        done = 0
        for goal in (1_000, 10_000, 50_000):
            await _answered(gateway, requests(goal - done, start=done))
            done = goal
            peaks[f"resident_mb_after_{goal}"] = round(_resident_mb(), 1)
        return {**peaks, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure_overhead() -> dict[str, Any]:
    """CPU per call, in turns: litellm alone, as it is called here, the gateway, and with the detectors."""
    with server("--latency", "0.05") as url:
        return asyncio.run(_overhead(url))


async def _overhead(url: str, *, rounds: int = 5, calls: int = 400) -> dict[str, Any]:
    from uncase_pipeline.anonymized.scanner import build_scanner

    async with door(url) as bare, door(url, build_scanner(Settings())) as scanning:
        ways: dict[str, Callable[[int], Any]] = {
            "litellm_alone": lambda start: _litellm_alone(url, calls, start),
            "litellm_as_the_gateway_calls_it": lambda start: _backend_alone(url, calls, start),
            "gateway": lambda start: _answered(bare, requests(calls, start)),
            "gateway_with_detectors": lambda start: _answered(scanning, requests(calls, start)),
        }
        for way in ways.values():
            await way(10**6)
        spent: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(rounds):
            for name, way in ways.items():
                begun = time.process_time()
                await way(number * calls)
                spent[name].append(1e3 * (time.process_time() - begun) / calls)
    figures = {f"{name}_ms": round(sorted(each)[rounds // 2], 3) for name, each in spent.items()}
    called = figures["litellm_as_the_gateway_calls_it_ms"]
    return {**figures, "overhead_ms": round(figures["gateway_ms"] - called, 3)}


async def _backend_alone(url: str, count: int, start: int) -> None:
    [route] = routes_of(MODEL, Settings(api_base=url), Registry(Path("nowhere"), None))
    places = asyncio.Semaphore(IN_FLIGHT)
    load_litellm()
    client = open_wire()

    async def one(request: Request) -> None:
        await ask(route, request, timeout=60, underway=lambda: places, client=client)

    await asyncio.gather(*(one(request) for request in requests(count, start)))
    await client.close()


async def _litellm_alone(url: str, count: int, start: int) -> None:
    litellm = load_litellm()
    places = asyncio.Semaphore(IN_FLIGHT)

    async def one(request: Request) -> None:
        async with places:
            await litellm.acompletion(
                model="hosted_vllm/bench",
                messages=request.messages,
                api_base=url,
                api_key="none",
                max_tokens=4096,
                num_retries=0,
                max_retries=0,
            )

    await asyncio.gather(*(one(request) for request in requests(count, start)))


MEASURES: dict[str, Callable[[], dict[str, Any]]] = {
    "calm": measure_calm,
    "throughput": measure_throughput,
    "faults": measure_faults,
    "limit": measure_limit,
    "memory": measure_memory,
    "overhead": measure_overhead,
}


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        for asked in sys.argv[1:] or MEASURES:
            print(json.dumps({asked: MEASURES[asked]()}, indent=1), flush=True)
