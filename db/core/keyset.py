"""Keyset pagination: a cursor encodes the sort key of a row, so every page costs as much as the first one.

A page starts after a sort key, whether or not that row still exists, so other rows are neither skipped nor repeated
while rows are added and removed.
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
class SortKey:
    """The position of a row in an order: the value of the sorted column (None sorts last) and a tie breaker."""

    value: Any
    tie_breaker: Any


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Up to `size` rows between two sort keys: the first ones, or the last ones if `backward`."""

    size: int = DEFAULT_PAGE
    after: SortKey | None = None
    before: SortKey | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionPage(Generic[T]):
    """The rows of a page in the order of the list, and whether more rows precede or follow it."""

    rows: list[T]
    has_next: bool
    has_previous: bool


def encode(order: str, key: SortKey) -> str:
    """Return the cursor of a row. `order` names the order of the list, so that cursors of other orders are refused."""
    value = {"at": key.value.isoformat()} if isinstance(key.value, datetime) else key.value
    return base64.urlsafe_b64encode(orjson.dumps([order, value, key.tie_breaker])).decode().rstrip("=")


def decode(order: str, cursor: str, *, name: str, types: tuple[tuple[type, ...], type]) -> SortKey:
    """Return the sort key in a cursor; `types` are the possible types of its value, and the type of its tie breaker.

    Raises InvalidInput at the argument `name`.
    """
    try:
        decoded = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        encoded_order, value, tie_breaker = decoded
        if isinstance(value, dict):
            value = datetime.fromisoformat(value["at"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError, OverflowError, binascii.Error) as error:
        raise InvalidInput(f"`{name}` is not a cursor of this list.", path=(name,)) from error
    if encoded_order != order:
        raise InvalidInput(f"`{name}` is a cursor of a list with another order.", path=(name,))
    fits = type(value) in types[0] and type(tie_breaker) is types[1]
    if not fits or not _storable(value, 31) or not _storable(tie_breaker, 63):
        raise InvalidInput(f"`{name}` is not a cursor of this list.", path=(name,))
    return SortKey(value, tie_breaker)


def _storable(value: Any, bits: int) -> bool:
    """Whether a database can compare the value: an integer of at most `bits` bits, or a text without U+0000."""
    return abs(value) < 2**bits if isinstance(value, int) else not isinstance(value, str) or "\0" not in value


def check_size(size: int, *, name: str) -> int:
    """Return the page size. Raises InvalidInput at the argument `name` unless it is between 0 and 500."""
    if not 0 <= size <= LARGEST_PAGE:
        raise InvalidInput(f"`{name}` must be a whole number from 0 to {LARGEST_PAGE}, not {size}.", path=(name,))
    return size


def to_page(rows: list[T], request: PageRequest) -> ConnectionPage[T]:
    """Make a page from up to `size` + 1 rows, given in the direction of the paging."""
    has_more = len(rows) > request.size
    rows = rows[: request.size]
    if request.backward:
        return ConnectionPage(rows[::-1], has_next=request.before is not None, has_previous=has_more)
    return ConnectionPage(rows, has_next=has_more, has_previous=request.after is not None)
