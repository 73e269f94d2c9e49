"""A request whose client has left is cancelled, unless it changes something."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import patch

import pytest

from app.request_limit import WATCH_AFTER_SECONDS
from resolvers.core.transactions import with_retries
from tests.support.database_dump import dump
from tests.support.server import Server
from tests.support.waiting import PATIENCE


class _Call:
    """A request through ASGI whose client can leave."""

    def __init__(self, query: str, token: str) -> None:
        self.left = asyncio.Event()
        self.sent: list[dict[str, Any]] = []
        self._body = json.dumps({"query": query}).encode()
        self._token = token
        self._was_read = False

    async def run(self, server: Server) -> None:
        headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {self._token}".encode())]
        scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}
        await server.application(scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        if not self._was_read:
            self._was_read = True
            return {"type": "http.request", "body": self._body}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.sent.append(message)


def _owner(server: Server) -> str:
    server.import_organizations("path,time_zone,threshold\nAcme,,\n")
    return server.create_key(organization="Acme", role="OWNER")


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("{ phoneNumbers { nodes { number } } }", "resolvers.numbers.queries.search.search"),
        ("{ organization { children { nodes { name } pageInfo { hasNextPage } } } }", "db.organizations.queries.page"),
        ("{ organization { inventory { total } } }", "db.utilization.queries.inventory"),
        ("{ viewer { role } }", "db.access.authentication.callers_by_key"),
    ],
    ids=["search", "list", "batch", "authentication"],
)
def test_a_query_is_cancelled_when_its_client_leaves(server: Server, query: str, read: str) -> None:
    token, began, cancelled = _owner(server), asyncio.Event(), asyncio.Event()

    async def hang(*_: Any, **__: Any) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async def leave() -> _Call:
        call = _Call(query, token)
        with patch(read, hang):
            running = asyncio.create_task(call.run(server))
            await began.wait()
            call.left.set()
            await running
            # A batch is cancelled once nothing waits for it.
            await cancelled.wait()
        return call

    call = server.run(asyncio.wait_for(leave(), PATIENCE))
    assert call.sent == []


@pytest.mark.parametrize(
    ("query", "module", "table"),
    [
        ('createSeries(input: {name: "kept"}) { series { name } }', "core.transactions", "series"),
        (
            'requestPasswordReset(input: {email: "a@a.test"}) { userErrors { code } }',
            "access.passwords",
            "limit_counters",
        ),
    ],
    ids=["change", "mail"],
)
def test_a_mutation_goes_on_when_its_client_leaves(server: Server, query: str, module: str, table: str) -> None:
    token, began, release = _owner(server), asyncio.Event(), asyncio.Event()
    before = dump(server)

    async def leave() -> None:
        async def held_up(attempt: Callable[[], Awaitable[Any]]) -> Any:
            began.set()
            await release.wait()
            return await with_retries(attempt)

        call = _Call(f"mutation {{ {query} }}", token)
        with patch(f"resolvers.{module}.with_retries", held_up):
            running = asyncio.create_task(call.run(server))
            await began.wait()
            call.left.set()
            # Longer than it takes to notice that the client has left.
            await asyncio.sleep(WATCH_AFTER_SECONDS + 0.2)
            assert not running.done()
            release.set()
            await running

    server.run(asyncio.wait_for(leave(), PATIENCE))
    written = {table for table, rows in dump(server).items() if rows != before[table]}
    assert table in written
