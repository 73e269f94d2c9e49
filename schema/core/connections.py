"""Relay connections over keyset pages: read when a field asks for rows, counted when a field asks for the count."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Generic, TypeVar

import strawberry

from db.core.keyset import DEFAULT_PAGE, ConnectionPage, Key, Page, check_size, decode, encode

T = TypeVar("T")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """As Relay defines it."""

    has_next_page: bool = strawberry.field(description="More rows follow after this page.")
    has_previous_page: bool = strawberry.field(description="There are rows before this page.")
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first row, to page backwards with `before`."
    )
    end_cursor: str | None = strawberry.field(description="The cursor of the last row, to page forwards with `after`.")


@strawberry.type(description="A row of a list, with its place in it.")
class Edge(Generic[T]):
    """As Relay defines it."""

    cursor: str = strawberry.field(description="An opaque place in the list; pass it as `after` or `before`.")
    node: T = strawberry.field(description="The row.")


class ConnectionRows:
    """The rows behind a connection; the page is read once, by the first field that needs it."""

    def __init__(
        self,
        read: Callable[[], Awaitable[ConnectionPage[Any]]],
        count: Callable[[], Awaitable[int]],
        *,
        order: str,
        key: Callable[[Any], Key],
        node: Callable[[Any], Any] | None = None,
    ) -> None:
        self._read = read
        self._page: asyncio.Future[ConnectionPage[Any]] | None = None
        self._known: ConnectionPage[Any] | None = None
        self._count = count
        self._order = order
        self._key = key
        self._node = node

    async def read(self) -> None:
        """Read the page now, for fields that are known to ask for it."""
        self._known = await self._read()

    def then(self, make: Callable[[ConnectionPage[Any]], Any]) -> Any:
        """What is made of the page: at once where it was read, or a future."""
        if self._known is not None:
            return make(self._known)
        if self._page is None:
            self._page = asyncio.ensure_future(self._read())
        made = self._page.get_loop().create_future()
        self._page.add_done_callback(partial(_settle, made, make))
        return made

    async def count(self) -> int:
        """How many rows the whole list has: what the page says, if it was read and counts them, or counted."""
        known = None if self._known is None else self._known.total
        return await self._count() if known is None else known

    def cursor(self, row: Any) -> str:
        """The cursor of a row."""
        return encode(self._order, self._key(row))

    def nodes(self, page: ConnectionPage[Any]) -> list[Any]:
        """The rows as nodes."""
        return list(map(self._node, page.rows)) if self._node else page.rows

    def edges(self, page: ConnectionPage[Any]) -> list[Edge[Any]]:
        """The rows with their cursors."""
        nodes = self.nodes(page)
        return [Edge(cursor=self.cursor(row), node=node) for row, node in zip(page.rows, nodes, strict=True)]

    def page_info(self, page: ConnectionPage[Any]) -> PageInfo:
        """Where the page stands."""
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=self.cursor(page.rows[0]) if page.rows else None,
            end_cursor=self.cursor(page.rows[-1]) if page.rows else None,
        )


def _settle(
    made: asyncio.Future[Any], make: Callable[[ConnectionPage[Any]], Any], page: asyncio.Future[ConnectionPage[Any]]
) -> None:
    if made.done():
        return
    try:
        made.set_result(make(page.result()))
    except asyncio.CancelledError:
        made.cancel()
    except Exception as error:  # noqa: BLE001 - whoever waits is told
        made.set_exception(error)


def _edges(root: strawberry.Parent[Any]) -> Any:
    return root.rows.then(root.rows.edges)


def _nodes(root: strawberry.Parent[Any]) -> Any:
    return root.rows.then(root.rows.nodes)


def _page_info(root: strawberry.Parent[Any]) -> Any:
    return root.rows.then(root.rows.page_info)


async def _total_count(root: strawberry.Parent[Any]) -> Any:
    return await root.rows.count()


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """As Relay defines it, with the nodes also given without their edges."""

    rows: strawberry.Private[ConnectionRows]
    edges: list[Edge[T]] = strawberry.field(resolver=_edges, description="The rows with their cursors.")
    nodes: list[T] = strawberry.field(resolver=_nodes, description="The rows alone.")
    page_info: PageInfo = strawberry.field(resolver=_page_info, description="Where the page stands in the list.")
    total_count: int = strawberry.field(
        resolver=_total_count,
        description="How many rows the whole list has, exactly; worked out only when asked for.",
    )


BY_NAME = ((str,), int)
BY_ID = ((type(None),), int)
"""What the cursors of lists in the order of names, and of lists in the order of ids, are made of."""


def forward(order: str, types: tuple[tuple[type, ...], type], *, first: int | None, after: str | None) -> Page:
    """The page that `first` and `after` ask for. Raises InvalidInput naming the argument."""
    size = DEFAULT_PAGE if first is None else check_size(first, name="first")
    return Page(size, after=decode(order, after, name="after", types=types) if after else None)
