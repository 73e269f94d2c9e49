"""Relay connections over keyset pages."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, Generic, NamedTuple, TypeVar

import strawberry

from db.core.keyset import DEFAULT_PAGE, ConnectionPage, PageRequest, SortKey, check_size, decode, encode
from domain.errors import InvalidInput
from execution.declarations import ROWS_OF_PAGE, STATEMENT_COST, costs_extra
from schema.core.inputs import given

T = TypeVar("T")


@strawberry.type(description="The position of a page in its list.")
class PageInfo:
    """As Relay defines it."""

    has_next_page: bool = strawberry.field(description="Whether there are rows after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there are rows before this page.")
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first row; pass it as `before` to get the previous page."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last row; pass it as `after` to get the next page."
    )


@strawberry.type(description="A row of a list with its cursor.")
class Edge(Generic[T]):
    """As Relay defines it."""

    cursor: str = strawberry.field(
        description="The opaque position of the row in the list; pass it as `after` or `before`."
    )
    node: T = strawberry.field(description="The row.")


class Rows(ABC):
    """The rows behind a connection, in an order with cursors."""

    def __init__(self, *, order: str, key: Callable[[Any], SortKey], node: Callable[[Any], Any] | None = None) -> None:
        self._order = order
        self._key = key
        self._node = node

    @abstractmethod
    def from_page(self, convert: Callable[[ConnectionPage[Any]], T]) -> Awaitable[T] | T:
        """Return what `convert` makes of the page."""

    @abstractmethod
    async def total(self) -> int:
        """Return the number of rows in the whole list."""

    def cursor(self, row: Any) -> str:
        """Return the cursor of a row."""
        return encode(self._order, self._key(row))

    def nodes(self, page: ConnectionPage[Any]) -> list[Any]:
        """Return the rows as nodes."""
        return list(map(self._node, page.rows)) if self._node else page.rows

    def edges(self, page: ConnectionPage[Any]) -> list[Edge[Any]]:
        """Return the rows as edges."""
        nodes = self.nodes(page)
        return [Edge(cursor=self.cursor(row), node=node) for row, node in zip(page.rows, nodes, strict=True)]

    def page_info(self, page: ConnectionPage[Any]) -> PageInfo:
        """Return the position of the page in its list."""
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=self.cursor(page.rows[0]) if page.rows else None,
            end_cursor=self.cursor(page.rows[-1]) if page.rows else None,
        )


class ConnectionRows(Rows):
    """Rows that the first field that needs them reads."""

    def __init__(
        self,
        read: Callable[[], Awaitable[ConnectionPage[Any]]],
        count: Callable[[], Awaitable[int]],
        *,
        order: str,
        key: Callable[[Any], SortKey],
        node: Callable[[Any], Any] | None = None,
    ) -> None:
        super().__init__(order=order, key=key, node=node)
        self._read = read
        self._count = count
        self._reading: asyncio.Future[ConnectionPage[Any]] | None = None
        self._waiting = 0

    async def from_page(self, convert: Callable[[ConnectionPage[Any]], T]) -> T:
        """Return what `convert` makes of the page."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read())
        self._waiting += 1
        try:
            # Several fields wait for one read: cancelling one of them must not cancel it.
            return convert(await asyncio.shield(self._reading))
        except asyncio.CancelledError:
            self._waiting -= 1
            if not self._waiting:
                self._reading.cancel()
            raise

    async def total(self) -> int:
        """Count the whole list."""
        return await self._count()


class LoadedRows(Rows):
    """Rows that were read before; None for what was not requested."""

    def __init__(
        self,
        page: ConnectionPage[Any] | None,
        total: int | None,
        *,
        order: str,
        key: Callable[[Any], SortKey],
        node: Callable[[Any], Any] | None = None,
    ) -> None:
        super().__init__(order=order, key=key, node=node)
        self._page = page
        self._total = total

    def from_page(self, convert: Callable[[ConnectionPage[Any]], T]) -> T:
        """Return what `convert` makes of the page."""
        if self._page is None:
            raise LookupError("the page was not read")
        return convert(self._page)

    async def total(self) -> int:
        """Return the number of rows in the whole list."""
        if self._total is None:
            raise LookupError("the list was not counted")
        return self._total


def _edges(root: strawberry.Parent[Any]) -> Any:
    return root.rows.from_page(root.rows.edges)


def _nodes(root: strawberry.Parent[Any]) -> Any:
    return root.rows.from_page(root.rows.nodes)


def _page_info(root: strawberry.Parent[Any]) -> Any:
    return root.rows.from_page(root.rows.page_info)


async def _total_count(root: strawberry.Parent[Any]) -> Any:
    return await root.rows.total()


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """As Relay defines it, with `nodes` as a shortcut for the nodes of the edges."""

    rows: strawberry.Private[Rows]
    edges: list[Edge[T]] = strawberry.field(
        resolver=_edges, description="The rows with their cursors.", metadata=ROWS_OF_PAGE
    )
    nodes: list[T] = strawberry.field(
        resolver=_nodes, description="The rows without their cursors.", metadata=ROWS_OF_PAGE
    )
    page_info: PageInfo = strawberry.field(resolver=_page_info, description="The position of the page in the list.")
    total_count: int = strawberry.field(
        resolver=_total_count,
        description="The exact number of rows in the whole list, which is counted only if you select this field.",
        metadata=costs_extra(STATEMENT_COST),
    )


BY_NAME = ((str,), int)
BY_ID = ((type(None),), int)
"""The types in the cursors of lists sorted by name, and of lists sorted by id."""


class PageArguments(NamedTuple):
    """The arguments of a connection, as the caller gave them: UNSET where there are none."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None

    def page(self, order: str, types: tuple[tuple[type, ...], type]) -> PageRequest:
        """Return the page that they request of a list in this order. Raises InvalidInput at the argument."""
        first, last = given(self.first), given(self.last)
        if first is not None and last is not None:
            raise InvalidInput("Give `first` or `last`, not both.", path=("last",))
        after = decode(order, self.after, name="after", types=types) if self.after else None
        before = decode(order, self.before, name="before", types=types) if self.before else None
        if last is not None:
            return PageRequest(check_size(last, name="last"), after, before, backward=True)
        return PageRequest(DEFAULT_PAGE if first is None else check_size(first, name="first"), after, before)
