"""What the gateway's tests share: a small scanner, a provider on loopback, and a door to it."""

import asyncio
import random
import re
import selectors
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from benchmarks.provider_server import Provider
from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.gateway.lane import Clocks
from uncase_pipeline.gateway.request import Lineage, Request, text_message
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Finding
from uncase_pipeline.settings import Settings

T = TypeVar("T")
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
MODEL = "openai/gpt-4o-mini"
_IDENTIFIERS = re.compile(r"(?P<EMAIL>[\w.]+@[\w.]+\.\w+)|(?P<PHONE>\b\d{10}\b)|(?P<PERSON>María López)")


class SmallScanner:
    """Finds mails, ten digits and one name."""

    version = "small-1"

    def __init__(self) -> None:
        self.scanned: list[str] = []

    def scan_text(self, text: str, *, language: str = "es", domain: str | None = None) -> list[Finding]:
        self.scanned.append(text)
        return [
            Finding(match.lastgroup or "", match.start(), match.end(), 1.0)
            for match in _IDENTIFIERS.finditer(text)
        ]

    def look_ahead(self, *_texts: object, **_options: object) -> None:
        """It reads one by one."""

    def scan_conversation(self, conversation: Conversation) -> list[Finding]:
        return [finding for _, text in conversation.strings() for finding in self.scan_text(text)]


class Impatient(random.Random):
    """A source of jitter that hardly waits."""

    def uniform(self, a: float, b: float) -> float:
        return min(b, 0.01)


class _Jumping(selectors.SelectSelector):
    """Instead of waiting, moves the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


def in_virtual_time(story: Callable[[Callable[[], float]], Coroutine[Any, Any, T]]) -> T:
    jumping = _Jumping()
    loop = asyncio.SelectorEventLoop(jumping)
    loop.time = lambda: jumping.now  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(story(loop.time))
    finally:
        loop.close()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(coroutine, 60))


def ask(text: str, *, model: str = MODEL, **more: Any) -> Request:
    more.setdefault(
        "lineage", Lineage(domain="automotive.sales", seed_id="seed_1", row=f"seed_1#{text[-4:]}")
    )
    return Request(model, [text_message("user", text)], **more)


def with_settings(house: Settings, **changes: Any) -> Settings:
    return house.model_copy(update={"breaker_seconds": 20.0, "request_timeout_seconds": 10.0, **changes})


@asynccontextmanager
async def serving(provider: Provider) -> AsyncIterator[str]:
    server, port = await provider.start()
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.close()


@asynccontextmanager
async def listening(answer: Answer, asked: list[str]) -> AsyncIterator[str]:
    """Read requests, keep their heads and answer them; yields the address."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head)
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        await answer(writer)
        writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def saying(body: bytes, *more: str, status: int = 200) -> Answer:
    """Return what answers with a body; ``more`` are headers."""
    lines = (f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *more, "", "")

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()

    return answer


@asynccontextmanager
async def door_to(
    provider: Provider, house: Settings, *, run_id: str = "run-1", **changes: Any
) -> AsyncIterator[Gateway]:
    async with serving(provider) as url:
        settings = with_settings(house, api_base=url, **changes)
        clocks = Clocks(time.time, time.monotonic, Impatient())
        async with Gateway.open(settings, SmallScanner(), run_id=run_id, log=_quiet, clocks=clocks) as door:
            yield door


def _quiet(_line: str) -> None:
    """Take a log line and say nothing."""
