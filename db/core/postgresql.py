"""PostgreSQL through asyncpg: connections that any number of server processes have each."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
from sqlalchemy.dialects.postgresql import asyncpg as sqlalchemy_asyncpg

from db.core.connection_pool import ConnectionPool
from db.core.database import Database, DatabaseConnection, TransactionAborted, UniqueViolation
from db.core.statements import Row, Statement

CONNECTIONS = 11
"""How many connections a process has at most: eight processes fit into PostgreSQL's own limit of 100."""

FEWEST_CONNECTIONS = 4

STREAMED = 2_000
"""How many rows of a stream are read at once."""

_SNAPSHOT = {"isolation": "repeatable_read", "readonly": True}
_BY_KEY = {"plan_cache_mode": "force_generic_plan", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""For reads that find a few rows by their keys or in the order of an index: what belongs to them is found row by row.

The planner doesn't know how few they are, and would go through all organizations to join those of a page.
"""

_SESSION = {"plan_cache_mode": "force_custom_plan"}
_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"

_DIALECT = sqlalchemy_asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy declares no types here
_TREE_LOCK = 4_191_001
"""The key of the advisory lock on the tree; any number will do, as long as every process uses the same."""


class PostgreSQLConnection(DatabaseConnection):
    """An asyncpg connection."""

    dialect = _DIALECT

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._to_begin = False

    @property
    def is_closed(self) -> bool:
        """Whether it is of no use any more."""
        closed: bool = self._connection.is_closed()
        return closed

    async def close(self, *, timeout: float) -> None:  # noqa: ASYNC109 - asyncpg's own
        """Cancel what runs on it, and close it; at once when the time is over."""
        # Whatever is wrong with it, nobody waits for it any more.
        with contextlib.suppress(Exception):
            await self._connection.close(timeout=timeout)
        self.terminate()

    def terminate(self) -> None:
        """Close it at once; the server rolls back what was done on it."""
        self._connection.terminate()

    async def has_extension(self, name: str) -> bool:
        """Whether the database has an extension."""
        query = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = $1)"
        there: bool = await self._connection.fetchval(query, name)
        return there

    def snapshot(self) -> AbstractAsyncContextManager[None]:
        """A transaction for reading one moment."""
        transaction: AbstractAsyncContextManager[None] = self._connection.transaction(**_SNAPSHOT)
        return transaction

    def begin(self) -> None:
        """Let a transaction begin with the next statement."""
        self._to_begin = True

    async def _begin(self, first: str = "") -> str:
        """Begin the transaction with its first statement, in one round trip; how that ended."""
        self._to_begin = False
        status: str = await self._connection.execute(f"BEGIN; {first}")
        return status

    async def commit(self) -> None:
        """Commit the transaction, if anything was done in it."""
        if self._to_begin:
            self._to_begin = False
        else:
            await self._connection.execute("COMMIT")

    async def roll_back(self) -> None:
        """End the transaction without a trace."""
        if self._to_begin:
            self._to_begin = False
        elif not self._connection.is_closed():
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
        return _count(status)

    async def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> None:
        if self._to_begin:
            await self._begin()
        compiled = statement.compiled(_DIALECT)
        await self._connection.executemany(compiled.sql, [compiled.arguments(row) for row in rows])

    async def lock_tree(self, *, exclusive: bool, expected_paths: Mapping[int, str] | None = None) -> bool:
        lock = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        statement = f"SELECT {lock}({_TREE_LOCK})"
        if expected_paths:
            statement += (
                f"; SELECT FROM organizations WHERE (id, path) IN ({', '.join(map(_place, expected_paths.items()))})"
            )
        status = await (self._begin(statement) if self._to_begin else self._connection.execute(statement))
        return not expected_paths or _count(status) == len(expected_paths)

    async def force_custom_plan(self) -> None:
        await (self._begin(_ANEW) if self._to_begin else self._connection.execute(_ANEW))

    async def advisory_lock(self, subject: str, *, shared: bool = False) -> None:
        if self._to_begin:
            await self._begin()
        lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        await self._connection.execute(f"SELECT {lock}(hashtextextended($1, 0))", subject)


def _count(status: str) -> int:
    """How many rows a command was about, by what PostgreSQL says at its end: `UPDATE 7`."""
    return int(status.rpartition(" ")[2])


def _place(organization: tuple[int, str]) -> str:
    """An organization's id and path as a row of literals."""
    id_, path = organization
    return f"({int(id_)}, '{''.join(f'{int(part)}/' for part in path.split('/')[:-1])}')"


async def _to_the_end(connection: PostgreSQLConnection) -> None:
    """Roll back; a connection on which that does not come to its end is not lent again."""
    try:
        await connection.roll_back()
    except BaseException:
        connection.terminate()
        raise


class PostgreSQLDatabase(Database):
    """Connections to one PostgreSQL database."""

    dialect = _DIALECT

    def __init__(self, url: str, connections: int) -> None:
        self._url = url
        searchers = (connections + 1) // 4
        readers = (connections - searchers) // 2
        self._readers = ConnectionPool(partial(_connect, url, _BY_KEY), size=readers)
        # A prepared search would flip to a plan for any text after five runs, and crawl. Planning each time costs more
        # than a read by key does, so only searches pay for it.
        self._searchers = ConnectionPool(partial(_connect, url, _SESSION), size=searchers)
        # Changes wait for each other's locks, and readers must not wait with them.
        self._writers = ConnectionPool(partial(_connect, url), size=connections - searchers - readers)

    @classmethod
    async def connect(cls, url: str, *, connections: int = CONNECTIONS) -> PostgreSQLDatabase:
        """Open the database. Raises OSError or asyncpg's error when the server can't be reached."""
        database = cls(url, connections)
        async with database._readers.acquire() as connection:
            database.has_trigrams = await connection.has_extension("pg_trgm")
        return database

    def read(self, *, generic_plan: bool = False) -> AbstractAsyncContextManager[DatabaseConnection]:
        return (self._readers if generic_plan else self._searchers).acquire()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[DatabaseConnection]:
        async with self._searchers.acquire() as connection, connection.snapshot():
            yield connection

    @asynccontextmanager
    async def export(self) -> AsyncIterator[DatabaseConnection]:
        raw = await asyncpg.connect(self._url, server_settings=_SESSION)
        try:
            await raw.transaction(**_SNAPSHOT).start()
            yield PostgreSQLConnection(raw)
            await raw.close()
        finally:
            # Whoever was cancelled can't wait for a rollback; the server does it when the connection is gone.
            raw.terminate()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[DatabaseConnection]:
        try:
            async with self._writers.acquire() as connection:
                connection.begin()
                try:
                    yield connection
                    await connection.commit()
                except BaseException:
                    await _to_the_end(connection)
                    raise
        except asyncpg.UniqueViolationError as error:
            raise UniqueViolation(error.constraint_name or str(error)) from error
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
            raise TransactionAborted(str(error)) from error

    async def close(self) -> None:
        await self._readers.close()
        await self._searchers.close()
        await self._writers.close()


async def _connect(url: str, settings: Mapping[str, str] | None = None) -> PostgreSQLConnection:
    return PostgreSQLConnection(await asyncpg.connect(url, server_settings=settings))
