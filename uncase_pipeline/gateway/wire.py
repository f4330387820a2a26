"""One HTTP exchange with a provider, and no second one. Knows no provider, no limit and no ledger.

litellm's own client sends a request again after a reset, and follows redirects: the provider may have answered
the first, and a ledger that was told of one call to one host would be wrong. Over this wire only the gateway
repeats a call. And only the time from sending to receiving counts as under way, not the time that litellm
takes to write a request and to read an answer.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import orjson

Underway = Callable[[], AbstractAsyncContextManager[Any]]
"""Opens the time in which one exchange is under way; waits for its place."""

_UNDERWAY: ContextVar[Underway] = ContextVar("underway", default=nullcontext)
_PARTS = re.compile(rb'"content"\s*:\s*\[')
_SPOKEN = frozenset(
    {
        *("anthropic", "deepseek", "fireworks_ai", "gemini", "groq", "hosted_vllm", "mistral", "ollama_chat"),
        *("openai", "openrouter", "perplexity", "together_ai", "xai"),
    }
)
"""litellm's names of the providers that it asks through the client that it is given."""


def spoken_by(model: str) -> bool:
    """Whether a model, named as litellm names it, is asked over this wire."""
    return model.partition("/")[0] in _SPOKEN


def expect(underway: Underway) -> None:
    """Say what opens the time of this task's exchanges."""
    _UNDERWAY.set(underway)


def open_wire() -> Any:
    """Return a client for litellm, to be closed with ``close()`` in the event loop that used it.

    None where litellm was told to use another transport (``DISABLE_AIOHTTP_TRANSPORT``).
    """
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler, get_ssl_configuration

    verify = get_ssl_configuration()
    transport = AsyncHTTPHandler.create_async_transport(
        **({"ssl_verify": verify} if isinstance(verify, bool) else {"ssl_context": verify})
    )
    return _wire_type()(transport) if transport else None


@lru_cache(maxsize=1)
def _wire_type() -> Any:
    import httpx
    from litellm.llms.custom_httpx import http_handler

    address = lru_cache(maxsize=64)(httpx.URL)
    always = {**http_handler.get_default_headers(), "Accept-Encoding": "gzip, deflate"}

    class Wire(http_handler.AsyncHTTPHandler):
        """Posts once, by the shortest way: past redirects, cookies and another client's bookkeeping."""

        def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
            super().__init__(transport=transport, follow_redirects=False)
            self._exchange = transport.handle_async_request

        async def post(
            self,
            url: str,
            data: str | bytes | None = None,
            json: Any = None,
            params: Any = None,
            headers: Mapping[str, str] | None = None,
            **_unused: Any,
        ) -> httpx.Response:
            """Exchange a request for an answer; how long that may take is the caller's."""
            request = httpx.Request(
                "POST",
                address(url),
                content=data,
                json=json,
                params=params,
                headers={**always, **(headers or {})},
            )
            try:
                async with _UNDERWAY.get()():
                    response = await self._exchange(request)
                    response.request = request
                    await response.aread()
            except httpx.RequestError as error:
                error.request = request  # litellm looks at it
                raise
            return _readable(_checked(response))

    def _checked(response: httpx.Response) -> httpx.Response:
        try:
            return response.raise_for_status()
        except httpx.HTTPStatusError as error:
            raise http_handler.MaskedHTTPStatusError(error, response.text, response.text) from None

    def _readable(response: httpx.Response) -> httpx.Response:
        flat = flattened(response.content)
        if flat is response.content:
            return response
        return httpx.Response(response.status_code, content=flat, request=response.request)

    return Wire


def flattened(body: bytes) -> bytes:
    """Return an answer in OpenAI's form with its content as one text, where it came as a list of parts.

    Some servers answer so, litellm does not read it, and an answer that is not read is paid again.
    """
    if b'"choices"' not in body or not _PARTS.search(body):
        return body
    try:
        document = orjson.loads(body)
        for choice in document["choices"]:
            _flatten(choice["message"])
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        return body
    return orjson.dumps(document)


def _flatten(message: dict[str, Any]) -> None:
    parts = message.get("content")
    if not isinstance(parts, list):
        return
    message["content"] = "".join(part["text"] for part in parts if part.get("type", "text") == "text")
    thoughts = [part for part in parts if part.get("type") == "thinking"]
    if thoughts:
        message.setdefault("reasoning_content", str(thoughts))
