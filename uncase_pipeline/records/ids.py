"""Ids made from content, and canonical JSON to make them from. Knows no record."""

import hashlib
import hmac
from typing import Any

import orjson


def canonical_json(value: Any) -> bytes:
    """Serialize with sorted keys and no spaces, so that equal values give equal bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def content_id(prefix: str, *parts: Any) -> str:
    """Return ``prefix_`` and 24 hex digits of the SHA-256 of the canonical JSON of the parts."""
    return f"{prefix}_{hashlib.sha256(canonical_json(parts)).hexdigest()[:24]}"


def keyed_id(prefix: str, key: bytes, *parts: Any) -> str:
    """Return a pseudonymous id: HMAC-SHA-256 under ``key``, so that it can't be recomputed without it."""
    return f"{prefix}_{hmac.new(key, canonical_json(parts), hashlib.sha256).hexdigest()[:24]}"
