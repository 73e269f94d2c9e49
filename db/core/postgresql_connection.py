"""An asyncpg connection, with PostgreSQL's advisory locks."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import islice
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlalchemy.dialects.postgresql import asyncpg as sqlalchemy_asyncpg
from sqlmodel import SQLModel

from db.core.cancellation import finish
from db.core.database import DatabaseConnection
from db.core.notifications import CHANNEL
from db.core.statements import Row, Statement
from domain.errors import OutcomeUnknown

EXECUTE_BATCH_ROWS = 1_000
"""How many rows are written at a time; encoding more would hold the event loop for longer than 20 ms."""

STREAM_BATCH_ROWS = 2_000
"""How many rows a stream reads at a time."""

LOCK_TIMEOUT_MILLISECONDS = 200
"""How long a statement of a small change waits for a lock; then its connection goes to others for a moment."""

SNAPSHOT = {"isolation": "repeatable_read", "readonly": True}

_FORCE_CUSTOM_PLAN = "SET LOCAL plan_cache_mode = force_custom_plan"

DIALECT = sqlalchemy_asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy declares no types here

_TREE_LOCK = 4_191_001
"""The first key of the advisory lock on a root's tree: arbitrary, but the same in every process."""

_COUNTERS_LOCK = 4_191_003
"""The first key of the advisory lock on a root's counters."""

_KEYS = 2**31
"""How many second keys of advisory locks there are."""

_REBUILT = """
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY ($1::text[]::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
UNION ALL
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = ANY ($1::text[]::regclass[]) AND contype = 'f'
"""
"""The statements that drop and create the indexes and foreign keys of tables. Unique constraints stay."""

_BUILD_MEMORY = "256MB"
"""How much memory building an index may take."""

