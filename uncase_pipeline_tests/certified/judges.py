"""Judges for tests: OpenAI-compatible servers on loopback that rate by a rule."""

import asyncio
import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.provider_server import Provider
from uncase_pipeline.certified.judge.rubric import CRITERIA
from uncase_pipeline.settings import Settings

MODEL = "openai/gpt-4o-mini"
Body = dict[str, Any]


def asked_first(body: Body) -> str:
    """Return the question that stands first in a prompt."""
    rubric = str(body["messages"][0]["content"])
    return min(CRITERIA, key=lambda name: rubric.index(f"- {name}:"))


def steady(points: int | dict[str, int]) -> Callable[[Body], str]:
    """Return a judge that gives the same points in any order."""
    given = points if isinstance(points, dict) else dict.fromkeys(CRITERIA, points)
    return lambda _body: json.dumps(given)


def partial_to_the_first(body: Body) -> str:
    """Give 5 to whatever is asked first and 1 to the rest."""
    return json.dumps(dict.fromkeys(CRITERIA, 1) | {asked_first(body): 5})


def judge_that(answer: Callable[[Body], str], **more: Any) -> Provider:
    return Provider(answer=answer, keep_bodies=True, **more)


@contextmanager
def judging(house: Settings, provider: Provider, **changes: Any) -> Iterator[Settings]:
    """Serve in a thread, as the judge runs an event loop of its own; yields settings that point there."""
    listening: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = queue.Queue()

    async def serve() -> None:
        server, port = await provider.start()
        stop = asyncio.Event()
        listening.put((asyncio.get_running_loop(), stop, port))
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    loop, stop, port = listening.get(timeout=10)
    try:
        base = f"http://127.0.0.1:{port}/v1"
        yield house.model_copy(update={"api_base": base, "judge_model": MODEL, **changes})
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
