"""From a model specification to lanes, each with its own limit and breaker. Calls nobody."""

from typing import Any

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.backend import load_litellm
from uncase_pipeline.gateway.failures import Failure
from uncase_pipeline.gateway.flow import Breaker, Limit
from uncase_pipeline.gateway.lane import Clocks, Lane
from uncase_pipeline.gateway.ledger import IN_PROCESS
from uncase_pipeline.gateway.progress import Progress
from uncase_pipeline.gateway.providers import Route, preference, routes_of
from uncase_pipeline.gateway.registry import Registry
from uncase_pipeline.gateway.wire import open_wire
from uncase_pipeline.settings import Settings


class Lanes:
    """The lanes of one run. A provider and model has one, however many specifications name it."""

    def __init__(self, settings: Settings, clocks: Clocks, progress: Progress) -> None:
        self._settings = settings
        self._registry = Registry.open(settings)
        self._clocks = clocks
        self._progress = progress
        self._lanes: dict[str, Lane] = {}
        self._routes: dict[str, list[Route]] = {}
        self._wire: Any = None

    async def close(self) -> None:
        """Close the connections."""
        if self._wire is not None:
            await self._wire.close()

    def all(self) -> list[Lane]:
        """Return every lane that was used."""
        return list(self._lanes.values())

    def first(self, specification: str) -> Lane:
        """Return the lane that a specification names first."""
        return self._lane(self._routes_of(specification)[0])

    def ordered(self, specification: str, key: str) -> list[Lane]:
        """Return the lanes to try for one request: by weight, then the fallbacks in their order.

        The embedded provider has no fallback: a run meant to stay on the machine stays there.
        """
        routes = preference(self._routes_of(specification), key)
        if all(route.destination != IN_PROCESS for route in routes):
            for fallback in self._settings.fallback_models:
                routes += self._routes_of(fallback)
        return [self._lane(route) for route in routes]

    def _routes_of(self, specification: str) -> list[Route]:
        if specification not in self._routes:
            self._routes[specification] = routes_of(specification, self._settings, self._registry)
        return self._routes[specification]

    def _lane(self, route: Route) -> Lane:
        if route.name not in self._lanes:
            load_litellm()  # seconds on a busy machine, which no call's timeout should pay for
            self._wire = self._wire or open_wire()
            settings = self._settings
            ticking = self._clocks.monotonic
            self._lanes[route.name] = Lane(
                route,
                Limit(route.max_in_flight, route.requests_per_minute, ticking),
                Breaker(
                    settings.breaker_failures,
                    settings.breaker_seconds,
                    ticking,
                    outage=settings.breaker_outage_seconds,
                ),
                clocks=self._clocks,
                progress=self._progress,
                attempts=settings.max_attempts,
                client=self._wire,
            )
        return self._lanes[route.name]


def hopeless(lanes: list[Lane]) -> UncaseError | None:
    """Return the error that ends the run if every lane is down: that of the lane that was asked for first."""
    if any(lane.breaker.opened_at is None for lane in lanes):
        return None
    return lanes[0].breaker.error(lanes[0].route.provider, lanes[0].route.model)


def explained(lane: Lane, failure: Failure) -> str:
    """Say what a lane's failure was."""
    return failure.sentence(lane.route.provider, lane.route.model)
