"""When a certificate was issued. Knows the lake and the clock, not what is certified.

The moment is no part of what is reproduced: where the version in force states the same of the same, its moment
stays, so that equal inputs give equal bytes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.seal.lock import require_valid
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake

ISSUED_AT = "issued_at"


def with_moment(stated: Mapping[str, Any], before: Mapping[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Return a predicate with the moment of its issue, in UTC.

    Args:
        stated: What is stated.
        before: What the version in force states, None where there is none.
        now: The clock.
    """
    if before and {**before, ISSUED_AT: None} == {**stated, ISSUED_AT: None}:
        return {**stated, ISSUED_AT: before.get(ISSUED_AT)}
    return {**stated, ISSUED_AT: now.astimezone(UTC).isoformat(timespec="seconds")}


def in_force(lake: Lake, asset: str, domain: str, settings: Settings) -> Mapping[str, Any] | None:
    """Return what the version in force states, None where there is none that holds."""
    version = lake.current(asset, domain)
    if version is None:
        return None
    try:
        return require_valid(version, settings).predicate
    except UncaseError:
        return None
