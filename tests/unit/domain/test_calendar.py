"""The calendar: cycles, days and quarter hours in every time zone."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import (
    DAY_QUARTERS,
    EARLIEST,
    LATEST,
    QUARTER_SECONDS,
    Cycle,
    day_number,
    local_date,
    local_day,
    midnight,
    offset_periods,
    quarter_of,
)

ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "posixrules", "Factory"})
MOMENTS = st.datetimes(datetime(2012, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants them so
COMMON = {
    *("UTC", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "Europe/Berlin", "Europe/London"),
    *("Africa/Cairo", "Africa/Monrovia", "Antarctica/Troll", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tehran"),
    *("Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham"),
}
"""The zones of the default run: whole, half and quarter hours, half-hour clock changes, and a skipped day."""

zone = st.sampled_from(ZONES)


@given(MOMENTS, zone)
def test_a_time_and_its_quarter_hour_are_on_the_same_local_day(moment: datetime, zone: str) -> None:
    assert local_day(zone, quarter_of(moment)) == day_number(local_date(moment, zone))


@pytest.mark.parametrize(
    "zone", [zone if zone in COMMON else pytest.param(zone, marks=pytest.mark.long) for zone in ZONES]
)
def test_no_local_day_begins_inside_a_quarter_hour(zone: str) -> None:
    """Where a zone's clocks change, every second of the quarter hour falls on the day that it is counted on."""
    place = zoneinfo.ZoneInfo(zone)
    for stretch in offset_periods(zone, quarter_of(EARLIEST), quarter_of(datetime(2040, 1, 1, tzinfo=UTC))):
        for quarter in (stretch.first, stretch.end - 1, stretch.end):
            began = quarter * QUARTER_SECONDS
            days = {datetime.fromtimestamp(began + n, place).date() for n in range(0, QUARTER_SECONDS, 20)}
            assert {day_number(day) for day in days} == {local_day(zone, quarter)}, (zone, quarter)
        assert (stretch.first + stretch.offset) // DAY_QUARTERS == local_day(zone, stretch.first)


@given(st.integers(quarter_of(EARLIEST), quarter_of(LATEST) - 1), st.integers(0, 100_000), zone)
def test_offset_ranges_cover_every_quarter_hour_once(first: int, length: int, zone: str) -> None:
    last = first + length
    found = list(offset_periods(zone, first, last))
    assert (found[0].first, found[-1].end) == (first, last + 1)
    assert all(one.end == other.first for one, other in pairwise(found))
    for stretch in found:
        for quarter in (stretch.first, (stretch.first + stretch.end) // 2, stretch.end - 1):
            assert (quarter + stretch.offset) // DAY_QUARTERS == local_day(zone, quarter)


@pytest.mark.parametrize(
    ("zone", "month", "start", "end"),
    [
        ("UTC", (2026, 11), "2026-11-01T00:00:00", "2026-12-01T00:00:00"),
        ("America/New_York", (2026, 11), "2026-11-01T04:00:00", "2026-12-01T05:00:00"),
        ("Pacific/Kiritimati", (2026, 12), "2026-11-30T10:00:00", "2026-12-31T10:00:00"),
        ("Asia/Kolkata", (2028, 2), "2028-01-31T18:30:00", "2028-02-29T18:30:00"),
        # Clocks went from midnight to one: the day began at one.
        ("America/Sao_Paulo", (2018, 11), "2018-11-01T03:00:00", "2018-12-01T02:00:00"),
        ("America/Asuncion", (2017, 10), "2017-10-01T04:00:00", "2017-11-01T03:00:00"),
        # Clocks went back from one to midnight: the day began the first time.
        ("America/Havana", (2026, 11), "2026-11-01T04:00:00", "2026-12-01T05:00:00"),
    ],
)
def test_a_cycle_is_a_month_in_its_time_zone(zone: str, month: tuple[int, int], start: str, end: str) -> None:
    cycle = Cycle(*month)
    assert cycle.start(zone) == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert cycle.end(zone) == datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert Cycle.at(cycle.start(zone), zone) == cycle == Cycle.at(cycle.end(zone) - timedelta(seconds=1), zone)
    assert Cycle.at(cycle.end(zone), zone) == cycle.following


@given(MOMENTS, zone)
def test_a_day_begins_at_its_first_existing_instant(moment: datetime, zone: str) -> None:
    day = local_date(moment, zone)
    began = midnight(day, zone)
    assert local_date(began, zone) >= day
    assert local_date(began - timedelta(seconds=1), zone) < day


def test_a_cycle_has_its_days_and_its_neighbours() -> None:
    february = Cycle(2028, 2)
    assert (february.days[0], february.days[-1], len(february.days)) == (date(2028, 2, 1), date(2028, 2, 29), 29)
    assert (Cycle(2026, 1).previous, Cycle(2026, 12).following) == (Cycle(2025, 12), Cycle(2027, 1))
    assert [day_number(date(1970, 1, 1)), day_number(date(2026, 11, 21))] == [0, 20_778]


@pytest.mark.parametrize("number", [0, 202600, 202613, 201112, 210001, 99999999, 2**62])
def test_a_month_outside_the_supported_range_is_no_cycle(number: int) -> None:
    assert Cycle.numbered(number) is None


def test_a_cycle_round_trips_through_its_number() -> None:
    assert Cycle.numbered(Cycle(2026, 11).number) == Cycle(2026, 11)
