"""Keyset paging: a cursor is the sort key of a row, so that any page costs what the first one does.

The key is (value of the sorted column, tie breaker). Nothing is ever skipped by counting: a page starts after a key,
whether or not that row is still there, so rows that stay are neither lost nor repeated while others come and go.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import orjson

from domain.errors import InvalidInput

T = TypeVar("T")

DEFAULT_PAGE = 50
LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Key:
    """Where a row stands in an order: the sorted column's value (None sorts last) and what breaks a tie."""

    value: Any
    tie: Any


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows are wanted: at most `size`, after one key and before another, counted from the end if `backward`."""

    size: int = DEFAULT_PAGE
    after: Key | None = None
    before: Key | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionPage(Generic[T]):
    """The rows of a page in the order of the list, and whether there are more on either side."""

    rows: list[T]
    has_next: bool
    has_previous: bool
    total: int | None = None
    """How many rows the whole list has, where they were counted on the way."""


def encode(order: str, key: Key) -> str:
    """An opaque cursor. `order` names the order of the list, so that a cursor of another list is refused."""
    value = {"at": key.value.isoformat()} if isinstance(key.value, datetime) else key.value
    return base64.urlsafe_b64encode(orjson.dumps([order, value, key.tie])).decode().rstrip("=")


def decode(order: str, cursor: str, *, name: str, types: tuple[tuple[type, ...], type]) -> Key:
    """The key in a cursor; `types` are those that its value can have, and that of its tie.

    Raises InvalidInput naming the argument.
    """
    try:
        decoded = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        encoded_order, value, tie = decoded
        if isinstance(value, dict):
            value = datetime.fromisoformat(value["at"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError, OverflowError, binascii.Error) as error:
        message = f"`{name}` is not a cursor of this list."
        raise InvalidInput(message, path=(name,)) from error
    if encoded_order != order:
        message = f"`{name}` is a cursor of a list with another order."
        raise InvalidInput(message, path=(name,))
    if type(value) not in types[0] or type(tie) is not types[1] or not (_storable(value, 31) and _storable(tie, 63)):
        message = f"`{name}` is not a cursor of this list."
        raise InvalidInput(message, path=(name,))
    return Key(value, tie)


def _storable(value: Any, bits: int) -> bool:
    """Whether a database can compare it: a number of so many bits, a text without U+0000."""
    return abs(value) < 2**bits if isinstance(value, int) else not isinstance(value, str) or "\0" not in value


def check_size(size: int, *, name: str) -> int:
    """A page size. Raises InvalidInput unless it is between 0 and 500."""
    if not 0 <= size <= LARGEST_PAGE:
        message = f"`{name}` is a whole number from 0 to {LARGEST_PAGE}, not {size}."
        raise InvalidInput(message, path=(name,))
    return size


def cut(rows: list[T], page: Page) -> ConnectionPage[T]:
    """The slice out of up to `size` + 1 rows that came in the direction of the paging."""
    more = len(rows) > page.size
    rows = rows[: page.size]
    if page.backward:
        return ConnectionPage(rows[::-1], has_next=page.before is not None, has_previous=more)
    return ConnectionPage(rows, has_next=more, has_previous=page.after is not None)
