"""SQLite: a database file with one writer and a few readers."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from typing import Any, TypeVar

from sqlalchemy.schema import CreateTable

from db.core.cancellation import finish
from db.core.database import ChangeWatch, Database, DatabaseConnection, LockTimeout, TransactionAborted
from db.core.pool_usage import PoolUsage
from db.core.shared_commits import SharedCommits
from db.core.sqlite_connection import DIALECT, WAIT_SECONDS, SQLiteConnection
from db.core.tables import JobSignalRow, table
from db.core.write_slots import WriteSlots

READERS = 4

ASIDE_SUFFIX = "-jobs"
"""The end of the name of the file beside the database (see `Database.aside`)."""

WATCH_SECONDS = 0.1
"""How often a watch looks at the version of the file."""

WATCH_ROUNDS = 20

T = TypeVar("T")


class _FileWatch(ChangeWatch):
    """Looks at the number of a file's version."""

    def __init__(self, connection: SQLiteConnection) -> None:
        self._connection = connection
        self._version = 0

    async def wait(self) -> None:
        for _ in range(WATCH_ROUNDS):
            version, self._version = self._version, await self._connection.data_version()
            if version != self._version:
                return
            await asyncio.sleep(WATCH_SECONDS)


class SQLiteDatabase(Database):
    """A database file."""

    dialect = DIALECT
    has_trigrams = True
    appends_counters = False

    def __init__(self, path: str) -> None:
        self._path = path
        self._writer = SQLiteConnection(path, "writer", writes=True)
        self._slots = WriteSlots(1)
        self._commits = SharedCommits(self._writer, self._slots)
        self._all_readers = [SQLiteConnection(path, f"reader-{n}") for n in range(READERS)]
        self._readers: asyncio.LifoQueue[SQLiteConnection] = asyncio.LifoQueue()
        for reader in self._all_readers:
            self._readers.put_nowait(reader)
        self._readers_wanted = 0
        self._aside: SQLiteConnection | None = None
        self._aside_lock = asyncio.Lock()

    async def _take_reader(self) -> SQLiteConnection:
        self._readers_wanted += 1
        try:
            return await self._readers.get()
        except BaseException:
            self._readers_wanted -= 1
            raise

    def _return_reader(self, reader: SQLiteConnection) -> None:
        self._readers_wanted -= 1
        self._readers.put_nowait(reader)

    def pool_usage(self) -> list[PoolUsage]:
        in_use = READERS - self._readers.qsize()
        writes = self._slots.usage("writes")
        writes = writes._replace(waiting=writes.waiting + self._commits.waiting_count)
        return [PoolUsage("reads", READERS, in_use, self._readers_wanted - in_use), writes]

    @asynccontextmanager
    async def read(self, *, generic_plan: bool = False) -> AsyncIterator[DatabaseConnection]:  # noqa: ARG002 - see force_custom_plan
        reader = await self._take_reader()
        try:
            yield reader
        finally:
            self._return_reader(reader)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[DatabaseConnection]:
        reader = await self._take_reader()
        try:
            await reader.run_sql("BEGIN")
            yield reader
        finally:
            try:
                await finish(reader.rollback())
            finally:
                self._return_reader(reader)

    @asynccontextmanager
    async def export(self) -> AsyncIterator[DatabaseConnection]:
        connection = SQLiteConnection(self._path, "export", exports=True)
        try:
            await connection.run_sql("BEGIN")
            yield connection
        finally:
            connection.close()

    @asynccontextmanager
    async def write(
        self,
        root_id: int | None = None,
        *,
        bulk: bool = False,
        isolated: bool = False,  # noqa: ARG002 - every transaction is
    ) -> AsyncIterator[DatabaseConnection]:
        async with self._slots.slot(root_id, bulk=bulk):
            try:
                await _begin(self._writer)
                yield self._writer
                await finish(self._writer.run_sql("COMMIT"))
            except BaseException:
                await finish(self._writer.rollback())
                raise

    async def transact(
        self, work: Callable[[DatabaseConnection], Coroutine[Any, Any, T]], root_id: int | None, *, bulk: bool
    ) -> T:
        if bulk:
            return await super().transact(work, root_id, bulk=bulk)
        return await self._commits.make(work, root_id)

    @asynccontextmanager
    async def aside(self, *, writes: bool = False) -> AsyncIterator[DatabaseConnection]:  # noqa: ARG002 - one connection for both
        async with self._aside_lock:
            if self._aside is None:
                self._aside = await asyncio.to_thread(_open_aside, self._path)
            try:
                await _begin(self._aside)
                yield self._aside
                await finish(self._aside.run_sql("COMMIT"))
            except BaseException:
                await finish(self._aside.rollback())
                raise

    def autocommit(self, root_id: int) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self.write(root_id)

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[ChangeWatch]:
        connection = SQLiteConnection(self._path, "watch", exports=True)
        try:
            yield _FileWatch(connection)
        finally:
            connection.close()

    async def announce(self) -> None:
        """Do nothing: a commit changes the version of the file."""

    async def close(self) -> None:
        for connection in (*self._all_readers, self._writer, self._aside):
            if connection is not None:
                connection.close()


async def _begin(connection: SQLiteConnection) -> None:
    """Begin a write transaction, after those of other processes."""
    end = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            await connection.run_sql("BEGIN IMMEDIATE")
        except TransactionAborted as error:
            if time.monotonic() > end:
                raise LockTimeout(str(error)) from error
        else:
            return


def _open_aside(path: str) -> SQLiteConnection:
    """Open the file beside a database, and create it first if need be."""
    beside = path + ASIDE_SUFFIX
    connection = sqlite3.connect(beside, timeout=WAIT_SECONDS, isolation_level=None)
    with closing(connection):
        create = CreateTable(table(JobSignalRow), if_not_exists=True)
        connection.execute(str(create.compile(dialect=DIALECT)))
    return SQLiteConnection(beside, "aside", writes=True)
