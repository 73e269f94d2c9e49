"""A database whose statements appear as spans in the trace of their request.

A span has the SQL of the statement and the type of its error, but no parameter values and no error message, which could
quote them. Outside a recorded trace, the database's own connections are used.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Coroutine,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    aclosing,
    asynccontextmanager,
    contextmanager,
)
from contextvars import Context, copy_context
from functools import partial
from typing import Any, TypeVar, cast

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from sqlmodel import SQLModel

from db.core.batch_loader import BatchLoader
from db.core.database import ChangeWatch, Database, DatabaseConnection
from db.core.pool_usage import PoolUsage
from db.core.statements import Row, Statement

T = TypeVar("T")


def _is_recorded() -> bool:
    return trace.get_current_span().is_recording()


class TracedConnection(DatabaseConnection):
    """A connection that records a span for each of its statements."""

    def __init__(self, connection: DatabaseConnection, tracer: Tracer) -> None:
        self._connection = connection
        self._tracer = tracer
        self.dialect = connection.dialect

    @contextmanager
    def _span(self, name: str, **attributes: str) -> Iterator[Span]:
        system = {"db.system.name": self.dialect.name}
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=system | attributes)
        try:
            yield span
        except Exception as error:
            span.set_attribute("error.type", type(error).__qualname__)
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            span.end()

    def _statement_span(self, statement: Statement) -> AbstractContextManager[Span]:
        sql = statement.compiled(self.dialect).sql
        return self._span(sql.split(maxsplit=1)[0], **{"db.query.text": sql})

    async def fetch(self, statement: Statement, **parameters: Any) -> list[Row]:
        with self._statement_span(statement) as span:
            rows = await self._connection.fetch(statement, **parameters)
            span.set_attribute("db.response.returned_rows", len(rows))
            return rows

    async def stream(self, statement: Statement, **parameters: Any) -> AsyncIterator[list[Row]]:
        pieces = cast("AsyncGenerator[list[Row]]", self._connection.stream(statement, **parameters))
        count = 0
        # The span ends when the last rows are read.
        with self._statement_span(statement) as span:
            async with aclosing(pieces):
                async for rows in pieces:
                    count += len(rows)
                    yield rows
            span.set_attribute("db.response.returned_rows", count)

    async def execute(self, statement: Statement, **parameters: Any) -> int:
        with self._statement_span(statement) as span:
            count = await self._connection.execute(statement, **parameters)
            span.set_attribute("dialtree.changed_rows", count)
            return count

    async def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> None:
        with self._statement_span(statement):
            await self._connection.execute_many(statement, rows)

    async def load(self, row: type[SQLModel], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        with self._span("load", **{"db.collection.name": str(row.__tablename__)}):
            await self._connection.load(row, names, rows)

    def filling(self, *rows: type[SQLModel]) -> AbstractAsyncContextManager[None]:
        return self._connection.filling(*rows)

    async def analyze(self, *rows: type[SQLModel]) -> None:
        with self._span("analyze"):
            await self._connection.analyze(*rows)

    async def new_ids(self, row: type[SQLModel], count: int) -> list[int]:
        return await self._connection.new_ids(row, count)

    async def lock_tree(
        self, root_ids: Sequence[int], *, exclusive: bool, expected_paths: Mapping[int, str] | None = None
    ) -> bool:
        # Both locks may wait for other transactions.
        with self._span("lock tree"):
            return await self._connection.lock_tree(root_ids, exclusive=exclusive, expected_paths=expected_paths)

    async def try_lock_counters(self, root_ids: Sequence[int]) -> list[int]:
        return await self._connection.try_lock_counters(root_ids)

    async def force_custom_plan(self) -> None:
        await self._connection.force_custom_plan()

    async def plan_automatically(self) -> None:
        await self._connection.plan_automatically()

    async def advisory_lock(self, subject: str, *, shared: bool = False) -> None:
        with self._span("advisory lock"):
            await self._connection.advisory_lock(subject, shared=shared)


class TracedBatchLoader(BatchLoader):
    """A batch loader whose statements belong to the trace of the request that loaded the first key of the batch."""

    def __init__(self, connect: Any) -> None:
        super().__init__(connect)
        self._contexts: dict[Hashable, Context] = {}

    def _enqueue(self, kind: Hashable, queue: Any, key: Hashable) -> asyncio.Future[Any]:
        # Otherwise a batch that had to wait would be read in the trace of the batch it waited for.
        self._contexts.setdefault(kind, copy_context())
        return super()._enqueue(kind, queue, key)

    def _start(self, kind: Hashable, queue: Any) -> None:
        self._contexts.pop(kind, copy_context()).run(super()._start, kind, queue)


class TracedDatabase(Database):
    """A database that records spans for the statements of recorded requests."""

    def __init__(self, database: Database, tracer: Tracer) -> None:
        self._database = database
        self._tracer = tracer
        self._reads: TracedDatabase | None = None
        self.dialect = database.dialect
        self.has_trigrams = database.has_trigrams
        self.appends_counters = database.appends_counters

    def _new_loader(self, *, generic_plan: bool) -> BatchLoader:
        return TracedBatchLoader(partial(self.read, generic_plan=generic_plan))

    def _traced(
        self, opened: AbstractAsyncContextManager[DatabaseConnection]
    ) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._wrapped(opened) if _is_recorded() else opened

    @asynccontextmanager
    async def _wrapped(
        self, opened: AbstractAsyncContextManager[DatabaseConnection]
    ) -> AsyncIterator[DatabaseConnection]:
        async with opened as connection:
            yield TracedConnection(connection, self._tracer)

    def read(self, *, generic_plan: bool = False) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._traced(self._database.read(generic_plan=generic_plan))

    async def for_queries(self) -> Database:
        reads = await self._database.for_queries()
        if reads is self._database:
            return self
        if self._reads is None:
            self._reads = TracedDatabase(reads, self._tracer)
        return self._reads

    def snapshot(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._traced(self._database.snapshot())

    def export(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._traced(self._database.export())

    def write(
        self, root_id: int | None = None, *, bulk: bool = False, isolated: bool = False
    ) -> AbstractAsyncContextManager[DatabaseConnection]:
        opened = self._database.write(root_id, bulk=bulk, isolated=isolated)
        return self._transaction(opened) if _is_recorded() else opened

    def write_long(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        opened = self._database.write_long()
        return self._transaction(opened) if _is_recorded() else opened

    async def transact(
        self, work: Callable[[DatabaseConnection], Coroutine[Any, Any, T]], root_id: int | None, *, bulk: bool
    ) -> T:
        if not _is_recorded():
            return await self._database.transact(work, root_id, bulk=bulk)

        async def traced(connection: DatabaseConnection) -> T:
            return await work(TracedConnection(connection, self._tracer))

        with self._transaction_span():
            return await self._database.transact(traced, root_id, bulk=bulk)

    def aside(self, *, writes: bool = False) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._traced(self._database.aside(writes=writes))

    def autocommit(self, root_id: int) -> AbstractAsyncContextManager[DatabaseConnection]:
        return self._traced(self._database.autocommit(root_id))

    @asynccontextmanager
    async def _transaction(
        self, opened: AbstractAsyncContextManager[DatabaseConnection]
    ) -> AsyncIterator[DatabaseConnection]:
        with self._transaction_span():
            async with self._wrapped(opened) as connection:
                yield connection

    def _transaction_span(self) -> AbstractContextManager[Span]:
        """From acquiring the connection to the commit or rollback. A refusal rolls back, but is no error."""
        return self._tracer.start_as_current_span("transaction", record_exception=False, set_status_on_exception=False)

    def watch(self) -> AbstractAsyncContextManager[ChangeWatch]:
        return self._database.watch()

    async def announce(self) -> None:
        await self._database.announce()

    def pool_usage(self) -> list[PoolUsage]:
        return self._database.pool_usage()

    async def close(self) -> None:
        await self._database.close()
