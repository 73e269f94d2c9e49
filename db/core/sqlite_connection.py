"""A sqlite3 connection on a thread of its own, so that the event loop never waits for the disk."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar

from sqlalchemy.dialects.sqlite import pysqlite
from sqlmodel import SQLModel

from db.core.cancellation import finish
from db.core.database import DatabaseConnection, LockTimeout, TransactionAborted, UniqueViolation
from db.core.statements import Convert, Row, Statement, bind_processor
from db.core.tables import columns
from domain.errors import Unavailable

STREAM_BATCH_ROWS = 2_000
"""How many rows a stream reads at a time."""

BUSY_SECONDS = 0.2
"""How long a thread waits for a writer in another process. A wait cannot be interrupted, so it is short."""

WAIT_SECONDS = 30.0
"""How long a task waits for a writer in another process, again and again, before it fails."""

PROGRESS_STEPS = 1_000_000
"""After how many steps of its virtual machine, some ten milliseconds, SQLite asks whether a statement should go on."""

_UNAVAILABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
"""The disk is full, read-only or gone."""

T = TypeVar("T")

DIALECT = pysqlite.dialect()


class SQLiteConnection(DatabaseConnection):
    """A sqlite3 connection and its thread."""

    dialect = DIALECT

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

    def make_together(self, changes: Sequence[Change[Any]]) -> asyncio.Future[list[Outcome]]:
        """Make changes in one transaction on the connection's thread, and return a future of what became of each."""
        transaction = _WholeTransaction(self._sqlite)
        return asyncio.get_running_loop().run_in_executor(self._thread, transaction.make_all, changes)

    async def fetch(self, statement: Statement, **parameters: Any) -> list[Row]:
        compiled = statement.compiled(DIALECT)
        arguments = compiled.arguments(parameters)
        return compiled.rows(await self._run(self._fetch, compiled.sql, arguments))

    def _fetch(self, sql: str, arguments: list[Any]) -> list[Row]:
        return self._sqlite.execute(sql, arguments).fetchall()

    async def stream(self, statement: Statement, **parameters: Any) -> AsyncIterator[list[Row]]:
        compiled = statement.compiled(DIALECT)
        cursor = await self._run(self._sqlite.execute, compiled.sql, compiled.arguments(parameters))
        self._streamed.append(cursor)
        while rows := await self._run(cursor.fetchmany, STREAM_BATCH_ROWS):
            yield compiled.rows(rows)
        self._streamed.remove(cursor)

    async def execute(self, statement: Statement, **parameters: Any) -> int:
        compiled = statement.compiled(DIALECT)
        arguments = compiled.arguments(parameters)
        return (await self._run(self._sqlite.execute, compiled.sql, arguments)).rowcount

    async def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> None:
        compiled = statement.compiled(DIALECT)
        await self._run(self._sqlite.executemany, compiled.sql, (compiled.arguments(row) for row in rows))

    async def load(self, row: type[SQLModel], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        sql, conversions = _insertion(row, tuple(names))
        await self._run(self._sqlite.executemany, sql, (_converted(values, conversions) for values in rows))

    async def new_ids(self, row: type[SQLModel], count: int) -> list[int]:
        sequence = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        # No other transaction can insert a row before this one ends.
        sql = f"SELECT coalesce(({sequence}), max(id), 0) FROM {row.__tablename__}"  # noqa: S608 - a table's name
        ((last,),) = await self._run(self._fetch, sql, [row.__tablename__])
        return list(range(last + 1, last + 1 + count))

    async def analyze(self, *rows: type[SQLModel]) -> None:
        """Do nothing: SQLite plans joins by their indexes."""

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


class Outcome(NamedTuple):
    """The result of a change, or what it raised after nothing was changed."""

    result: Any = None
    failure: BaseException | None = None


class Change(Generic[T]):
    """A part of a transaction, which succeeds or fails by itself. It waits for nothing but its connection."""

    def __init__(self, work: Callable[[DatabaseConnection], Coroutine[Any, Any, T]]) -> None:
        self.is_cancelled = False
        self._work = work
        self._context = copy_context()

    def run(self, connection: DatabaseConnection) -> T:
        """Return the result of the work, in the context in which it was begun."""
        if self.is_cancelled:
            raise asyncio.CancelledError
        try:
            # Nothing is waited for, so the first step is the last.
            self._context.run(self._work(connection).send, None)
        except StopIteration as stop:
            result: T = stop.value
            return result
        raise RuntimeError("a transaction waited for something else than its connection")


class _RolledBack(Exception):
    """SQLite itself has rolled the transaction back in a change: it was interrupted, or the disk is full."""

    def __init__(self, change: Change[Any], failure: BaseException) -> None:
        super().__init__()
        self.change = change
        self.failure = failure


class _WholeTransaction(SQLiteConnection):
    """Runs a whole transaction on the connection's thread, instead of switching threads for every statement."""

    def __init__(self, sqlite: sqlite3.Connection) -> None:
        self._sqlite = sqlite

    async def _run(self, function: Callable[..., T], *arguments: Any) -> T:
        return _translating(function, *arguments)

    def make_all(self, changes: Sequence[Change[Any]]) -> list[Outcome]:
        """Make the changes and commit. If the transaction fails, all of them do, refused ones included."""
        try:
            if self._sqlite.in_transaction:
                # An interrupted rollback has left it open.
                self._sqlite.rollback()
            self._begin(changes)
            outcomes = [self._outcome(change) for change in changes]
            self._execute("COMMIT")
        except _RolledBack as lost:
            others = Outcome(failure=TransactionAborted("rolled back with another change"))
            return [Outcome(failure=lost.failure) if change is lost.change else others for change in changes]
        except BaseException as error:  # noqa: BLE001 - every change raises it
            if self._sqlite.in_transaction:
                self._sqlite.rollback()
            return [Outcome(failure=error)] * len(changes)
        return outcomes

    def _begin(self, changes: Sequence[Change[Any]]) -> None:
        """Begin, after the transactions of other processes."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                self._execute("BEGIN IMMEDIATE")
            except TransactionAborted as error:
                if time.monotonic() > end or any(change.is_cancelled for change in changes):
                    raise LockTimeout(str(error)) from error
            else:
                return

    def _outcome(self, change: Change[Any]) -> Outcome:
        self._execute("SAVEPOINT change")
        self._sqlite.set_progress_handler(lambda: change.is_cancelled, PROGRESS_STEPS)
        try:
            outcome = Outcome(change.run(self))
        except BaseException as error:  # noqa: BLE001 - only this change raises it
            outcome = Outcome(failure=error)
        finally:
            self._sqlite.set_progress_handler(None, 0)
        if change.is_cancelled:
            outcome = Outcome(failure=asyncio.CancelledError())
        if outcome.failure is not None:
            if not self._sqlite.in_transaction:
                raise _RolledBack(change, outcome.failure)
            self._execute("ROLLBACK TO change")
        self._execute("RELEASE change")
        return outcome

    def _execute(self, sql: str) -> None:
        _translating(self._sqlite.execute, sql)


def _translating(function: Callable[..., T], *arguments: Any) -> T:
    try:
        return function(*arguments)
    except sqlite3.Error as error:
        _raise_translated(error)


@cache
def _insertion(row: type[SQLModel], names: tuple[str, ...]) -> tuple[str, list[tuple[int, Convert]]]:
    """The statement that inserts the values of some columns, and the conversions by position."""
    marks = ", ".join("?" * len(names))
    sql = f"INSERT INTO {row.__tablename__} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names of columns
    processors = [bind_processor(columns(row)[name].type, DIALECT) for name in names]
    return sql, [(index, convert) for index, convert in enumerate(processors) if convert is not None]


def _converted(values: Sequence[Any], conversions: Iterable[tuple[int, Convert]]) -> list[Any]:
    converted = list(values)
    for index, convert in conversions:
        converted[index] = convert(converted[index])
    return converted


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
