"""The one file that imports litellm. It makes one call and knows nothing of gates, journals or budgets."""

import gc
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any
from uuid import uuid4

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
    call = {"timeout": timeout, **_target(route, request, faults), **_unpriced(route, request)}
    _keep_no_log()
    try:
        if client is not None and wire.spoken_by(route.model):
            wire.expect(underway)
            return _raw(await _completion(route, request, client=client, **call))
        async with underway():
            response = await _completion(route, request, **call)
        return _raw(response)
    except Exception:
        if faults:
            raise faults[0] from None
        raise


async def _completion(route: Route, request: Request, **call: Any) -> Any:
    return await load_litellm().acompletion(
        model=route.model,
        messages=request.messages,
        num_retries=0,
        max_retries=0,
        _skip_mcp_handler=True,  # litellm 1.106 otherwise imports `mcp` for every call with tools
        **_parts(request),
        **call,
    )


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


def list_as_free(model: str) -> None:
    """Put a model that costs nothing on litellm's map, which it searches whole at each call otherwise."""
    litellm = load_litellm()
    if model not in litellm.model_cost:
        price = {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "mode": "chat"}
        litellm.register_model({model: {**price, "litellm_provider": model.partition("/")[0]}})


def _keep_no_log() -> None:
    """Mark this task's calls as internal to litellm.

    It builds a record of each call, prompt and answer in it, for callbacks that nobody registered: a third
    of its CPU, and a copy of the content that nobody needs. A litellm without the mark does no harm.
    """
    with suppress(ImportError):
        from litellm._internal_context import is_internal_call

        is_internal_call.set(True)


def _unpriced(route: Route, request: Request) -> Json:
    """Keep litellm from pricing a call whose price is known here: a fifth of its CPU."""
    if not route.free and route.prices is None:
        return {}
    call_id = str(uuid4())
    try:
        log = _unpriced_log()(
            model=route.model,
            messages=request.messages,
            stream=False,
            call_type="acompletion",
            start_time=datetime.now(),  # litellm subtracts it from a naive one
            litellm_call_id=call_id,
            function_id="",
        )
    except (ImportError, TypeError):
        return {}  # a litellm whose record has another form prices the call itself
    return {"litellm_logging_obj": log, "litellm_call_id": call_id}


@cache
def _unpriced_log() -> Any:
    from litellm.litellm_core_utils.litellm_logging import Logging

    class Unpriced(Logging):
        """litellm's record of a call, without the price."""

        def response_cost_calculator(self, *_args: Any, **_more: Any) -> None:
            """Look for no price."""

    return Unpriced


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


def _raw(response: Any) -> RawAnswer:
    if not getattr(response, "choices", None):
        raise NoAnswerError
    choice = response.choices[0]
    usage = response.usage
    body = {
        "message": _message(choice.message),
        "finish_reason": choice.finish_reason or "stop",
        "usage": {
            "prompt_tokens": usage.prompt_tokens or 0,
            "completion_tokens": usage.completion_tokens or 0,
            "cached_tokens": getattr(usage.prompt_tokens_details, "cached_tokens", None) or 0,
        },
        "id": response.id,
        "model": response.model,
    }
    hidden = getattr(response, "_hidden_params", None) or {}
    return RawAnswer(body, hidden.get("response_cost"))


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
    refusal = getattr(message, "refusal", None)
    if refusal:
        parts["refusal"] = refusal
    return parts
