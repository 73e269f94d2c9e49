"""RFC 3339 times and dates."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.moments import parse_date, parse_moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2017-01-01T00:59:60+01:00", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("1998-12-31T15:59:60.123-08:00", datetime(1998, 12, 31, 23, 59, 59, 123000, tzinfo=UTC)),
        ("2026-11-01t10:00:00z", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T10:00:00-00:00", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T10:00:00+23:59", datetime(2026, 10, 31, 10, 1, tzinfo=UTC)),
        ("2026-11-01T10:00:00.5Z", datetime(2026, 11, 1, 10, 0, 0, 500000, tzinfo=UTC)),
        ("2026-11-01T10:00:00.123456999999999999Z", datetime(2026, 11, 1, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:60Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_rfc_3339_defines_it(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment
    assert parse_moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-01T10:00:00",
        "2026-11-01 10:00:00Z",
        "2026-11-01T10:00:00,5Z",
        "2026-11-01T10:00:00.Z",
        "20261101T100000Z",
        "2026-W44-7T10:00:00Z",
        "2026-305T10:00:00Z",
        "2026-11-01T10:00Z",
        "2026-11-01T10Z",
        "2026-11-01",
        "2026-11-01T10:00:00+01",
        "2026-11-01T10:00:00+0100",
        "2026-11-01T10:00:00+24:00",
        "2026-11-01T10:00:00+01:60",
        "2026-11-01T10:00:00 +01:00",
        "2026-11-01T10:00:00\u221201:00",
        "2026-11-01T24:00:00Z",
        "2026-11-01T10:60:00Z",
        "2026-11-30T23:59:61Z",
        "2026-11-30T23:58:60Z",
        "2026-11-29T23:59:60Z",
        "2026-12-31T23:59:60+01:00",
        "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "+02026-11-01T10:00:00Z",
        " 2026-11-01T10:00:00Z",
        "2026-11-01T10:00:00Z\n",
        "\u0662026-11-01T10:00:00Z",
        "1793527200",
        "now",
        "",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)


@given(st.datetimes(timezones=st.timezones()), st.integers(0, 9))
def test_a_time_that_python_writes_is_read_again(moment: datetime, zeros: int) -> None:
    try:
        instant = moment.astimezone(UTC)
    except OverflowError:
        return
    written = instant.isoformat(timespec="microseconds").replace("+00:00", "0" * zeros + "Z")
    assert parse_moment(written) == instant == parse_moment(written.lower())


@pytest.mark.parametrize(
    "text",
    ["20261109", "2026-W46-1", "2026-1-9", "2026-11-09T00:00:00Z", "26-11-09", "2026-02-30", "\u0662026-11-09", ""],
)
def test_a_date_has_one_form(text: str) -> None:
    assert parse_date("2026-11-09") == date(2026, 11, 9)
    with pytest.raises(ValueError, match=r"."):
        parse_date(text)
