"""PostgreSQL through asyncpg: pools of connections, which any number of server processes have each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy.dialects.postgresql import asyncpg as sqlalchemy_asyncpg

from db.database import Connection, Database, TransactionAborted, UniqueViolation
from db.statements import Row, Statement

POOL_SIZE = 7
"""How many connections there are for what is planned once: reads by key, plain pages, and changes."""

SEARCHERS = 4
"""How many connections there are for reads that are planned for their values."""

WRITERS = 5
"""How many connections write at once: writers wait for each other's locks, and readers must not wait with them."""

STREAMED = 2_000
"""How many rows of a stream are read at once."""

_SESSION = {"plan_cache_mode": "force_custom_plan"}
_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"

_DIALECT = sqlalchemy_asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy declares no types here
_TREE_LOCK = 4_191_001
"""The key of the advisory lock on the tree; any number will do, as long as every process uses the same."""


class PostgreSQLConnection(Connection):
    """An asyncpg connection that the pool lent."""

    dialect = _DIALECT

    def __init__(self, connection: Any, *, writes: bool = False) -> None:
        self._connection = connection
        self._to_begin = writes

    async def _begin(self, first: str = "") -> None:
        """Begin the transaction with its first statement, in one round trip."""
        self._to_begin = False
        await self._connection.execute(f"BEGIN; {first}")

    async def commit(self) -> None:
        """Commit the transaction, if anything was done in it."""
        if not self._to_begin:
            await self._connection.execute("COMMIT")

    async def roll_back(self) -> None:
        """End the transaction without a trace."""
        if not self._to_begin and not self._connection.is_closed():
            await self._connection.execute("ROLLBACK")

    async def fetch(self, statement: Statement, **parameters: Any) -> list[Row]:
        if self._to_begin:
            await self._begin()
        compiled = statement.compiled(_DIALECT)
        return compiled.rows(await self._connection.fetch(compiled.sql, *compiled.arguments(parameters)))

    async def stream(self, statement: Statement, **parameters: Any) -> AsyncIterator[list[Row]]:
        compiled = statement.compiled(_DIALECT)
        cursor = await self._connection.cursor(compiled.sql, *compiled.arguments(parameters))
        while rows := await cursor.fetch(STREAMED):
            yield compiled.rows(rows)

    async def execute(self, statement: Statement, **parameters: Any) -> int:
        if self._to_begin:
            await self._begin()
        compiled = statement.compiled(_DIALECT)
        status: str = await self._connection.execute(compiled.sql, *compiled.arguments(parameters))
        return int(status.rpartition(" ")[2])

    async def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> None:
        if self._to_begin:
            await self._begin()
        compiled = statement.compiled(_DIALECT)
        await self._connection.executemany(compiled.sql, [compiled.arguments(row) for row in rows])

    async def lock_tree(self, *, exclusive: bool) -> None:
        lock = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        statement = f"SELECT {lock}({_TREE_LOCK})"
        await (self._begin(statement) if self._to_begin else self._connection.execute(statement))

    async def plan_anew(self) -> None:
        await (self._begin(_ANEW) if self._to_begin else self._connection.execute(_ANEW))

    async def take_turns(self, subject: str) -> None:
        if self._to_begin:
            await self._begin()
        await self._connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", subject)


class _Lent(asyncpg.Connection):  # type: ignore[misc]  # asyncpg declares no types
    """A connection that goes back to its pool as it is, without a round trip: nothing here changes a session."""

    def get_reset_query(self) -> str:
        """No query."""
        return ""


async def _to_the_end(connection: PostgreSQLConnection, lent: Any) -> None:
    """Roll back; a connection on which that does not come to its end is not lent again."""
    try:
        await connection.roll_back()
    except BaseException:
        lent.terminate()
        raise


class PostgreSQLDatabase(Database):
    """A pool on one PostgreSQL database."""

    dialect = _DIALECT

    def __init__(self, pool: Any, searchers: Any, *, url: str, has_trigrams: bool) -> None:
        self._pool = pool
        self._searchers = searchers
        self._url = url
        self._writers = asyncio.Semaphore(WRITERS)
        self.has_trigrams = has_trigrams

    @classmethod
    async def connect(cls, url: str) -> PostgreSQLDatabase:
        """Open the pools. Raises OSError or asyncpg's error when the server can't be reached."""
        pool = await asyncpg.create_pool(url, min_size=1, max_size=POOL_SIZE, connection_class=_Lent)
        # A prepared search would flip to a plan for any text after five runs, and crawl. Planning each time costs more
        # than a read by key does, so only searches pay for it.
        searchers = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=SEARCHERS,
            connection_class=_Lent,
            server_settings=_SESSION,
        )
        trigrams = await pool.fetchval("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
        return cls(pool, searchers, url=url, has_trigrams=trigrams)

    @asynccontextmanager
    async def read(self, *, planned_once: bool = False) -> AsyncIterator[Connection]:
        pool = self._pool if planned_once else self._searchers
        async with pool.acquire() as connection:
            yield PostgreSQLConnection(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        async with (
            self._searchers.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield PostgreSQLConnection(connection)

    @asynccontextmanager
    async def export(self) -> AsyncIterator[Connection]:
        connection = await asyncpg.connect(self._url, server_settings=_SESSION)
        try:
            await connection.transaction(isolation="repeatable_read", readonly=True).start()
            yield PostgreSQLConnection(connection)
            await connection.close()
        finally:
            # Whoever was cancelled can't wait for a rollback; the server does it when the connection is gone.
            connection.terminate()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        try:
            async with self._writers, self._pool.acquire() as lent:
                connection = PostgreSQLConnection(lent, writes=True)
                try:
                    yield connection
                    await connection.commit()
                except BaseException:
                    await _to_the_end(connection, lent)
                    raise
        except asyncpg.UniqueViolationError as error:
            raise UniqueViolation(error.constraint_name or str(error)) from error
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
            raise TransactionAborted(str(error)) from error

    async def close(self) -> None:
        await self._pool.close()
        await self._searchers.close()
