"""Walking a connection from page to page, as a client does, and what every page must say of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.server import Server

PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


def nothing_between() -> None:
    """What happens between two pages, unless a test says otherwise."""


class Walker:
    """Pages through the connection at `path` of a document with the variables first, after, last and before."""

    def __init__(
        self,
        server: Server,
        token: str,
        document: str,
        path: tuple[str, ...],
        *,
        variables: dict[str, Any] | None = None,
        acting: str | None = None,
        between: Callable[[], None] = nothing_between,
    ) -> None:
        self._server = server
        self._token = token
        self._document = document
        self._path = path
        self._variables = variables or {}
        self._acting = acting
        self._between = between

    def page(self, **arguments: Any) -> dict[str, Any]:
        """One page, whose cursors agree with its edges and whose nodes are those of the edges."""
        variables = {**self._variables, **arguments}
        found = self._server.ask(self._document, variables, token=self._token, acting=self._acting)
        for name in self._path:
            found = found[name]
        page: dict[str, Any] = found
        cursors = [edge["cursor"] for edge in page["edges"]]
        assert len(set(cursors)) == len(cursors)
        assert page["pageInfo"]["startCursor"] == (cursors[0] if cursors else None)
        assert page["pageInfo"]["endCursor"] == (cursors[-1] if cursors else None)
        if "nodes" in page:
            assert page["nodes"] == [edge["node"] for edge in page["edges"]]
        return page

    def forwards(self, size: int) -> list[list[Any]]:
        """The nodes of every page from the first to the last."""
        pages: list[list[Any]] = []
        after = None
        while True:
            page = self.page(first=size, after=after)
            assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
            pages.append([edge["node"] for edge in page["edges"]])
            if not page["pageInfo"]["hasNextPage"]:
                return pages
            assert len(pages[-1]) == size
            after = page["pageInfo"]["endCursor"]
            self._between()

    def backwards(self, size: int) -> list[list[Any]]:
        """The nodes of every page from the first to the last, read from the last to the first."""
        pages: list[list[Any]] = []
        before = None
        while True:
            page = self.page(last=size, before=before)
            assert page["pageInfo"]["hasNextPage"] is (before is not None)
            pages.insert(0, [edge["node"] for edge in page["edges"]])
            if not page["pageInfo"]["hasPreviousPage"]:
                return pages
            assert len(pages[0]) == size
            before = page["pageInfo"]["startCursor"]
            self._between()

    def all(self, size: int, *, backwards: bool = False) -> list[Any]:
        """All nodes in the order of the list."""
        pages = self.backwards(size) if backwards else self.forwards(size)
        return [node for page in pages for node in page]
