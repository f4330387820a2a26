"""One small question to a provider, through the whole door: does its key work, how fast, for how much?"""

import time
from dataclasses import asdict, dataclass
from uuid import uuid4

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.gateway.offline import OfflineReply, register_offline
from uncase_pipeline.gateway.providers import routes_of
from uncase_pipeline.gateway.registry import Registry
from uncase_pipeline.gateway.request import OFFLINE, Lineage, Refusal, Request, text_message
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.settings import Settings

_TOKENS = 64
_SECONDS = 30.0
_OFFLINE_TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it.

    Attributes:
        model: As routed.
        destination: Host, or ``in-process``.
        answered: Whether there was an answer.
        seconds: Until the answer.
        cost_usd: None where no price is known.
        problem: One sentence where there was none.
        remedy: What to do about it.
    """

    model: str
    destination: str
    answered: bool
    seconds: float
    cost_usd: float | None = None
    problem: str = ""
    remedy: str = ""

    def wire(self) -> Json:
        """Return it as plain JSON."""
        return asdict(self)


def model_to_try(name: str, settings: Settings) -> str:
    """Return the model that a provider's name stands for.

    Raises:
        UncaseError: ``no-model`` where nothing says which.
    """
    if name.startswith(OFFLINE):
        name = OFFLINE.rstrip("/")
    if "/" in name:
        return name
    registered = Registry.open(settings).find(name)
    if registered and registered.models:
        return f"{name}/{registered.models[0]}"
    if name == OFFLINE.rstrip("/"):
        return f"{OFFLINE}{_OFFLINE_TRIAL}"
    if settings.model.startswith(f"{name}/"):
        return settings.model
    raise UncaseError(
        "no-model",
        f"Nothing says which model of {name} to try.",
        f"Write it out: `uncase provider test {name}/MODEL`.",
    )


async def try_provider(name: str, settings: Settings, scanner: Scanner) -> Trial:
    """Ask a provider to say OK."""
    register_offline(lambda _call: OfflineReply("OK"), model=_OFFLINE_TRIAL, version="1")
    model = model_to_try(name, settings)
    route = routes_of(model, settings, Registry.open(settings))[0]
    quick = settings.model_copy(
        update={
            "max_attempts": 1,
            "breaker_failures": 1,
            "breaker_outage_seconds": 0.0,
            "request_timeout_seconds": min(_SECONDS, settings.request_timeout_seconds),
            "fallback_models": [],
        }
    )
    start = time.monotonic()
    try:
        async with Gateway.open(quick, scanner, run_id=f"provider-test-{uuid4().hex[:12]}") as door:
            outcome = await door.complete(_question(model, door.run_id))
    except UncaseError as error:
        return Trial(route.model, route.destination, False, _since(start), None, error.message, error.remedy)
    if isinstance(outcome, Refusal):
        return Trial(route.model, route.destination, False, _since(start), outcome.cost_usd, outcome.detail)
    return Trial(outcome.model, route.destination, True, _since(start), outcome.cost_usd)


def _question(model: str, run_id: str) -> Request:
    """The run's id is part of the key, so that no journaled answer passes for a test."""
    return Request(
        model,
        [text_message("user", "Answer with the word OK.")],
        parameters={"max_tokens": _TOKENS},
        template_version=run_id,
        lineage=Lineage(purpose="provider-test"),
        language="en",
    )


def _since(start: float) -> float:
    return round(time.monotonic() - start, 3)
