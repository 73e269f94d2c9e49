"""SQLite in a file: one writer and a few readers, each on a thread, so the event loop never waits for the disk."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy.dialects.sqlite import pysqlite

from db.core.database import Database, DatabaseConnection, TransactionAborted, UniqueViolation
from db.core.statements import Row, Statement

READERS = 4
STREAMED = 2_000
"""How many rows of a stream are read at once."""

BUSY_SECONDS = 30.0
"""How long a writer waits for one in another process before it gives up."""

T = TypeVar("T")

_DIALECT = pysqlite.dialect()


class SQLiteConnection(DatabaseConnection):
    """A sqlite3 connection and the thread that it lives on."""

    dialect = _DIALECT

    def __init__(self, path: str, name: str, *, writes: bool = False, exports: bool = False) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"sqlite-{name}")
        self._streamed: list[sqlite3.Cursor] = []
        self._sqlite: sqlite3.Connection = self._thread.submit(_connect, path, writes=writes, exports=exports).result()

    async def _run(self, function: Callable[..., T], *arguments: Any) -> T:
        # A cancelled task must not leave its statement running: the next user of this connection would meet it.
        future = asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            self._sqlite.interrupt()
            await _to_the_end(asyncio.wait([future]))
            future.exception()
            raise
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname in {
                "SQLITE_CONSTRAINT_UNIQUE",
                "SQLITE_CONSTRAINT_PRIMARYKEY",
            }:
                raise UniqueViolation(str(error)) from error
            raise
        except sqlite3.OperationalError as error:
            if _is_busy(error):
                raise TransactionAborted(str(error)) from error
            raise

    async def fetch(self, statement: Statement, **parameters: Any) -> list[Row]:
        compiled = statement.compiled(_DIALECT)
        arguments = compiled.arguments(parameters)
        return compiled.rows(await self._run(self._fetch, compiled.sql, arguments))

    def _fetch(self, sql: str, arguments: list[Any]) -> list[Row]:
        return self._sqlite.execute(sql, arguments).fetchall()

    async def stream(self, statement: Statement, **parameters: Any) -> AsyncIterator[list[Row]]:
        compiled = statement.compiled(_DIALECT)
        cursor = await self._run(self._sqlite.execute, compiled.sql, compiled.arguments(parameters))
        self._streamed.append(cursor)
        while rows := await self._run(cursor.fetchmany, STREAMED):
            yield compiled.rows(rows)
        self._streamed.remove(cursor)

    async def execute(self, statement: Statement, **parameters: Any) -> int:
        compiled = statement.compiled(_DIALECT)
        arguments = compiled.arguments(parameters)
        return (await self._run(self._sqlite.execute, compiled.sql, arguments)).rowcount

    async def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> None:
        compiled = statement.compiled(_DIALECT)
        await self._run(self._sqlite.executemany, compiled.sql, (compiled.arguments(row) for row in rows))

    async def lock_tree(self, *, exclusive: bool, expected_paths: Mapping[int, str] | None = None) -> bool:  # noqa: ARG002
        """Nothing to do: a database file has one writer at a time."""
        return not expected_paths

    async def force_custom_plan(self) -> None:
        """Nothing to do: a plan is made when a statement is prepared, and kept."""

    async def advisory_lock(self, subject: str, *, shared: bool = False) -> None:
        """Nothing to do: a database file has one writer at a time."""

    async def script(self, sql: str) -> None:
        """Run one statement that takes no parameters, such as BEGIN."""
        await self._run(self._sqlite.execute, sql)

    async def roll_back(self) -> None:
        """End the transaction, if one is open."""
        if self._sqlite.in_transaction:
            await self._run(self._sqlite.execute, "ROLLBACK")

    def close(self) -> None:
        """Close the connection and end its thread."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _close(self) -> None:
        # A stream that nobody read to its end would keep the transaction open, even on a closed connection.
        for cursor in self._streamed:
            cursor.close()
        self._sqlite.close()


def _connect(path: str, *, writes: bool, exports: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=512)
    _write_ahead(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    # In WAL mode NORMAL could lose the last commits when the power fails, and they have been answered with success.
    connection.execute("PRAGMA synchronous = FULL")
    # What an export sorts may be large: it goes into a file, and takes no more memory than a page does.
    connection.execute(f"PRAGMA cache_size = {-4096 if exports else -65536}")
    connection.execute(f"PRAGMA mmap_size = {0 if exports else 1073741824}")
    connection.execute(f"PRAGMA temp_store = {'FILE' if exports else 'MEMORY'}")
    if not writes:
        connection.execute("PRAGMA query_only = ON")
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL; unlike everything else, this does not wait by itself for another process."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


async def _to_the_end(work: Coroutine[Any, Any, object]) -> None:
    """Wait for the work whoever cancels, and how often: what comes next must not begin inside it."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()


class SQLiteDatabase(Database):
    """A database file."""

    dialect = _DIALECT
    has_trigrams = True

    def __init__(self, path: str) -> None:
        self._path = path
        self._writer = SQLiteConnection(path, "writer", writes=True)
        self._turn = asyncio.Lock()
        self._all_readers = [SQLiteConnection(path, f"reader-{n}") for n in range(READERS)]
        self._readers: asyncio.LifoQueue[SQLiteConnection] = asyncio.LifoQueue()
        for reader in self._all_readers:
            self._readers.put_nowait(reader)

    @asynccontextmanager
    async def read(self, *, generic_plan: bool = False) -> AsyncIterator[DatabaseConnection]:  # noqa: ARG002 - see force_custom_plan
        reader = await self._readers.get()
        try:
            yield reader
        finally:
            self._readers.put_nowait(reader)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[DatabaseConnection]:
        reader = await self._readers.get()
        try:
            await reader.script("BEGIN")
            yield reader
        finally:
            await _to_the_end(reader.roll_back())
            self._readers.put_nowait(reader)

    @asynccontextmanager
    async def export(self) -> AsyncIterator[DatabaseConnection]:
        connection = SQLiteConnection(self._path, "export", exports=True)
        try:
            await connection.script("BEGIN")
            yield connection
        finally:
            connection.close()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[DatabaseConnection]:
        async with self._turn:
            try:
                await self._writer.script("BEGIN IMMEDIATE")
                yield self._writer
                await self._writer.script("COMMIT")
            except BaseException:
                await _to_the_end(self._writer.roll_back())
                raise

    async def close(self) -> None:
        for connection in (*self._all_readers, self._writer):
            connection.close()
