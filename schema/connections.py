"""Relay connections over keyset pages: read when a field asks for rows, counted when a field asks for the count."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import strawberry

from db.keyset import DEFAULT_PAGE, Key, Page, Slice, check_size, decode, encode

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


class Rows:
    """The rows behind a connection; the page is read once, by the first field that needs it."""

    def __init__(
        self,
        read: Callable[[], Awaitable[Slice[Any]]],
        count: Callable[[], Awaitable[int]],
        *,
        order: str,
        key: Callable[[Any], Key],
        node: Callable[[Any], Any] = lambda row: row,
    ) -> None:
        self._read = read
        self._page: asyncio.Future[Slice[Any]] | None = None
        self.count = count
        self._order = order
        self._key = key
        self._node = node

    async def _slice(self) -> Slice[Any]:
        if self._page is None:
            self._page = asyncio.ensure_future(self._read())
        return await self._page

    def cursor(self, row: Any) -> str:
        """The cursor of a row."""
        return encode(self._order, self._key(row))

    async def nodes(self) -> list[Any]:
        """The rows as nodes."""
        return [self._node(row) for row in (await self._slice()).rows]

    async def edges(self) -> list[Edge[Any]]:
        """The rows with their cursors."""
        return [Edge(cursor=self.cursor(row), node=self._node(row)) for row in (await self._slice()).rows]

    async def page_info(self) -> PageInfo:
        """Where the page stands."""
        page = await self._slice()
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=self.cursor(page.rows[0]) if page.rows else None,
            end_cursor=self.cursor(page.rows[-1]) if page.rows else None,
        )


async def _edges(root: strawberry.Parent[Any]) -> Any:
    return await root.rows.edges()


async def _nodes(root: strawberry.Parent[Any]) -> Any:
    return await root.rows.nodes()


async def _page_info(root: strawberry.Parent[Any]) -> Any:
    return await root.rows.page_info()


async def _total_count(root: strawberry.Parent[Any]) -> Any:
    return await root.rows.count()


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """As Relay defines it, with the nodes also given without their edges."""

    rows: strawberry.Private[Rows]
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
