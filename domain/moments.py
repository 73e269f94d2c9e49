"""Points in time and dates as RFC 3339 writes them, and nothing else that ISO 8601 allows."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_MOMENT = re.compile(
    rf"{_DATE.pattern}[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_LEAP_SECOND = 60
_HOURS, _MINUTES = 24, 60


def parse_moment(text: str) -> datetime:
    """The time in UTC, truncated to microseconds. Raises ValueError for anything but an RFC 3339 time.

    A leap second counts as the second before it. It can only be the last second of a month in UTC.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("not an RFC 3339 time with a UTC offset")
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    fraction, sign, *offset = found.groups()[6:]
    zone = _zone(sign, *map(int, offset)) if sign else UTC
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    leap = second == _LEAP_SECOND
    local = datetime(year, month, day, hour, minute, second - leap, microsecond, tzinfo=zone)
    try:
        moment = local.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the years 1 to 9999 in UTC") from None
    if leap and not _ends_month(moment):
        raise ValueError("a leap second is the last second of a month in UTC")
    return moment


def parse_date(text: str) -> date:
    """The date of a text such as 2026-11-09. Raises ValueError for anything else."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("not a date such as 2026-11-09")
    year, month, day = map(int, found.groups())
    return date(year, month, day)


def _zone(sign: str, hours: int, minutes: int) -> timezone:
    if hours >= _HOURS or minutes >= _MINUTES:
        raise ValueError("a UTC offset has hours from 00 to 23 and minutes from 00 to 59")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if sign == "-" else offset)


def _ends_month(moment: datetime) -> bool:
    is_last_second = (moment.hour, moment.minute, moment.second) == (23, 59, 59)
    # The day after 9999-12-31 can't be written.
    return is_last_second and (moment.month == 12 or (moment + timedelta(days=1)).day == 1)  # noqa: PLR2004 - December
