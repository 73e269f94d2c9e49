"""The custom scalars, and how they are parsed and serialized."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from domain.moments import parse_date, parse_moment
from domain.numbers import INPUT_LENGTH

E164 = NewType("E164", str)
Long = NewType("Long", int)

_LARGEST_LONG = 2**53 - 1
"""The largest integer that a JavaScript number represents exactly."""


def _write_instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_instant(value: Any) -> datetime:
    try:
        return parse_moment(value)
    except (TypeError, ValueError):
        raise GraphQLError(
            "A DateTime must be an RFC 3339 time with a UTC offset, such as 2026-11-09T12:31:54Z."
        ) from None


def _read_date(value: Any) -> date:
    try:
        return parse_date(value)
    except (TypeError, ValueError):
        raise GraphQLError("A Date must look like 2026-11-09.") from None


def _read_number(value: Any) -> str:
    if not isinstance(value, str) or len(value) > INPUT_LENGTH:
        raise GraphQLError(f"An E164 must be a string of at most {INPUT_LENGTH} characters, such as +14188984760.")
    return value


def _read_long(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_LONG:
        raise GraphQLError("A Long must be an integer between -(2^53 - 1) and 2^53 - 1.")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "A point in time. Outputs are in UTC, such as `2026-11-09T12:31:54Z`; inputs are RFC 3339 times with any "
            "offset, to the microsecond."
        ),
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=_write_instant,
        parse_value=_read_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar date, such as `2026-11-09`.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
        serialize=date.isoformat,
        parse_value=_read_date,
    ),
    E164: strawberry.scalar(
        name="E164",
        description=(
            "A telephone number in E.164 form, such as `+14188984760`. Inputs may have any notation of one number; "
            "national numbers are read in the region of the organization that you act from. In mutations, a text that "
            "is not a number is reported as a user error, not as a request error."
        ),
        serialize=str,
        parse_value=_read_number,
    ),
    Long: strawberry.scalar(
        name="Long",
        description="An integer up to 2^53 - 1, which a JavaScript number represents exactly.",
        serialize=int,
        parse_value=_read_long,
    ),
}
