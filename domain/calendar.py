"""The calendar of an organization: cycles (calendar months), local days, and the UTC quarter hours under them.

Every zone's offset from UTC is a multiple of a quarter hour, and no local day begins inside one, since `EARLIEST`;
so what is counted by UTC quarter hours can be told by the days of any zone. Quarter hours and days are numbered
from 1970-01-01.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

EARLIEST = datetime(2012, 1, 1, tzinfo=UTC)
"""Until 2011 Newfoundland changed its clocks at one minute past midnight, in the middle of a quarter hour."""

LATEST = datetime(2100, 1, 1, tzinfo=UTC)

QUARTER_SECONDS = 900
DAY_QUARTERS = 96
_DAY_ZERO = date(1970, 1, 1)
_DAY = timedelta(days=1)


def quarter_of(moment: datetime) -> int:
    """The UTC quarter hour that a moment lies in."""
    return int(moment.timestamp()) // QUARTER_SECONDS


def day_number(day: date) -> int:
    """The number of a day."""
    return (day - _DAY_ZERO).days


def midnight(day: date, zone: str) -> datetime:
    """The first moment of a local day, in UTC; where clocks skip midnight, the moment after the gap."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local_date(moment: datetime, zone: str) -> date:
    """The day that a moment falls on in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True)
class OffsetPeriod:
    """Quarter hours from `first` to before `end` in which a zone keeps one offset from UTC, in quarter hours."""

    first: int
    end: int
    offset: int


def offset_periods(zone: str, first: int, last: int) -> Iterator[OffsetPeriod]:
    """The stretches of a zone from one quarter hour to another, both included.

    The local day of a quarter hour is `(quarter + offset) // DAY_QUARTERS`.
    """
    place = ZoneInfo(zone)
    begin, offset = first, _offset(place, first)
    at = first
    while at <= last:
        following = min(at + DAY_QUARTERS, last + 1)
        if _offset(place, following) != offset:
            low, high = at, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(place, middle) == offset else (low, middle)
            yield OffsetPeriod(begin, high, offset)
            begin, offset, following = high, _offset(place, high), high
        at = following
    if begin <= last:
        yield OffsetPeriod(begin, last + 1, offset)


def _offset(place: ZoneInfo, quarter: int) -> int:
    offset = datetime.fromtimestamp(quarter * QUARTER_SECONDS, place).utcoffset() or timedelta()
    return int(offset.total_seconds()) // QUARTER_SECONDS


def local_day(zone: str, quarter: int) -> int:
    """The number of the local day that a quarter hour belongs to."""
    return (quarter + _offset(ZoneInfo(zone), quarter)) // DAY_QUARTERS


@dataclass(frozen=True, slots=True, order=True)
class Cycle:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def at(cls, moment: datetime, zone: str) -> Self:
        """The cycle that a moment falls into in a zone."""
        day = local_date(moment, zone)
        return cls(day.year, day.month)

    @classmethod
    def numbered(cls, number: int) -> Self | None:
        """The cycle of a number such as 202611, or None for a number of none that usage is kept for."""
        year, month = divmod(number, 100)
        return cls(year, month) if EARLIEST.year <= year < LATEST.year and 1 <= month <= 12 else None  # noqa: PLR2004

    @property
    def number(self) -> int:
        """The cycle as a number, such as 202611."""
        return self.year * 100 + self.month

    @property
    def previous(self) -> Cycle:
        """The month before."""
        return Cycle(self.year - 1, 12) if self.month == 1 else Cycle(self.year, self.month - 1)

    @property
    def following(self) -> Cycle:
        """The month after."""
        return Cycle(self.year + 1, 1) if self.month == 12 else Cycle(self.year, self.month + 1)  # noqa: PLR2004

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def days(self) -> list[date]:
        """Its days."""
        count = (self.following.first_day - self.first_day).days
        return [self.first_day + n * _DAY for n in range(count)]

    def start(self, zone: str) -> datetime:
        """Its first moment in a zone, in UTC."""
        return midnight(self.first_day, zone)

    def end(self, zone: str) -> datetime:
        """The first moment after it in a zone, in UTC."""
        return self.following.start(zone)
