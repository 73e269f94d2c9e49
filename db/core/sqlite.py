"""SQLite: one writer and a few readers, each on its own thread, so that the event loop never waits for the disk."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from contextvars import copy_context
from functools import cache
from typing import Any, NoReturn, TypeVar

from sqlalchemy import bindparam, insert
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.schema import CreateTable
from sqlmodel import SQLModel

from db.core.cancellation import finish
from db.core.database import ChangeWatch, Database, DatabaseConnection, TransactionAborted, UniqueViolation
from db.core.pool_usage import PoolUsage
from db.core.statements import Row, Statement
from db.core.tables import JobSignalRow, columns, table
from db.core.write_slots import WriteSlots
from domain.errors import Unavailable

READERS = 4
STREAM_BATCH_ROWS = 2_000
"""How many rows a stream reads at a time."""

BUSY_SECONDS = 0.2
"""How long a thread waits for a writer in another process. A wait cannot be interrupted, so it is short."""

ASIDE_SUFFIX = "-jobs"
"""The end of the name of the file beside the database (see `Database.aside`)."""

WAIT_SECONDS = 30.0
"""How long a task waits for a writer in another process, again and again, before it fails."""

WATCH_SECONDS = 0.1
"""How often a watch looks at the version of the file."""

WATCH_ROUNDS = 20

_UNAVAILABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
"""The disk is full, read-only or gone."""

T = TypeVar("T")

_DIALECT = pysqlite.dialect()


class SQLiteConnection(DatabaseConnection):
    """A sqlite3 connection and its thread."""

    dialect = _DIALECT

    def __init__(self, path: str, name: str, *, writes: bool = False, exports: bool = False) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"sqlite-{name}")
        self._streamed: list[sqlite3.Cursor] = []
        self._sqlite: sqlite3.Connection = self._thread.submit(_connect, path, writes=writes, exports=exports).result()

    async def _run(self, function: Callable[..., T], *arguments: Any) -> T:
        # A cancelled task must not leave its statement running for the next user of the connection.
        future = asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)
        try:
            return await asyncio.shield(future)
        except sqlite3.Error as error:
            _raise_translated(error)
        except asyncio.CancelledError:
            await self._interrupt(future)
            raise

    async def _interrupt(self, future: asyncio.Future[Any]) -> None:
        """Interrupt the connection's running statement, and wait until its thread is free."""
        self._sqlite.interrupt()
        try:
            await finish(asyncio.wait([future]))
        finally:
            future.exception()

    async def transact(self, work: Callable[[DatabaseConnection], Coroutine[Any, Any, T]]) -> T:
        """Run the work in a transaction on the connection's thread, and return its result."""
        whole = _WholeTransaction(self._sqlite)
        future = asyncio.get_running_loop().run_in_executor(self._thread, copy_context().run, whole.run, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            whole.is_cancelled = True
            await self._interrupt(future)
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
        while rows := await self._run(cursor.fetchmany, STREAM_BATCH_ROWS):
            yield compiled.rows(rows)
        self._streamed.remove(cursor)

    async def execute(self, statement: Statement, **parameters: Any) -> int:
        compiled = statement.compiled(_DIALECT)
        arguments = compiled.arguments(parameters)
        return (await self._run(self._sqlite.execute, compiled.sql, arguments)).rowcount

    async def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> None:
        compiled = statement.compiled(_DIALECT)
        await self._run(self._sqlite.executemany, compiled.sql, (compiled.arguments(row) for row in rows))

    async def load(self, row: type[SQLModel], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        named = (dict(zip(names, values, strict=True)) for values in rows)
        await self.execute_many(_insertion(row, tuple(names)), named)

    async def new_ids(self, row: type[SQLModel], count: int) -> list[int]:
        sequence = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        # No other transaction can insert a row before this one ends.
        sql = f"SELECT coalesce(({sequence}), max(id), 0) FROM {row.__tablename__}"  # noqa: S608 - a table's name
        ((last,),) = await self._run(self._fetch, sql, [row.__tablename__])
        return list(range(last + 1, last + 1 + count))

    async def lock_tree(
        self,
        root_ids: Sequence[int],  # noqa: ARG002 - a database file has one writer at a time
        *,
        exclusive: bool,  # noqa: ARG002
        expected_paths: Mapping[int, str] | None = None,
    ) -> bool:
        return not expected_paths

    async def try_lock_counters(self, root_ids: Sequence[int]) -> list[int]:
        return list(root_ids)

    async def force_custom_plan(self) -> None:
        """Do nothing: SQLite plans a statement when it is prepared, without values."""

    async def plan_automatically(self) -> None:
        """Do nothing, as `force_custom_plan`."""

    async def advisory_lock(self, subject: str, *, shared: bool = False) -> None:
        """Do nothing: a database file has one writer at a time."""

    async def run_sql(self, sql: str) -> None:
        """Execute one statement without parameters, such as BEGIN."""
        await self._run(self._sqlite.execute, sql)

    async def data_version(self) -> int:
        """Return a number that another connection's commit changes."""
        rows = await self._run(self._fetch, "PRAGMA data_version", [])
        version: int = rows[0][0]
        return version

    async def rollback(self) -> None:
        """Roll back the transaction, if one is open."""
        if self._sqlite.in_transaction:
            await self._run(self._sqlite.execute, "ROLLBACK")

    def close(self) -> None:
        """Close the connection and end its thread."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _close(self) -> None:
        # An unfinished stream would keep the transaction open, even on a closed connection.
        for cursor in self._streamed:
            cursor.close()
        self._sqlite.close()


class _WholeTransaction(SQLiteConnection):
    """Runs a whole transaction on the connection's thread, instead of switching threads for every statement."""

    def __init__(self, sqlite: sqlite3.Connection) -> None:
        self._sqlite = sqlite
        self.is_cancelled = False

    async def _run(self, function: Callable[..., T], *arguments: Any) -> T:
        try:
            return function(*arguments)
        except sqlite3.Error as error:
            _raise_translated(error)

    def run(self, work: Callable[[DatabaseConnection], Coroutine[Any, Any, T]]) -> T:
        """Return the result of the work. It waits for nothing, so its first step is the last."""
        try:
            self._transact(work).send(None)
        except StopIteration as stop:
            result: T = stop.value
            return result
        raise RuntimeError("a transaction waited for something else than its connection")

    async def _transact(self, work: Callable[[DatabaseConnection], Coroutine[Any, Any, T]]) -> T:
        end = time.monotonic() + WAIT_SECONDS
        # An interrupted rollback may have left a transaction open.
        await self.rollback()
        while not self._sqlite.in_transaction:
            try:
                await self.run_sql("BEGIN IMMEDIATE")
            except TransactionAborted:
                if self.is_cancelled or time.monotonic() > end:
                    raise
        try:
            result = await work(self)
            if self.is_cancelled:
                raise asyncio.CancelledError  # noqa: TRY301 - rolls the transaction back
            await self.run_sql("COMMIT")
        except BaseException:
            await self.rollback()
            raise
        return result


@cache
def _insertion(row: type[SQLModel], names: tuple[str, ...]) -> Statement:
    values = {name: bindparam(name, type_=columns(row)[name].type) for name in names}
    return Statement(insert(table(row)).values(values))


def _raise_translated(error: sqlite3.Error) -> NoReturn:
    """Raise what stands for a sqlite3 exception in `db.core.database` or `domain.errors`, or the exception itself."""
    if isinstance(error, sqlite3.IntegrityError):
        if error.sqlite_errorname in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}:
            raise UniqueViolation(str(error)) from error
    elif isinstance(error, sqlite3.OperationalError):
        if _is_busy(error):
            raise TransactionAborted(str(error)) from error
        if error.sqlite_errorcode & 0xFF in _UNAVAILABLE:
            raise Unavailable("The database file cannot be used at the moment. Try again later.") from error
    raise error


def _connect(path: str, *, writes: bool, exports: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=512)
    _enable_wal(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    # In WAL mode, NORMAL can lose the last commits in a power failure, after clients were told of their success.
    connection.execute("PRAGMA synchronous = FULL")
    # An export may sort a lot: temporary files keep its memory small.
    connection.execute(f"PRAGMA cache_size = {-4096 if exports else -65536}")
    connection.execute(f"PRAGMA mmap_size = {0 if exports else 1073741824}")
    connection.execute(f"PRAGMA temp_store = {'FILE' if exports else 'MEMORY'}")
    if not writes:
        connection.execute("PRAGMA query_only = ON")
    return connection


def _enable_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL. This is the one statement that ignores the busy timeout."""
    end = time.monotonic() + WAIT_SECONDS
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

    dialect = _DIALECT
    has_trigrams = True
    appends_counters = False

    def __init__(self, path: str) -> None:
        self._path = path
        self._writer = SQLiteConnection(path, "writer", writes=True)
        self._slots = WriteSlots(1)
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
        return [PoolUsage("reads", READERS, in_use, self._readers_wanted - in_use), self._slots.usage("writes")]

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
        async with self._slots.slot(root_id, bulk=False):
            return await self._writer.transact(work)

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
        except TransactionAborted:
            if time.monotonic() > end:
                raise
        else:
            return


def _open_aside(path: str) -> SQLiteConnection:
    """Open the file beside a database, and create it first if need be."""
    beside = path + ASIDE_SUFFIX
    connection = sqlite3.connect(beside, timeout=WAIT_SECONDS, isolation_level=None)
    with closing(connection):
        create = CreateTable(table(JobSignalRow), if_not_exists=True)
        connection.execute(str(create.compile(dialect=_DIALECT)))
    return SQLiteConnection(beside, "aside", writes=True)
