"""Connections to a pooler in transaction mode, such as PgBouncer.

Each transaction may run on another connection of the pooler to the server. So nothing of a session can be used: neither
named prepared statements nor settings nor LISTEN.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg

from db.core.postgresql_connection import LOCK_TIMEOUT_MILLISECONDS, PostgreSQLConnection

MAX_DESCRIBED = 1_000
"""How many statements a connection remembers the types of."""


class PooledConnection(PostgreSQLConnection):
    """A connection to a pooler, with settings of transactions in place of settings of the session."""

    def begin(self, *, bulk: bool, isolated: bool = False) -> None:
        """Begin a transaction with the next statement, with the lock timeout of small changes."""
        super().begin(bulk=bulk, isolated=isolated)
        if not bulk:
            self._begin_sql += f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MILLISECONDS}; "


async def connect_to_pooler(url: str) -> PooledConnection:
    """Connect to a pooler."""
    # Without its cache, asyncpg does not name the statements that it prepares.
    return PooledConnection(await asyncpg.connect(url, statement_cache_size=0, connection_class=_Unnamed))


class _Unnamed(asyncpg.Connection):  # type: ignore[misc]  # asyncpg declares no types
    """Parses, binds and executes each statement in one round trip, with the unnamed prepared statement.

    asyncpg itself takes two: it asks for the types of parameters and columns first. Here they are remembered.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._described: dict[str, Any] = {}

    async def _statement(self, query: str) -> Any:
        statement = self._described.get(query)
        if statement is None:
            if len(self._described) >= MAX_DESCRIBED:
                self._described.clear()
            statement = self._described[query] = await self.prepare(query)
        return statement

    async def fetch(self, query: str, *arguments: Any) -> list[Any]:
        """Execute a statement and return its rows."""
        rows: list[Any] = await (await self._statement(query)).fetch(*arguments)
        return rows

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """Execute a statement and return the first value of the first row."""
        return await (await self._statement(query)).fetchval(*arguments)

    async def execute(self, query: str, *arguments: Any) -> str:
        """Execute a statement, or several without parameters, and return the command status."""
        if arguments:
            statement = await self._statement(query)
            await statement.fetch(*arguments)
            status: str = statement.get_statusmsg()
        else:
            status = await super().execute(query)
        return status

    async def executemany(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement once for each sequence of arguments."""
        await (await self._statement(query)).executemany(rows)
