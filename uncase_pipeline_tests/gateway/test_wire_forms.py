"""One call to each sort of provider in its own wire form, on loopback: what two environment variables give."""

import json
from typing import Any

import pytest

from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.gateway.request import Reply
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.gateway.world import SmallScanner, ask, listening, run, saying, with_settings

KEY = "key-on-no-account-0002"
_CHAT = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Claro."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
}
_ANTHROPIC = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [{"type": "text", "text": "Claro."}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 10, "output_tokens": 5},
}
_GEMINI = {
    "candidates": [
        {"content": {"role": "model", "parts": [{"text": "Claro."}]}, "finishReason": "STOP", "index": 0}
    ],
    "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15},
}
_OLLAMA = {
    "model": "llama3",
    "created_at": "2026-01-01T00:00:00Z",
    "message": {"role": "assistant", "content": "Claro."},
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 10,
    "eval_count": 5,
}
FORMS: dict[str, tuple[str | None, dict[str, Any]]] = {
    "openai/gpt-4o-mini": ("OPENAI_API_KEY", _CHAT),
    "openai-compatible/my-model": ("LITELLM_API_KEY", _CHAT),
    "groq/llama-3.3-70b-versatile": ("GROQ_API_KEY", _CHAT),
    "vllm/qwen3": (None, _CHAT),
    "anthropic/claude-sonnet-4-5": ("ANTHROPIC_API_KEY", _ANTHROPIC),
    "gemini/gemini-2.5-flash": ("GEMINI_API_KEY", _GEMINI),
    "ollama/llama3": (None, _OLLAMA),
    "mistral/mistral-small-latest": ("LITELLM_API_KEY", _CHAT),
    "deepseek/deepseek-chat": ("LITELLM_API_KEY", _CHAT),
    "together_ai/m": ("LITELLM_API_KEY", _CHAT),
    "xai/grok-4": ("LITELLM_API_KEY", _CHAT),
    "openrouter/m": ("LITELLM_API_KEY", _CHAT),
    "fireworks_ai/m": ("LITELLM_API_KEY", _CHAT),
    "perplexity/sonar": ("LITELLM_API_KEY", _CHAT),
}


@pytest.mark.parametrize("model", FORMS)
def test_a_model_and_a_key_are_all_that_a_provider_needs(
    model: str, house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable, answer = FORMS[model]
    if variable:
        monkeypatch.setenv(variable, KEY)
    heads: list[str] = []
    said: list[str] = []

    async def story() -> Any:
        body = json.dumps(answer).encode()
        async with listening(saying(body, "Content-Type: application/json"), heads) as url:
            settings = with_settings(Settings(home=house.home), api_base=url, max_attempts=1)
            async with Gateway.open(settings, SmallScanner(), run_id="run-1", log=said.append) as door:
                return await door.complete(
                    ask("¿Tienen crédito?", model=model, parameters={"max_tokens": 32})
                )

    reply = run(story())
    assert isinstance(reply, Reply), reply
    assert reply.text == "Claro."
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (10, 5)
    assert (KEY in heads[0]) == bool(variable)
    assert KEY not in "".join(said)
