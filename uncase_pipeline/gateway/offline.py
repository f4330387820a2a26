"""The provider inside this process: a LiteLLM ``CustomLLM`` that asks a function for the answer.

It knows no simulator: the synthetic layer registers one. Calls pass through litellm like all others, so that
routing, the gate, the journal and the ledger are the same for a run without a network.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.request import OFFLINE, RawToolCall
from uncase_pipeline.records.conversation import Json


@dataclass(frozen=True, slots=True)
class OfflineCall:
    """What the function is asked.

    Attributes:
        model: Name after ``offline/``.
        messages: OpenAI wire messages.
        tools: OpenAI tool definitions.
        parameters: ``temperature``, ``max_tokens`` ... as they came through litellm.
        sample: Index of the sample.
        hints: ``Request.hints``.
    """

    model: str
    messages: list[Json]
    tools: list[Json] = field(default_factory=list)
    parameters: Json = field(default_factory=dict)
    sample: int = 0
    hints: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfflineReply:
    """What it answers."""

    text: str
    tool_calls: tuple[RawToolCall, ...] = ()
    finish_reason: str = "stop"


Respond = Callable[[OfflineCall], OfflineReply]


@dataclass(frozen=True, slots=True)
class OfflineModel:
    """A registered function and the version that its answers are journaled under."""

    respond: Respond
    version: str


_MODELS: dict[str, OfflineModel] = {}


def register_offline(respond: Respond, *, model: str = "simulator", version: str) -> None:
    """Make a function answer for ``offline/<model>``.

    Args:
        respond: Pure and deterministic: the same call gives the same answer.
        model: Name after ``offline/``.
        version: Change it with every change of the answers, or the journal serves the old ones.
    """
    _MODELS[model] = OfflineModel(respond, version)


def offline_model(name: str) -> OfflineModel:
    """Return the registered function.

    Raises:
        UncaseError: ``no-offline-model``.
    """
    try:
        return _MODELS[name]
    except KeyError:
        raise UncaseError(
            "no-offline-model",
            f"Nothing answers for offline/{name} in this process.",
            "Use offline/simulator, or register a function with gateway.offline.register_offline.",
        ) from None


def install(litellm: Any) -> None:
    """Put the provider ``offline`` on litellm's map of custom providers."""
    if any(item["provider"] == "offline" for item in litellm.custom_provider_map):
        return
    litellm.custom_provider_map.append({"provider": "offline", "custom_handler": _handler(litellm)})
    litellm.utils.custom_llm_setup()  # litellm does so itself, but not in a call that brings its own log


def _handler(litellm: Any) -> Any:
    class OfflineProvider(litellm.CustomLLM):  # type: ignore[misc]  # litellm is imported late
        """Answers from the registered function."""

        async def acompletion(self, *_args: Any, **call: Any) -> Any:
            """Answer one call; litellm gives everything by name."""
            return _answer(litellm, call)

        def completion(self, *_args: Any, **call: Any) -> Any:
            """Answer one call of the sync interface."""
            return _answer(litellm, call)

    return OfflineProvider()


def _responded(asked: OfflineCall, faults: list[UncaseError]) -> OfflineReply:
    """Ask the function. What it raises is noted: litellm would turn it into a network error."""
    try:
        return offline_model(asked.model).respond(asked)
    except UncaseError as error:
        faults.append(error)
        raise
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        fault = UncaseError(
            "offline-failed",
            f"The function behind {OFFLINE}{asked.model} raised {type(error).__name__} "
            f"at {Path(last.filename).name}:{last.lineno}.",
            "Nothing was sent anywhere; report this as a bug of the function.",
        )
        faults.append(fault)
        raise fault from None


def _answer(litellm: Any, call: Json) -> Any:
    parameters = dict(call["optional_params"])
    ours = parameters.pop("extra_body")["uncase"]
    asked = OfflineCall(
        model=call["model"],
        messages=call["messages"],
        tools=parameters.pop("tools", None) or [],
        parameters=parameters,
        sample=ours["sample"],
        hints=ours["hints"],
    )
    reply = _responded(asked, ours["faults"])
    response = call["model_response"]
    choice = response.choices[0]
    choice.message = litellm.Message(
        content=reply.text or None, tool_calls=[part.wire() for part in reply.tool_calls] or None
    )
    choice.finish_reason = reply.finish_reason
    response.model = call["model"]
    response.usage = litellm.Usage(prompt_tokens=0, completion_tokens=0, total_tokens=0)
    return response
