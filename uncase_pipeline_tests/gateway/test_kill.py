"""A real process is killed at random moments, twenty times, over a real HTTP server on loopback."""

import asyncio
import random
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from benchmarks.provider_server import Provider
from uncase_pipeline.gateway.journal import journal_path
from uncase_pipeline.gateway.ledger import ledger_path, summary
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.gateway.world import serving

CALLS = 400
KILLS = 20


async def _process(home: Path, url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "uncase_pipeline_tests.gateway.paid_worker",
        str(home),
        url,
        str(CALLS),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


async def _killed_after(process: asyncio.subprocess.Process, provider: Provider, calls: int) -> set[str]:
    """Kill it once the provider has been asked so many more times; return the answers that it had used."""
    target = provider.asked.total() + calls
    while provider.asked.total() < target and process.returncode is None:
        await asyncio.sleep(0.001)
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    printed, _ = await process.communicate()
    return set(printed.decode().rpartition("\n")[0].split("\n")) - {""}


def _on_disk(home: Path) -> set[str]:
    """Prompts whose answers are committed; the provider's answers name them."""
    with closing(sqlite3.connect(journal_path(Settings(home=home)))) as db:
        bodies = [orjson.loads(body) for (body,) in db.execute("SELECT body FROM replies")]
    return {body["answer"]["message"]["content"].removeprefix("Respuesta a ") for body in bodies}


async def _story(home: Path) -> tuple[Provider, set[str], list[str]]:
    """Kill, look what is on disk, run again, look what was asked again; and a last run to the end."""
    provider = Provider(latency=0.02, jitter=0.015)
    draw = random.Random(20)
    finished: set[str] = set()
    repeated: list[str] = []
    async with serving(provider) as url:
        for kill in range(KILLS + 1):
            before = provider.asked.copy()
            process = await _process(home, url)
            used = await _killed_after(process, provider, draw.randint(1, 24) if kill < KILLS else CALLS)
            repeated += [text for text in finished if provider.asked[text] > before[text]]
            on_disk = _on_disk(home)
            assert used <= on_disk, "an answer was used before it was on disk"
            finished = on_disk
    assert process.returncode == 0
    return provider, finished, repeated


@pytest.mark.slow
def test_after_twenty_kills_not_one_finished_call_was_made_again(house: Settings) -> None:
    provider, finished, repeated = asyncio.run(_story(house.home))
    assert repeated == []
    assert finished == {f"pregunta {number}" for number in range(CALLS)}
    extra = provider.asked.total() - CALLS
    print(f"{KILLS} kills, {CALLS} calls, {extra} repeated because they were in flight, 0 finished ones")
    assert extra <= KILLS * 8
    egress = summary(ledger_path(house))
    assert egress.intact
    assert egress.calls_sent >= provider.asked.total()
