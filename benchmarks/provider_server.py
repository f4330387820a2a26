"""An OpenAI-compatible server with set latency, jitter, rate limit and faults, for benchmarks and tests.

Start it with ``python benchmarks/provider_server.py --latency 0.2 --faults 0.05``: it prints its port and
serves ``POST …/chat/completions`` on loopback, and ``GET /stats``. The answer names the last message, so that
a test sees which prompt was answered, and how often.
"""

import argparse
import asyncio
import json
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

FAULTS = ("throttle", "error", "reset", "hang", "half")
_HANG_SECONDS = 3_600.0
_BURST = 8
"""Throttled answers come in bursts; their share of all calls is what was asked for."""


@dataclass
class Provider:
    """The server's behaviour and what it saw.

    Attributes:
        latency: Seconds until an answer.
        jitter: Latency is drawn uniformly from ``latency ± jitter``.
        per_second: Answers per second, more are throttled; None is no limit.
        faults: Share of calls that meet each fault, by name.
        retry_after: Seconds that a throttled caller is told.
        answer: Content of an answer, from the request's body.
        status: Fixed status for every call, for tests of broken keys.
        asked: Calls per last message, whatever became of them.
        answered: Whole answers sent per last message.
    """

    latency: float = 0.0
    jitter: float = 0.0
    per_second: float | None = None
    faults: dict[str, float] = field(default_factory=dict)
    retry_after: float = 0.05
    seed: int = 7
    answer: Callable[[dict[str, Any]], str] = lambda body: f"Respuesta a {_last(body)}"
    status: int = 200
    error: dict[str, Any] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keep_bodies: bool = False
    clock: Callable[[], float] = time.monotonic
    under_way: int = 0
    most_under_way: int = 0

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)
        self._tokens = self.per_second or 0.0
        self._filled_at: float | None = None
        self._burst_left = 0

    async def start(self, port: int = 0) -> tuple[asyncio.Server, int]:
        """Listen on loopback; returns the server and its port."""
        server = await asyncio.start_server(self._connection, "127.0.0.1", port, backlog=1024)
        return server, server.sockets[0].getsockname()[1]

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head, body = await _request(reader)
                if head.startswith(b"GET"):
                    await _send(writer, 200, {"answered": self.answered.total(), "met": self.met})
                elif not await self._answer(json.loads(body), writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _answer(self, body: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        """Answer one call; False where the connection is to be dropped."""
        asked = _last(body)
        self.asked[asked] += 1
        if self.keep_bodies:
            self.bodies.append(body)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._outcome(body, asked, writer)
        finally:
            self.under_way -= 1

    async def _outcome(self, body: dict[str, Any], asked: str, writer: asyncio.StreamWriter) -> bool:
        fault = self.fault()
        self.met[fault or "none"] += 1
        if fault == "throttle":
            await _send(writer, 429, _THROTTLED, retry_after=self.retry_after)
            return True
        await asyncio.sleep(max(0.0, self.latency + self._draw.uniform(-self.jitter, self.jitter)))
        if self.status != 200:
            await _send(writer, self.status, self.error)
            return True
        if fault == "error":
            await _send(writer, 500, {"error": {"message": "internal", "type": "server_error"}})
            return True
        if fault == "hang":
            await asyncio.sleep(_HANG_SECONDS)
        if fault == "reset":
            writer.transport.abort()
            return False
        cut = self._draw.choice(("body", "connection")) if fault == "half" else ""
        await _send(writer, 200, self._completion(body), cut=cut)
        if fault is None:
            self.answered[asked] += 1
        return cut != "connection"

    def fault(self) -> str | None:
        """Decide what this call meets."""
        if self._over_limit():
            return "throttle"
        if self._burst_left:
            self._burst_left -= 1
            return "throttle"
        drawn = self._draw.random()
        for name, share in self.faults.items():
            drawn -= share / _BURST if name == "throttle" else share
            if drawn < 0:
                self._burst_left = _BURST - 1 if name == "throttle" else 0
                return name
        return None

    def _over_limit(self) -> bool:
        if self.per_second is None:
            return False
        now = self.clock()
        burst = max(1.0, self.per_second / 10)
        since = now - (now if self._filled_at is None else self._filled_at)
        self._tokens = min(burst, self._tokens + since * self.per_second)
        self._filled_at = now
        if self._tokens < 1:
            return True
        self._tokens -= 1
        return False

    def _completion(self, body: dict[str, Any]) -> dict[str, Any]:
        content = self.answer(body)
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
            ],
            "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
        }


@contextmanager
def served(provider: Provider) -> Iterator[str]:
    """Serve from a thread of its own, for what runs an event loop of its own; yields the base URL."""
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
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


_THROTTLED = {"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}}
_REASONS = {200: "OK", 429: "Too Many Requests", 500: "Internal Server Error"}


def _last(body: dict[str, Any]) -> str:
    return str(body["messages"][-1].get("content"))


async def _request(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head, await reader.readexactly(length)


async def _send(
    writer: asyncio.StreamWriter,
    status: int,
    document: Any,
    *,
    retry_after: float | None = None,
    cut: str = "",
) -> None:
    """Write one answer; ``cut`` in the middle of the JSON, with an honest length or a broken connection."""
    payload = json.dumps(document).encode()
    payload = payload[: len(payload) // 2] if cut == "body" else payload
    extra = f"Retry-After-Ms: {retry_after * 1000:.0f}\r\n" if retry_after else ""
    head = (
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}\r\nContent-Type: application/json\r\n{extra}"
        f"Content-Length: {len(payload)}\r\n\r\n"
    )
    writer.write(head.encode() + (payload[: len(payload) // 2] if cut == "connection" else payload))
    await writer.drain()


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--jitter", type=float, default=0.0)
    parser.add_argument("--per-second", type=float)
    parser.add_argument("--faults", type=float, default=0.0, help="share of calls, split over the five sorts")
    asked = parser.parse_args()
    faults = {name: asked.faults / len(FAULTS) for name in FAULTS} if asked.faults else {}
    provider = Provider(asked.latency, asked.jitter, asked.per_second, faults)
    server, port = await provider.start()
    print(port, flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
