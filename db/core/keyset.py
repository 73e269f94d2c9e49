"""Keyset pagination: a cursor encodes the sort key of a row, so every page costs as much as the first one.

A page starts after a sort key, whether or not that row still exists, so other rows are neither skipped nor repeated
while rows are added and removed.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

import orjson
from sqlalchemy import BigInteger, Select, bindparam, tuple_

from db.core.types import Identifier, Ordered
from domain.errors import InvalidInput

T = TypeVar("T")

DEFAULT_PAGE = 50
LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class SortKey:
    """The position of a row in an order: the value of the sorted column (None sorts last) and a tie breaker."""

    value: Any
    tie_breaker: Any


class PageShape(NamedTuple):
    """The parts that a page request has; one statement is built and cached per shape."""

    after: bool
    before: bool
    backward: bool


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Up to `size` rows between two sort keys: the first ones, or the last ones if `backward`."""

    size: int = DEFAULT_PAGE
    after: SortKey | None = None
    before: SortKey | None = None
    backward: bool = False

    @property
    def shape(self) -> PageShape:
        """Return the shape of the statement that reads the page."""
        return PageShape(self.after is not None, self.before is not None, self.backward)

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the conditions and the limit that `Keyset.page` adds to a statement."""
        values: dict[str, Any] = {"size": self.size + 1}
        for name, key in (("after", self.after), ("before", self.before)):
            if key is not None:
                values |= {f"{name}_value": key.value, f"{name}_tie_breaker": key.tie_breaker}
        return values

    def part(self, *, found: int, nulls: bool) -> PageRequest | None:
        """Return the rest of the page to read from the rows with or without a value, or None.

        Rows without a value come last in both orders, so a page of such a list is read in two parts.
        """
        after, before = self.after, self.before
        if (
            found > self.size
            or (after is not None and after.value is None and not nulls)
            or (before is not None and before.value is not None and nulls)
        ):
            return None
        return PageRequest(
            self.size - found,
            after if after and (after.value is None) is nulls else None,
            before if before and (before.value is None) is nulls else None,
            self.backward,
        )


class Keyset(NamedTuple):
    """The columns that a list is sorted by: a value, unless it is None, and a tie breaker."""

    tie_breaker: Any
    value: Any = None
    descending: bool = False
    value_type: Any = Ordered
    tie_breaker_type: Any = Identifier

    def page(self, query: Select[Any], shape: PageShape) -> Select[Any]:
        """Restrict a query to a page and one row more, in the direction of the paging."""
        key = self.tie_breaker if self.value is None else tuple_(self.value, self.tie_breaker)
        if shape.after:
            query = query.where(key < self._bound("after") if self.descending else key > self._bound("after"))
        if shape.before:
            query = query.where(key > self._bound("before") if self.descending else key < self._bound("before"))
        columns = [self.tie_breaker] if self.value is None else [self.value, self.tie_breaker]
        query = query.order_by(*directed(columns, descending=self.descending != shape.backward))
        return query.limit(bindparam("size", type_=BigInteger()))

    def _bound(self, name: str) -> Any:
        tie_breaker = bindparam(f"{name}_tie_breaker", type_=self.tie_breaker_type)
        if self.value is None:
            return tie_breaker
        return tuple_(bindparam(f"{name}_value", type_=self.value_type), tie_breaker)


def directed(columns: Iterable[Any], *, descending: bool) -> list[Any]:
    """Return the columns in the direction in which to sort by them."""
    return [column.desc() if descending else column for column in columns]


@dataclass(frozen=True, slots=True)
class ConnectionPage(Generic[T]):
    """The rows of a page in the order of the list, and whether more rows precede or follow it."""

    rows: list[T]
    has_next: bool
    has_previous: bool


def pack(values: list[Any]) -> str:
    """Return values as an opaque text that needs no escapes in URLs."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def unpack(cursor: str) -> Any:
    """Return the values in a cursor. Raises ValueError."""
    return orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def encode(order: str, key: SortKey) -> str:
    """Return the cursor of a row. `order` names the order of the list, so that cursors of other orders are refused."""
    value = {"at": key.value.isoformat()} if isinstance(key.value, datetime) else key.value
    return pack([order, value, key.tie_breaker])


def decode(order: str, cursor: str, *, name: str, types: tuple[tuple[type, ...], type]) -> SortKey:
    """Return the sort key in a cursor; `types` are the possible types of its value, and the type of its tie breaker.

    Raises InvalidInput at the argument `name`.
    """
    try:
        encoded_order, value, tie_breaker = unpack(cursor)
        if isinstance(value, dict):
            value = datetime.fromisoformat(value["at"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
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
