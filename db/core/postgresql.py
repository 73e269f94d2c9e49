"""PostgreSQL through asyncpg: a database with separate pools."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import asyncpg

from db.core.cancellation import finish
from db.core.connection_pool import ConnectionPool
from db.core.database import ChangeWatch, Database, DatabaseConnection, LockTimeout, TransactionAborted, UniqueViolation
from db.core.notifications import NotificationWatch
from db.core.pool_usage import PoolUsage
from db.core.pooler import connect_to_pooler
from db.core.postgresql_connection import (
    CONNECTION_ERRORS,
    DIALECT,
    LOCK_TIMEOUT_MILLISECONDS,
    SNAPSHOT,
    PostgreSQLConnection,
)
from db.core.write_slots import WriteSlots
from domain.errors import OutcomeUnknown, Unavailable

CONNECTIONS = 11
"""Default maximum of connections per process: eight processes fit into PostgreSQL's default limit of 100."""

MIN_CONNECTIONS = 4

_SETTINGS = {"jit": "off"}
"""Of all connections. A generic plan does not know that a page has few rows: with millions of numbers, PostgreSQL would
spend 150 ms on compiling a statement that takes 1 ms.
"""

_GENERIC_PLANS = {"plan_cache_mode": "force_generic_plan", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""For reads of a few rows by key or in the order of an index.

A generic plan does not know how few they are: it would scan all organizations to join those of one page.
"""

_CUSTOM_PLANS = {"plan_cache_mode": "force_custom_plan"}


@asynccontextmanager
async def _transaction(connection: PostgreSQLConnection, *, bulk: bool, isolated: bool) -> AsyncIterator[None]:
    connection.begin(bulk=bulk, isolated=isolated)
    try:
        yield
    except BaseException:
        await _rollback_or_terminate(connection)
        raise
    await _commit(connection)


async def _commit(connection: PostgreSQLConnection) -> None:
    try:
        await finish(connection.commit())
    except CONNECTION_ERRORS as error:
        connection.terminate()
        raise OutcomeUnknown from error


async def _rollback_or_terminate(connection: PostgreSQLConnection) -> None:
    """Roll back; if that fails or is cancelled, close the connection, so that it is not reused.

    A failed rollback raises nothing: what made it necessary matters more.
    """
    try:
        await connection.rollback()
    except Exception:  # noqa: BLE001 - such as a connection that was lost
        connection.terminate()
    except BaseException:
        connection.terminate()
        raise


class PostgreSQLDatabase(Database):
    """A PostgreSQL database, with separate pools for reads by key, searches and writes.

    With the URL of a pooler in transaction mode, the pools connect to it; what needs a session connects to the server.
    """

    dialect = DIALECT
    appends_counters = True

    def __init__(self, url: str, connections: int, *, pooler_url: str = "") -> None:
        self._url = url
        self._pooler_url = pooler_url
        searchers = (connections + 1) // 4
        readers = (connections - searchers) // 2
        writers = connections - searchers - readers
        self._readers = self._pool(_GENERIC_PLANS, size=readers)
        # After five executions a prepared search would switch to a slow generic plan. Planning every execution costs
        # more than a read by key does, so only searches do it.
        self._searchers = self._pool(_CUSTOM_PLANS, size=searchers)
        # Writers wait for locks, and readers must not wait for writers.
        self._writers = self._pool({"lock_timeout": f"{LOCK_TIMEOUT_MILLISECONDS}ms"}, size=writers)
        self._slots = WriteSlots(writers)

    def _pool(self, settings: Mapping[str, str], *, size: int) -> ConnectionPool[PostgreSQLConnection]:
        through_pooler = partial(connect_to_pooler, self._pooler_url)
        connect = through_pooler if self._pooler_url else partial(_connect, self._url, settings)
        return ConnectionPool(connect, size=size, translate=_translate)

    @classmethod
    async def connect(cls, url: str, *, connections: int = CONNECTIONS, pooler_url: str = "") -> PostgreSQLDatabase:
        """Open the database. Raises OSError or an asyncpg error if the server cannot be reached."""
        database = cls(url, connections, pooler_url=pooler_url)
        await database.detect()
        return database

    async def detect(self) -> None:
        """Connect, and detect what the database can do."""
        async with self._readers.acquire() as connection:
            self.has_trigrams = await connection.has_extension("pg_trgm")

    def read(self, *, generic_plan: bool = False) -> AbstractAsyncContextManager[PostgreSQLConnection]:
        return (self._readers if generic_plan else self._searchers).acquire()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[DatabaseConnection]:
        async with self._searchers.acquire() as connection, connection.snapshot():
            yield connection

    @asynccontextmanager
    async def export(self) -> AsyncIterator[DatabaseConnection]:
        raw = await asyncpg.connect(self._url, server_settings={**_SETTINGS, **_CUSTOM_PLANS})
        try:
            await raw.transaction(**SNAPSHOT).start()
            yield PostgreSQLConnection(raw)
            await raw.close()
        finally:
            # A cancelled task cannot wait for a rollback; the server rolls back when the connection closes.
            raw.terminate()

    @asynccontextmanager
    async def write(
        self, root_id: int | None = None, *, bulk: bool = False, isolated: bool = False
    ) -> AsyncIterator[DatabaseConnection]:
        async with (
            self._slots.slot(root_id, bulk=bulk),
            self._writers.acquire() as connection,
            _transaction(connection, bulk=bulk, isolated=isolated),
        ):
            yield connection

    @asynccontextmanager
    async def write_long(self) -> AsyncIterator[DatabaseConnection]:
        alone = ConnectionPool(partial(_connect, self._url, {}), size=1, translate=_translate)
        try:
            async with alone.acquire() as connection, _transaction(connection, bulk=True, isolated=False):
                yield connection
        finally:
            await finish(alone.close())

    def aside(self, *, writes: bool = False) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self.write() if writes else self.read(generic_plan=True)

    def autocommit(self, root_id: int) -> AbstractAsyncContextManager[DatabaseConnection]:
        # The lock timeout is a setting of the session, or else of a transaction.
        return self.write(root_id) if self._pooler_url else self._autocommit(root_id)

    @asynccontextmanager
    async def _autocommit(self, root_id: int) -> AsyncIterator[DatabaseConnection]:
        async with self._slots.slot(root_id, bulk=False), self._writers.acquire() as connection:
            yield connection.autocommit()

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[ChangeWatch]:
        watch = NotificationWatch(self._url, CONNECTION_ERRORS)
        try:
            yield watch
        finally:
            watch.close()

    async def announce(self) -> None:
        async with self._readers.acquire() as connection:
            await connection.notify()

    def pool_usage(self) -> list[PoolUsage]:
        # A task has a slot before it acquires a connection for writing.
        return [self._readers.usage("reads"), self._searchers.usage("searches"), self._slots.usage("writes")]

    async def close(self) -> None:
        await self._readers.close()
        await self._searchers.close()
        await self._writers.close()


async def _connect(url: str, settings: Mapping[str, str]) -> PostgreSQLConnection:
    return PostgreSQLConnection(await asyncpg.connect(url, server_settings={**_SETTINGS, **settings}))


def _translate(error: BaseException) -> Exception | None:
    """Return the exception that callers know for one of asyncpg's."""
    if isinstance(error, asyncpg.UniqueViolationError):
        return UniqueViolation(error.constraint_name or str(error))
    if isinstance(error, asyncpg.LockNotAvailableError):
        return LockTimeout(str(error))
    if isinstance(error, asyncpg.SerializationError) and "conflict with recovery" in str(error):
        return Unavailable("The replica had to end a query. Try again.")
    # A row that the transaction refers to, such as an organization, was deleted meanwhile.
    if isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError | asyncpg.ForeignKeyViolationError):
        return TransactionAborted(str(error))
    # The server may end a connection between two statements: asyncpg then refuses the second, and sends nothing.
    ended = isinstance(error, asyncpg.InternalClientError) and "cannot switch to state" in str(error)
    closed = isinstance(error, asyncpg.InterfaceError) and "connection is closed" in str(error)
    if isinstance(error, CONNECTION_ERRORS) or ended or closed:
        return Unavailable("The database is not available at the moment. Try again later.")
    return None
