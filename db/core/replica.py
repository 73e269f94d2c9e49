"""Reads on a streaming replica of PostgreSQL that are as fresh as reads on its primary."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import asyncpg
from sqlalchemy import text

from db.core.database import ChangeWatch, Database, DatabaseConnection
from db.core.pool_usage import PoolUsage
from db.core.postgresql import PostgreSQLDatabase
from db.core.postgresql_connection import PostgreSQLConnection
from db.core.statements import Statement
from domain.errors import Unavailable

MAX_WAIT_SECONDS = 0.02
"""How long a read waits for the replica; after that, reading on the primary is faster."""

POLL_SECONDS = 0.002
RETRY_SECONDS = 5.0
"""How long a replica that cannot be used is left alone."""

# Not the flushed part: with synchronous_commit = off, that lacks commits that were answered.
_INSERTED = Statement(text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"))
_REPLAYED = Statement(
    text(
        "SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
        " ELSE pg_current_wal_insert_lsn() END, '0/0')::bigint"
    )
)

logger = logging.getLogger("dialtree.replica")


async def _inserted(connection: DatabaseConnection, keys: Sequence[None]) -> dict[None, int]:
    """How far the primary's write-ahead log goes, for the batch loader."""
    return dict.fromkeys(keys, await connection.value(_INSERTED))


class ReplicatedDatabase(PostgreSQLDatabase):
    """A primary whose queries read on a replica."""

    def __init__(self, url: str, connections: int, *, replica_url: str, pooler_url: str = "") -> None:
        super().__init__(url, connections, pooler_url=pooler_url)
        self._replica = PostgreSQLDatabase(replica_url, connections)
        self._reads = _ReplicaReads(self, self._replica)

    async def for_queries(self) -> Database:
        """Return a database that reads on the replica all that was committed before this call."""
        self._reads.require(await self.batch_loader.load(_inserted, None))
        return self._reads

    def pool_usage(self) -> list[PoolUsage]:
        """Return how busy each pool of connections is, those to the replica included."""
        reads, searches, _ = self._replica.pool_usage()
        return [*super().pool_usage(), reads._replace(pool="replica_reads"), searches._replace(pool="replica_searches")]

    async def close(self) -> None:
        """Close every connection."""
        await self._replica.close()
        await super().close()


class _ReplicaReads(Database):
    """Reads on the replica, or on the primary where the replica is behind or away. Everything else is the primary's."""

    def __init__(self, primary: PostgreSQLDatabase, replica: PostgreSQLDatabase) -> None:
        self._primary = primary
        self._replica = replica
        self._required = 0
        self._retry_at = 0.0
        self.dialect = primary.dialect
        self.appends_counters = primary.appends_counters

    @property
    def has_trigrams(self) -> bool:  # type: ignore[override]  # read-only here
        """Whether text search has a trigram index."""
        return self._primary.has_trigrams

    def require(self, position: int) -> None:
        """Let all reads from now on see the write-ahead log up to a position."""
        self._required = max(self._required, position)

    @asynccontextmanager
    async def read(self, *, generic_plan: bool = False) -> AsyncIterator[DatabaseConnection]:
        async with AsyncExitStack() as stack:
            connection = await self._acquire_fresh(stack, generic_plan=generic_plan)
            if connection is None:
                connection = await stack.enter_async_context(self._primary.read(generic_plan=generic_plan))
            yield connection

    async def _acquire_fresh(self, stack: AsyncExitStack, *, generic_plan: bool) -> DatabaseConnection | None:
        """Acquire a connection to the replica that has replayed what is required; None if there is none in time."""
        if time.monotonic() < self._retry_at:
            return None
        try:
            async with AsyncExitStack() as held:
                connection = await held.enter_async_context(self._replica.read(generic_plan=generic_plan))
                if not await _has_replayed(connection, self._required):
                    return None
                await stack.enter_async_context(held.pop_all())
                return connection
        # Besides outages: a replica that refuses the user or the database, or does not know an option of the address.
        except (Unavailable, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            logger.warning("cannot read on the replica, reading on the primary: %s", error.__cause__ or error)
            return None

    def snapshot(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._primary.snapshot()

    def export(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._primary.export()

    def write(
        self, root_id: int | None = None, *, bulk: bool = False, isolated: bool = False
    ) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._primary.write(root_id, bulk=bulk, isolated=isolated)

    def write_long(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._primary.write_long()

    def autocommit(self, root_id: int) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._primary.autocommit(root_id)

    def aside(self, *, writes: bool = False) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._primary.aside(writes=writes)

    def watch(self) -> AbstractAsyncContextManager[ChangeWatch]:
        return self._primary.watch()

    async def announce(self) -> None:
        await self._primary.announce()

    def pool_usage(self) -> list[PoolUsage]:
        return self._primary.pool_usage()

    async def close(self) -> None:
        """Do nothing: the primary closes the replica."""


async def _has_replayed(connection: PostgreSQLConnection, required: int) -> bool:
    """Whether the server of a connection has replayed a position, now or in a moment.

    Each connection remembers its own, since a load balancer may connect to several replicas.
    """
    end = time.monotonic() + MAX_WAIT_SECONDS
    while connection.replayed < required:
        connection.replayed = await connection.value(_REPLAYED)
        if connection.replayed < required:
            if time.monotonic() > end:
                return False
            await asyncio.sleep(POLL_SECONDS)
    return True
