"""How often Python looks for objects that only point to each other. Knows no layer.

Working through many conversations leaves next to none of them, and each look walks every list and dictionary that
is held: names, models, fingerprints. Left as it is, that takes up to a tenth of the time, and more than half of what
sending conversations to other processes and back takes.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS = 50_000
_WITHIN: list[tuple[int, int, int]] = []
"""The thresholds that were in force when each of those who asked for it and have not ended began."""


def collect_seldom() -> None:
    """Look seldom from now on, and never at what is loaded already."""
    gc.freeze()
    gc.set_threshold(_OBJECTS, 20, 100)


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Look seldom for a while; of several whiles that overlap, until the last one ends."""
    _WITHIN.append(_WITHIN[0] if _WITHIN else gc.get_threshold())
    collect_seldom()
    try:
        yield
    finally:
        before = _WITHIN.pop()
        if not _WITHIN:
            gc.unfreeze()
            gc.set_threshold(*before)
