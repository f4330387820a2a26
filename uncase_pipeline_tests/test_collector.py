"""How often Python looks for garbage is as before once the last of those who asked for less has ended."""

import gc
from collections.abc import Iterator

from uncase_pipeline.collector import collecting_seldom


def work() -> Iterator[int]:
    with collecting_seldom():
        yield from range(2)


def test_the_thresholds_are_as_before_when_works_overlap_and_one_is_given_up() -> None:
    before = gc.get_threshold()
    first, second = work(), work()
    next(first)
    seldom = gc.get_threshold()
    next(second)
    assert seldom != before
    assert list(first) == [1]
    assert gc.get_threshold() == seldom
    second.close()
    assert gc.get_threshold() == before
