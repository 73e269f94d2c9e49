"""Utilization arithmetic, and thresholds compared in integers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.utilization import Counts, check_threshold, percent, shortfall, slices, threshold_reached

COUNTS = st.builds(Counts, *[st.integers(0, 10**7)] * 5)


@given(COUNTS)
def test_the_total_is_available_plus_in_use(counts: Counts) -> None:
    assert counts.total == counts.available + counts.in_use
    assert counts.in_use == counts.reserved + counts.assigned + counts.registered + counts.allocated


@given(COUNTS, st.integers(1, 100))
def test_a_threshold_is_reached_at_exactly_its_percentage(counts: Counts, threshold: int) -> None:
    exact = counts.total > 0 and Fraction(100 * counts.in_use, counts.total) >= threshold
    assert threshold_reached(counts, threshold) is exact


@pytest.mark.parametrize(
    ("available", "registered", "threshold", "reached"),
    [
        (20, 80, 80, True),
        (21, 79, 80, False),
        (0, 0, 1, False),
        (0, 1, 100, True),
        (1, 10**9, 100, False),
        # 29 of 100 is 28.999999999999996 in floating point when it is computed as 0.29 · 100.
        (71, 29, 29, True),
        (10**16, 10**16 - 1, 50, False),
    ],
)
def test_a_threshold_is_compared_in_integers(available: int, registered: int, threshold: int, *, reached: bool) -> None:
    assert threshold_reached(Counts(available, 0, 0, registered, 0), threshold) is reached


@given(COUNTS)
def test_the_five_slices_add_up_to_the_total(counts: Counts) -> None:
    found = slices(counts)
    assert [one.category.value for one in found] == [
        "AVAILABLE",
        "RESERVED",
        "ASSIGNED",
        "REGISTERED",
        "ALLOCATED_TO_SUB_ORGANIZATIONS",
    ]
    assert sum(one.count for one in found) == counts.total
    assert all(one.percent == percent(one.count, counts.total) for one in found)


def test_a_percentage_is_exact_and_zero_without_numbers() -> None:
    assert percent(1, 3) == 100 / 3
    assert percent(0, 0) == 0.0
    assert Counts(0, 0, 0, 0, 0).percent == 0.0


@pytest.mark.parametrize(("waiting", "available", "missing"), [(5, 3, 2), (3, 5, 0), (0, 0, 0)])
def test_the_shortfall_is_never_negative(waiting: int, available: int, missing: int) -> None:
    assert shortfall(waiting, available) == missing


@pytest.mark.parametrize("value", [0, -1, 101])
def test_a_threshold_outside_1_to_100_is_refused(value: int) -> None:
    assert [check_threshold(fine, path=()) for fine in (1, 80, 100)] == [1, 80, 100]
    with pytest.raises(InvalidInput):
        check_threshold(value, path=("input", "percent"))


def test_growth_is_added_to_each_count_and_taken_back() -> None:
    before, growth = Counts(1, 2, 3, 4, 5), Counts(10, 20, 30, 40, -5)
    after = Counts(11, 22, 33, 44, 0)
    assert before.plus(growth) == after
    assert after.minus(growth) == before
