"""What is sent, and how often: over loopback, counted by the server and by the ledger."""

import asyncio
import socket
import struct
from typing import Any

import pytest
from pydantic import SecretStr

from benchmarks.provider_server import Provider
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.gateway.ledger import ledger_path, summary
from uncase_pipeline.gateway.request import Outcome, Refusal, Reply
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.gateway.world import (
    SmallScanner,
    ask,
    door_to,
    listening,
    run,
    saying,
    with_settings,
)

MODELS = (
    "openai/gpt-4o-mini", "vllm/m", "groq/m", "anthropic/m", "gemini/m", "ollama/m", "mistral/m", "deepseek/m",
    "together_ai/m", "xai/m", "openrouter/m", "fireworks_ai/m", "perplexity/m",
)  # fmt: skip


def with_key(house: Settings) -> Settings:
    return house.model_copy(update={"litellm_api_key": SecretStr("key-on-no-account-0003")})


async def _reset(writer: asyncio.StreamWriter) -> None:
    """Drop the connection with a reset, as a load balancer does, once the request has been read."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _outcome(url: str, house: Settings, model: str, **changes: Any) -> Outcome:
    settings = with_settings(with_key(house), api_base=url, **changes)
    async with Gateway.open(settings, SmallScanner(), run_id="run-1", log=lambda _line: None) as door:
        return await door.complete(ask("hola", model=model))


@pytest.mark.parametrize("model", MODELS)
def test_after_a_reset_only_the_gateway_asks_again_and_every_time_is_in_the_ledger(
    house: Settings, model: str
) -> None:
    asked: list[str] = []

    async def story() -> Outcome:
        async with listening(_reset, asked) as url:
            return await _outcome(url, house, model, max_attempts=2)

    outcome = run(story())
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "cut-off"
    assert len(asked) == summary(ledger_path(house)).calls_sent == 2


@pytest.mark.parametrize("model", MODELS)
def test_a_prompt_does_not_follow_a_redirect_to_a_host_that_no_ledger_names(
    house: Settings, model: str
) -> None:
    asked: list[str] = []
    elsewhere: list[str] = []

    async def story() -> None:
        async with (
            listening(_reset, elsewhere) as other,
            listening(saying(b"", f"Location: {other}/v1", status=307), asked) as url,
        ):
            await _outcome(url, house, model)

    with pytest.raises(UncaseError) as ending:
        run(story())
    assert ending.value.code == "moved"
    assert (len(asked), elsewhere) == (1, [])


@pytest.mark.parametrize("model", ["openai/gpt-4o-mini", "vllm/m"])
def test_the_provider_never_has_more_calls_than_the_limit(house: Settings, model: str) -> None:
    provider = Provider(latency=0.02, jitter=0.01)

    async def story() -> list[Outcome]:
        async with door_to(provider, house, max_in_flight=4) as door:
            texts = (ask(f"pregunta {number}", model=model) for number in range(40))
            return [outcome async for _, outcome in door.complete_many(texts)]

    assert all(isinstance(outcome, Reply) for outcome in run(story()))
    assert provider.most_under_way == 4


def test_a_call_that_litellm_refuses_to_make_is_not_in_the_ledger_as_sent(house: Settings) -> None:
    provider = Provider()

    async def story() -> Outcome:
        async with door_to(provider, with_key(house)) as door:
            hopeless = {"max_tokens": 8, "reasoning_effort": "enormous"}
            return await door.complete(ask("hola", model="anthropic/claude-sonnet-4-5", parameters=hopeless))

    outcome = run(story())
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "bad-request"
    assert provider.asked.total() == summary(ledger_path(house)).calls_sent == 0
