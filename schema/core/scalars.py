"""Scalars of our own, and how they are read and written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from domain.numbers import INPUT_LENGTH

E164 = NewType("E164", str)
Long = NewType("Long", int)

_LARGEST_LONG = 2**53 - 1
"""What a JavaScript number holds exactly."""


def _write_instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_instant(value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
        if instant is not None and instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    message = "A DateTime is written like 2026-11-09T12:31:54Z, with its offset from UTC."
    raise GraphQLError(message)


def _read_date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        message = "A Date is written like 2026-11-09."
        raise GraphQLError(message) from None


def _read_number(value: Any) -> str:
    if not isinstance(value, str) or len(value) > INPUT_LENGTH:
        message = f"An E164 is a string of at most {INPUT_LENGTH} characters, such as +14188984760."
        raise GraphQLError(message)
    return value


def _read_long(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_LONG:
        message = "A Long is a whole number between -(2^53 - 1) and 2^53 - 1."
        raise GraphQLError(message)
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment, in UTC when it is written: `2026-11-09T12:31:54Z`. Read with any offset.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=_write_instant,
        parse_value=_read_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day of the calendar: `2026-11-09`.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
        serialize=date.isoformat,
        parse_value=_read_date,
    ),
    E164: strawberry.scalar(
        name="E164",
        description=(
            "A telephone number in E.164 form: `+14188984760`. As an input, spaces and punctuation are understood, "
            "and a text that is no number is answered by a userError, not by a request error."
        ),
        serialize=str,
        parse_value=_read_number,
    ),
    Long: strawberry.scalar(
        name="Long",
        description="A whole number up to 2^53 - 1, which a JavaScript number holds exactly.",
        serialize=int,
        parse_value=_read_long,
    ),
}
