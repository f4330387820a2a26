"""What a call costs, may cost at most, and what a run will cost. Knows prices, not budgets."""

from dataclasses import asdict, dataclass

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway import backend
from uncase_pipeline.gateway.providers import Prices, Route
from uncase_pipeline.gateway.request import Request, Usage
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.ids import canonical_json

_MILLION = 1_000_000
_BYTES_PER_TOKEN_AT_LEAST = 2
"""No tokenizer in use makes more than one token of two bytes of chat, on average; the bound may be high."""
_CHARACTERS_PER_TOKEN = 3.6


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run will cost, before it starts.

    Attributes:
        model: As routed, the first that would be asked.
        calls: Expected calls.
        usd: Expected dollars, None where no price is known.
        price_map: Version of the price map.
    """

    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    price_map: str

    def wire(self) -> Json:
        """Return it as plain JSON."""
        return asdict(self)


def prices_of(route: Route) -> Prices | None:
    """Return the price of a route: as registered, nothing, from litellm's map, or as the settings state it."""
    if route.prices is not None:
        return route.prices
    if route.free:
        return Prices(0.0, 0.0)
    listed = backend.listed_price(route.model)
    return Prices(listed[0] * _MILLION, listed[1] * _MILLION) if listed else route.prices_if_unlisted


def cost_of(route: Route, usage: Usage, reported: float | None) -> float | None:
    """Return what a call cost, None where nobody knows: no price, or a provider that counts no tokens.

    Args:
        route: Who was asked.
        usage: Tokens.
        reported: What litellm computed, which knows cached and tiered prices.
    """
    if usage.prompt_tokens == 0 and not route.free:
        return None
    if route.prices is None and not route.free and reported is not None:
        return reported
    prices = prices_of(route)
    return None if prices is None else _usd(prices, usage.prompt_tokens, usage.completion_tokens)


def most_it_can_cost(route: Route, request: Request) -> float:
    """Return an upper bound for one call, which a cap holds back while it is under way.

    Raises:
        UncaseError: ``unknown-price``: a cap can't be kept for a model without one.
    """
    prices = prices_of(route)
    if prices is None:
        raise UncaseError(
            "unknown-price",
            f"A spend cap is set, and nobody knows the price of {route.model}.",
            "Set UNCASE_PRICE_IN_PER_MILLION and UNCASE_PRICE_OUT_PER_MILLION, or take off the cap.",
        )
    prompt = len(canonical_json(request.payload)) // _BYTES_PER_TOKEN_AT_LEAST + 1
    return _usd(prices, prompt, int(request.parameters.get("max_tokens", 0)))


def tokens_in(text: str) -> int:
    """Estimate the tokens of a text, for a forecast."""
    return round(len(text) / _CHARACTERS_PER_TOKEN) + 1


def forecast(route: Route, calls: int, prompt_tokens: int, completion_tokens: int) -> Forecast:
    """Say what so many calls with so many tokens each will cost."""
    prices = prices_of(route)
    usd = _usd(prices, calls * prompt_tokens, calls * completion_tokens) if prices else None
    return Forecast(
        route.model,
        calls,
        calls * prompt_tokens,
        calls * completion_tokens,
        usd,
        backend.price_map_version(),
    )


def _usd(prices: Prices, prompt_tokens: int, completion_tokens: int) -> float:
    return (prompt_tokens * prices.prompt + completion_tokens * prices.completion) / _MILLION
