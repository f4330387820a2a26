"""The one file that imports litellm. It makes a call and knows nothing of gates, journals or budgets."""

import os
from functools import cache
from typing import Any

from uncase_pipeline.gateway import offline
from uncase_pipeline.gateway.request import RawToolCall, Reply, Request, Usage
from uncase_pipeline.records.conversation import Json


@cache
def load_litellm() -> Any:
    """Import litellm without telemetry, without its price download and without its log of payloads."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ.setdefault("LITELLM_LOG", "ERROR")
    import litellm

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    litellm.turn_off_message_logging = True
    offline.install(litellm)
    return litellm


async def call(request: Request, model: str, *, timeout: float, **target: Any) -> Reply:
    """Ask one model once. Retries, limits and checks are the caller's.

    Args:
        request: What to ask.
        model: Model in litellm's form.
        timeout: Seconds.
        target: ``api_key`` and ``api_base`` where the provider has them.
    """
    litellm = load_litellm()
    if request.offline:
        target["extra_body"] = {"uncase": {"sample": request.sample, "hints": request.hints}}
    response = await litellm.acompletion(
        model=model,
        messages=request.messages,
        tools=request.tools or None,
        response_format=_response_format(request.response_schema),
        timeout=timeout,
        num_retries=0,
        max_retries=0,
        _skip_mcp_handler=True,  # litellm 1.106 otherwise imports `mcp` for every call with tools
        **request.parameters,
        **target,
    )
    return _reply(response, model)


def _response_format(schema: Json | None) -> Json | None:
    if schema is None:
        return None
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


def _reply(response: Any, model: str) -> Reply:
    choice = response.choices[0]
    usage = response.usage
    calls = choice.message.tool_calls or ()
    return Reply(
        text=choice.message.content or "",
        tool_calls=tuple(
            RawToolCall(call.id, call.function.name or "", call.function.arguments or "") for call in calls
        ),
        finish_reason=choice.finish_reason or "stop",
        usage=Usage(usage.prompt_tokens or 0, usage.completion_tokens or 0),
        provider=model.partition("/")[0],
        model=model,
    )
