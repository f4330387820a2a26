"""Providers and routes: from ``UNCASE_MODEL`` to whom to ask, with which key, how much at once. Calls nobody.

A model is written as litellm writes it (``openai/gpt-5-mini``), with a registered provider's name in front
(``my-vllm/qwen3``), or several with weights (``openai/gpt-5-mini*3, groq/llama-3.3-70b*1``).
"""

import hashlib
import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.ledger import IN_PROCESS
from uncase_pipeline.gateway.registry import Registry
from uncase_pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of provider.

    Attributes:
        prefix: What litellm calls it.
        key_variables: Environment variables that may hold its key, the first that is set wins.
        host: Where calls go unless there is a base URL; None where there must be one.
        default_base: Base URL where none is given.
        needs_key: Whether a call without a key is hopeless.
        free: Whether calls cost nothing.
        prefix_at_base: What litellm is to call it at a base URL of one's own, where that differs.
    """

    prefix: str
    key_variables: tuple[str, ...] = ()
    host: str | None = None
    default_base: str | None = None
    needs_key: bool = True
    free: bool = False
    prefix_at_base: str | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars per million tokens."""

    prompt: float
    completion: float


@dataclass(frozen=True, slots=True)
class Route:
    """One way to get an answer.

    Attributes:
        provider: Kind or registered name.
        model: In litellm's form.
        destination: Host, for the ledger.
        weight: Share of the calls among its equals.
        prices: As the registry states them; they come before any other.
        prices_if_unlisted: As the settings state them, for models that are not on litellm's map.
        free: Whether calls cost nothing.
    """

    provider: str
    model: str
    destination: str
    api_key: SecretStr | None = field(default=None, repr=False)
    api_base: str | None = None
    weight: float = 1.0
    max_in_flight: int = 64
    requests_per_minute: float | None = None
    prices: Prices | None = None
    prices_if_unlisted: Prices | None = None
    free: bool = False

    @property
    def name(self) -> str:
        """Names the queue: limits hold per provider and model."""
        return f"{self.provider}:{self.model}"


def routes_of(specification: str, settings: Settings, registry: Registry) -> list[Route]:
    """Return the routes of a model specification, each with its weight.

    Raises:
        UncaseError: ``unknown-provider``, ``missing-key``, ``missing-api-base``, ``bad-model``.
    """
    routes = []
    for part in filter(None, (part.strip() for part in specification.split(","))):
        name, star, weight = part.rpartition("*")
        routes.append(
            _route(name if star else part, _weight(weight, part) if star else None, settings, registry)
        )
    if not routes:
        raise UncaseError(
            "bad-model", "No model is named.", "Set UNCASE_MODEL, for instance to offline/simulator."
        )
    return routes


def preference(routes: list[Route], key: str) -> list[Route]:
    """Order routes for one request: a weighted draw without replacement, decided by the request's key.

    A resumed run asks the same provider again, and no random state is kept.
    """

    def rank(route: Route) -> float:
        digest = hashlib.sha256(f"{key}\0{route.name}".encode()).digest()
        uniform = (int.from_bytes(digest[:8], "big") + 1) / (2**64 + 1)
        return float(-(uniform ** (1 / route.weight)))  # Efraimidis and Spirakis 2006, algorithm A

    return sorted(routes, key=rank)


