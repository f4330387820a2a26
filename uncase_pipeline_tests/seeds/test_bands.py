"""The grid of ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uncase_pipeline.seeds.bands import LEVELS, band, joined

UNITS = st.sampled_from([None, "%", "month", "year_old", "year", "calendar", "MXN", "km"])


@given(st.floats(-1e9, 1e9, allow_nan=False), UNITS, st.integers(0, LEVELS - 1))
def test_a_value_lies_in_its_range(value: float, unit: str | None, level: int) -> None:
    low, high = band(value, unit, level)
    assert low < high
    assert low <= value + abs(value) * 1e-9 + 1e-9
    assert value <= high + abs(high) * 1e-9


@given(st.floats(0, 1e9, allow_nan=False), st.sampled_from([None, "month", "year_old"]))
def test_the_coarse_range_is_no_narrower_than_the_fine_one(value: float, unit: str | None) -> None:
    fine, coarse = band(value, unit, 0), band(value, unit, 1)
    assert coarse[1] - coarse[0] >= fine[1] - fine[0]


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (320_000, "MXN", (300_000, 400_000)),
        (48, "month", (36, 48)),
        (43, "year_old", (39, 49)),
        (12.5, "%", (10, 15)),
        (2022, "calendar", (2019, 2024)),
        (0.4, "mg", (0, 1)),
        (-5, None, (-5, -4)),
    ],
)
def test_ranges_are_those_of_the_grid(value: float, unit: str | None, expected: tuple[float, float]) -> None:
    assert band(value, unit, 0) == expected


def test_ranges_that_touch_are_joined() -> None:
    assert joined([(4, 5), (1, 2), (2, 3), (4, 5)]) == [(1, 3), (4, 5)]