CONNECTION_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""The server is away, starting, stopping, full, or no longer the primary."""


class PostgreSQLConnection(DatabaseConnection):
    """An asyncpg connection."""

    dialect = DIALECT

    replayed = 0
    """How far the server is known to have replayed the write-ahead log of its primary, in bytes."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._begin_sql = ""

    @property
    def is_closed(self) -> bool:
        """Whether the connection is closed or lost."""
        closed: bool = self._connection.is_closed()
        return closed

    async def close(self, *, timeout: float) -> None:  # noqa: ASYNC109 - asyncpg's own
        """Cancel what runs on the connection and close it, by force after the timeout."""
        # A broken connection may fail to close; it is terminated anyway.
        with contextlib.suppress(Exception):
            await self._connection.close(timeout=timeout)
        self.terminate()

    def terminate(self) -> None:
        """Close the connection without waiting; the server rolls back its transaction."""
        self._connection.terminate()

    async def has_extension(self, name: str) -> bool:
        """Whether the database has the extension."""
        query = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = $1)"
        has_extension: bool = await self._connection.fetchval(query, name)
        return has_extension

    async def notify(self) -> None:
        """Wake those who watch for changes."""
        await self._connection.execute(f"NOTIFY {CHANNEL}")

    def snapshot(self) -> AbstractAsyncContextManager[None]:
        """Return a read-only transaction on one snapshot."""
        transaction: AbstractAsyncContextManager[None] = self._connection.transaction(**SNAPSHOT)
        return transaction

    def begin(self, *, bulk: bool, isolated: bool = False) -> None:
        """Begin a transaction with the next statement. Bulk work waits for locks without a timeout."""
        self._begin_sql = "BEGIN ISOLATION LEVEL REPEATABLE READ; " if isolated else "BEGIN; "
        if bulk:
            self._begin_sql += "SET LOCAL lock_timeout = 0; "

    def autocommit(self) -> PostgreSQLConnection:
        """Return the connection outside a transaction."""
        return Autocommit(self._connection)

    async def _begun(self) -> Any:
        """Return asyncpg's connection, after the pending BEGIN."""
        if self._begin_sql:
            await self._run_sql("")
        return self._connection

    async def _run_sql(self, sql: str) -> str:
        """Execute SQL without parameters, in one round trip with a pending BEGIN, and return the command status."""
        sql, self._begin_sql = self._begin_sql + sql, ""
        status: str = await self._connection.execute(sql)
        return status

    async def commit(self) -> None:
        """Commit the transaction."""
        await self._end("COMMIT")

    async def rollback(self) -> None:
        """Roll back the transaction, unless the connection is lost."""
        if not self._connection.is_closed():
            await self._end("ROLLBACK")

    async def _end(self, command: str) -> None:
        """End the transaction; one that never began needs no command."""
        if self._begin_sql:
            self._begin_sql = ""
        else:
            await self._connection.execute(command)

    async def fetch(self, statement: Statement, **parameters: Any) -> list[Row]:
        compiled, connection = statement.compiled(DIALECT), await self._begun()
        return compiled.rows(await connection.fetch(compiled.sql, *compiled.arguments(parameters)))

    async def stream(self, statement: Statement, **parameters: Any) -> AsyncIterator[list[Row]]:
        compiled = statement.compiled(DIALECT)
        statement_ = await self._connection.prepare(compiled.sql)
        cursor = await statement_.cursor(*compiled.arguments(parameters))
        while rows := await cursor.fetch(STREAM_BATCH_ROWS):
            yield compiled.rows(rows)

    async def execute(self, statement: Statement, **parameters: Any) -> int:
        compiled, connection = statement.compiled(DIALECT), await self._begun()
        status: str = await connection.execute(compiled.sql, *compiled.arguments(parameters))
        return _row_count(status)

    async def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> None:
        compiled, connection = statement.compiled(DIALECT), await self._begun()
        remaining = iter(rows)
        while batch := [compiled.arguments(row) for row in islice(remaining, EXECUTE_BATCH_ROWS)]:
            await connection.executemany(compiled.sql, batch)

    async def load(self, row: type[SQLModel], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        connection, remaining = await self._begun(), iter(rows)
        while batch := list(islice(remaining, EXECUTE_BATCH_ROWS)):
            await connection.copy_records_to_table(row.__tablename__, records=batch, columns=names)

    @asynccontextmanager
    async def filling(self, *rows: type[SQLModel]) -> AsyncIterator[None]:
        connection = await self._begun()
        dropped = await connection.fetch(_REBUILT, [row.__tablename__ for row in rows])
        for drop, _ in dropped:
            await connection.execute(drop)
        yield
        await connection.execute(f"SET LOCAL maintenance_work_mem = '{_BUILD_MEMORY}'")
        for _, create in dropped:
            await connection.execute(create)

    async def analyze(self, *rows: type[SQLModel]) -> None:
        # Other transactions that analyze the tables hold a lock until they end.
        await self._run_sql(f"ANALYZE (SKIP_LOCKED) {', '.join(str(row.__tablename__) for row in rows)}")

    async def new_ids(self, row: type[SQLModel], count: int) -> list[int]:
        sql = "SELECT nextval(pg_get_serial_sequence($1, 'id')) FROM generate_series(1, $2)"
        return [id_ for (id_,) in await (await self._begun()).fetch(sql, row.__tablename__, count)]

    async def lock_tree(
        self, root_ids: Sequence[int], *, exclusive: bool, expected_paths: Mapping[int, str] | None = None
    ) -> bool:
        if not root_ids:
            return not expected_paths
        lock = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        locks = ", ".join(f"{lock}({_TREE_LOCK}, {_key(root_id)})" for root_id in sorted(root_ids))
        statement = f"SELECT {locks}"
        if expected_paths:
            pairs = ", ".join(map(_id_and_path, expected_paths.items()))
            statement += f"; SELECT FROM organizations WHERE (id, path) IN ({pairs})"
        status = await self._run_sql(statement)
        return not expected_paths or _row_count(status) == len(expected_paths)

    async def try_lock_counters(self, root_ids: Sequence[int]) -> list[int]:
        connection = await self._begun()
        locked = []
        for root_id in sorted(root_ids):
            tree, counters = f"({_TREE_LOCK}, {_key(root_id)})", f"({_COUNTERS_LOCK}, {_key(root_id)})"
            if await connection.fetchval(
                f"SELECT pg_try_advisory_xact_lock_shared{tree} AND pg_try_advisory_xact_lock{counters}"
            ):
                locked.append(root_id)
        return locked

    async def force_custom_plan(self) -> None:
        await self._run_sql(_FORCE_CUSTOM_PLAN)

    async def plan_automatically(self) -> None:
        await self._run_sql("SET LOCAL plan_cache_mode = auto")

    async def advisory_lock(self, subject: str, *, shared: bool = False) -> None:
        lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        connection = await self._begun()
        await connection.execute(f"SELECT {lock}(hashtextextended($1, 0))", subject)


def tree_is_unchanged(root_id: Any) -> ColumnElement[bool]:
    """Return a condition that locks the root's tree as `lock_tree` does, where that is possible without waiting.

    The rows that a statement locks are locked after it, as the condition selects them.
    """
    lock = func.pg_try_advisory_xact_lock_shared(_TREE_LOCK, cast(root_id % _KEYS, Integer))
    locked: ColumnElement[bool] = select(lock).scalar_subquery()
    return locked


def _key(root_id: int) -> int:
    """Return the second key of a root's advisory locks. Two roots may share one, at the price of a wait."""
    return root_id % _KEYS


def _row_count(status: str) -> int:
    """Return the row count in a command status such as `UPDATE 7`."""
    return int(status.rpartition(" ")[2])


def _id_and_path(organization: tuple[int, str]) -> str:
    """Return an organization's id and path as an SQL row of literals."""
    id_, path = organization
    return f"({int(id_)}, '{''.join(f'{int(part)}/' for part in path.split('/')[:-1])}')"


class Autocommit(PostgreSQLConnection):
    """A connection on which each statement is a transaction by itself, and is not cancelled."""

    async def fetch(self, statement: Statement, **parameters: Any) -> list[Row]:
        try:
            return await finish(super().fetch(statement, **parameters))
        except asyncpg.ReadOnlySQLTransactionError:
            raise  # nothing was changed
        except CONNECTION_ERRORS as error:
            self.terminate()
            raise OutcomeUnknown from error