def _route(name: str, weight: float | None, settings: Settings, registry: Registry) -> Route:
    provider, slash, model = name.partition("/")
    if not slash or not model:
        raise UncaseError(
            "bad-model",
            f"{name!r} does not say which provider to ask.",
            "Write it as provider/model, for instance anthropic/claude-sonnet-4-5 or offline/simulator.",
        )
    registered = registry.find(provider)
    kind = KINDS.get(registered.kind if registered else provider)
    base = (registered and registered.api_base) or _base(kind, settings)
    prefix = _prefix(provider, kind, base)
    return Route(
        provider=provider,
        model=f"{prefix}/{model}",
        destination=_destination(provider, kind, base),
        api_key=registry.key_of(registered)
        if registered and registered.token
        else _key(provider, kind, base, settings),
        api_base=base,
        weight=weight or (registered.weight if registered else 1.0),
        max_in_flight=(registered and registered.max_in_flight) or settings.max_in_flight,
        requests_per_minute=(registered and registered.requests_per_minute) or settings.requests_per_minute,
        prices=_prices(registered.price_in_per_million, registered.price_out_per_million)
        if registered
        else None,
        prices_if_unlisted=_prices(settings.price_in_per_million, settings.price_out_per_million),
        free=kind is not None and kind.free and not (registered and registered.price_in_per_million),
    )


def _prefix(provider: str, kind: Kind | None, base: str | None) -> str:
    if kind is None:
        return provider
    return kind.prefix_at_base if base and kind.prefix_at_base else kind.prefix


def _weight(text: str, part: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight < float("inf"):
        raise UncaseError("bad-model", f"The weight in {part!r} is not a positive number.", "Write model*3.")
    return weight


def _base(kind: Kind | None, settings: Settings) -> str | None:
    if kind is not None and kind.prefix == "offline":
        return None
    if settings.api_base is not None:
        return settings.api_base
    return kind.default_base if kind else None


def _destination(provider: str, kind: Kind | None, base: str | None) -> str:
    if kind is not None and kind.prefix == "offline":
        return IN_PROCESS
    if base:
        return urlsplit(base).netloc.rpartition("@")[2] or base
    if kind is None:
        return provider
    if kind.host is None:
        raise UncaseError(
            "missing-api-base",
            f"The provider {provider} has no base URL.",
            "Set UNCASE_API_BASE, or register it with `uncase provider add`.",
        )
    return kind.host


def _key(provider: str, kind: Kind | None, base: str | None, settings: Settings) -> SecretStr | None:
    """The provider's own variable, else ``LITELLM_API_KEY``."""
    if kind is not None and kind.free and base is None:
        return None
    named = settings.anthropic_api_key if provider == "anthropic" else None
    for variable in kind.key_variables if kind else ():
        if os.environ.get(variable):
            named = SecretStr(os.environ[variable])
            break
    key = named or settings.litellm_api_key
    if key is None and kind is not None and kind.needs_key and not base:
        raise UncaseError(
            "missing-key",
            f"There is no key for {provider}.",
            f"Set LITELLM_API_KEY or {kind.key_variables[0]}, or run `uncase provider add`.",
        )
    return key or (SecretStr("none") if base else None)


def _prices(prompt: float | None, completion: float | None) -> Prices | None:
    return None if prompt is None or completion is None else Prices(prompt, completion)


KINDS: dict[str, Kind] = {
    "anthropic": Kind("anthropic", ("ANTHROPIC_API_KEY",), "api.anthropic.com"),
    "openai": Kind("openai", ("OPENAI_API_KEY",), "api.openai.com"),
    "gemini": Kind("gemini", ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "generativelanguage.googleapis.com"),
    "groq": Kind(
        "groq",
        ("GROQ_API_KEY",),
        "api.groq.com",
        prefix_at_base="openai",  # litellm's reader for groq fails where a proxy leaves out `service_tier`
    ),
    "ollama": Kind("ollama_chat", default_base="http://127.0.0.1:11434", needs_key=False, free=True),
    "vllm": Kind("hosted_vllm", ("HOSTED_VLLM_API_KEY",), needs_key=False, free=True),
    "hosted_vllm": Kind("hosted_vllm", ("HOSTED_VLLM_API_KEY",), needs_key=False, free=True),
    "openai-compatible": Kind("openai", needs_key=False),
    "offline": Kind("offline", host=IN_PROCESS, needs_key=False, free=True),
}
"""A provider that is not here but that litellm knows (``mistral/…``) is passed on as it is."""
