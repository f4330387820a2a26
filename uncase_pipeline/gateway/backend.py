"""The one file that imports litellm. It makes one call and knows nothing of gates, journals or budgets."""

import gc
import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from inspect import isawaitable
from typing import Any
from uuid import uuid4

import orjson

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway import offline, wire
from uncase_pipeline.gateway.ledger import IN_PROCESS
from uncase_pipeline.gateway.providers import Route
from uncase_pipeline.gateway.request import Request
from uncase_pipeline.gateway.wire import Underway
from uncase_pipeline.records.conversation import Json


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back, as plain JSON.

    Attributes:
        body: ``message``, ``finish_reason``, ``usage``, ``id`` and ``model``, as the provider gave them.
        reported_usd: The cost that litellm computed from its price map.
    """

    body: Json
    reported_usd: float | None


class NoAnswerError(Exception):
    """The provider sent something that holds no answer."""


@cache
def load_litellm() -> Any:
    """Import litellm without telemetry, and with the price map that it ships instead of a download."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_LOG"] = "CRITICAL"  # at DEBUG it would print prompts and answers
    os.environ["EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER"] = "True"  # one wire for all, at half the CPU
    import litellm

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    offline.install(litellm)
    gc.collect()
    gc.freeze()  # its objects live as long as the process: walking them is a tenth of a call's CPU
    return litellm


async def ask(
    route: Route, request: Request, *, timeout: float, underway: Underway, client: Any = None
) -> RawAnswer:
    """Ask one model once. Retries, limits and checks are the caller's.

    Args:
        route: Whom.
        request: What.
        timeout: Seconds, for the provider's own bookkeeping; ``underway`` is to end what takes longer.
        underway: Opened while the request is out.
        client: What ``wire.open_wire`` gave.

    Raises:
        NoAnswerError: Where there is no choice in what came back.
        UncaseError: What the function behind the embedded provider raised.
        Exception: litellm's, for ``failures.classify``; its text must go no further.
    """
    faults: list[UncaseError] = []
    call = {"timeout": timeout, **_target(route, request, faults), **_parts(request)}
    try:
        if client is not None and wire.spoken_by(route.model):
            wire.expect(underway)
            return _raw(route, await _completion(route, request, client=client, **call))
        async with underway():
            response = await _completion(route, request, **call)
        return _raw(route, response)
    except Exception:
        if faults:
            raise faults[0] from None
        raise


async def _completion(route: Route, request: Request, **call: Any) -> Any:
    """Ask litellm. Its ``acompletion`` hands its ``completion`` to a thread, then prices and logs the answer.

    Without that detour a call takes two thirds of the CPU.
    """
    litellm = load_litellm()
    call |= {"model": route.model, "messages": request.messages, "num_retries": 0, "max_retries": 0}
    call |= {"_skip_mcp_handler": True}  # litellm 1.106 otherwise imports `mcp` for every call with tools
    record = _record(route, request)
    if record is None:
        return await litellm.acompletion(**call)
    try:
        answer = litellm.completion(**call, acompletion=True, litellm_logging_obj=record)
        return await answer if isawaitable(answer) else answer
    except Exception as error:
        provider = route.model.partition("/")[0]
        litellm.exception_type(route.model, error, provider)  # raises litellm's own name for it, if any
        raise


@cache
def listed_price(model: str) -> tuple[float, float] | None:
    """Return dollars per prompt and completion token from litellm's price map, None where it has none."""
    litellm = load_litellm()
    for name in (model, model.partition("/")[2]):
        listed = litellm.model_cost.get(name)
        if listed and listed.get("input_cost_per_token") is not None:
            return float(listed["input_cost_per_token"]), float(listed.get("output_cost_per_token") or 0.0)
    return None


@cache
def price_map_version() -> str:
    """Name the price map: litellm's version and a hash of the map, which is the one that it ships."""
    shipped = files("litellm").joinpath("model_prices_and_context_window_backup.json").read_bytes()
    return f"litellm-{version('litellm')}-{hashlib.sha256(shipped).hexdigest()[:12]}"


def _record(route: Route, request: Request) -> Any:
    """Return litellm's record of a call, None where this litellm's has another form."""
    try:
        return _record_type()(
            model=route.model,
            messages=request.messages,
            stream=False,
            call_type="acompletion",
            start_time=datetime.now(),  # litellm subtracts it from a naive one
            litellm_call_id=str(uuid4()),
            function_id="",
        )
    except (ImportError, TypeError):
        return None


@cache
def _record_type() -> Any:
    from litellm.litellm_core_utils.litellm_logging import Logging

    return Logging


def _parts(request: Request) -> Json:
    parts: Json = dict(request.parameters)
    if request.tools:
        parts["tools"] = request.tools
    if request.response_schema is not None:
        schema = {"name": "answer", "schema": request.response_schema, "strict": True}
        parts["response_format"] = {"type": "json_schema", "json_schema": schema}
    return parts


def _target(route: Route, request: Request, faults: list[UncaseError]) -> Json:
    if route.destination == IN_PROCESS:
        ours = {"sample": request.sample, "hints": request.hints, "faults": faults}
        return {"extra_body": {"uncase": ours}}
    target: Json = {}
    if route.api_key is not None:
        target["api_key"] = route.api_key.get_secret_value()
    if route.api_base is not None:
        target["api_base"] = route.api_base
    return target


def _raw(route: Route, response: Any) -> RawAnswer:
    if not getattr(response, "choices", None):
        raise NoAnswerError
    choice = response.choices[0]
    usage = response.usage
    message = _message(choice.message)
    declined = "refusal" in message and not message["content"]
    body = {
        "message": message,
        "finish_reason": "content_filter" if declined else choice.finish_reason or "stop",
        "usage": {
            "prompt_tokens": usage.prompt_tokens or 0,
            "completion_tokens": usage.completion_tokens or 0,
            "cached_tokens": getattr(usage.prompt_tokens_details, "cached_tokens", None) or 0,
        },
        "id": response.id,
        "model": response.model,
    }
    return RawAnswer(_storable(body), _reported_usd(route, response))


def _reported_usd(route: Route, response: Any) -> float | None:
    """Price an answer as litellm does, where nobody here knows its price better."""
    if route.free or route.prices is not None or listed_price(route.model) is None:
        return None
    with suppress(Exception):
        return float(load_litellm().completion_cost(completion_response=response, model=route.model))
    return None


def _storable(body: Json) -> Json:
    """Put ``?`` for half an emoji, which JSON may hold and no file can: an answer cut in its middle is paid."""
    try:
        orjson.dumps(body)
    except TypeError:
        return dict(orjson.loads(json.dumps(body, ensure_ascii=False).encode(errors="replace")))
    return body


def _message(message: Any) -> Json:
    parts: Json = {"content": message.content}
    if message.tool_calls:
        parts["tool_calls"] = [
            {"id": call.id, "name": call.function.name or "", "arguments": call.function.arguments or ""}
            for call in message.tool_calls
        ]
    reasoning = getattr(message, "reasoning_content", None)
    if reasoning:
        parts["reasoning_content"] = reasoning
    refusal = (getattr(message, "provider_specific_fields", None) or {}).get("refusal")
    if refusal:
        parts["refusal"] = refusal
    return parts
