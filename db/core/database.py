"""The interface of a database: connections that execute `Statement`s, on SQLite and on PostgreSQL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import cached_property, partial
from typing import Any, TypeVar

from sqlalchemy import Dialect
from sqlmodel import SQLModel

from db.core.batch_loader import BatchLoader
from db.core.pool_usage import PoolUsage
from db.core.statements import Row, Statement

T = TypeVar("T")


class UniqueViolation(Exception):
    """A unique constraint was violated; the message names the constraint or the columns."""


class TransactionAborted(Exception):
    """The transaction was aborted because of a concurrent one; retrying may succeed."""


class LockTimeout(TransactionAborted):
    """The transaction was aborted because it waited for a lock, so that its connection is free for others."""


class DatabaseConnection(ABC):
    """A connection inside a read or a write. Parameters are named after the statement's `bindparam`s."""

    dialect: Dialect

    @abstractmethod
    async def fetch(self, statement: Statement, **parameters: Any) -> list[Row]:
        """Return all rows."""

    @abstractmethod
    def stream(self, statement: Statement, **parameters: Any) -> AsyncIterator[list[Row]]:
        """Yield all rows, a few thousand at a time."""

    @abstractmethod
    async def execute(self, statement: Statement, **parameters: Any) -> int:
        """Execute the statement and return how many rows it changed."""

    @abstractmethod
    async def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute the statement once for each mapping of parameters, in order."""

    @abstractmethod
    async def load(self, row: type[SQLModel], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert many rows, each of them the values of these columns: as fast as the database can."""

    def filling(self, *rows: type[SQLModel]) -> AbstractAsyncContextManager[None]:  # noqa: ARG002
        """Fill empty tables: indexes are built and foreign keys checked at the end of the block, where that is faster.

        The tables are locked until the transaction ends.
        """
        return nullcontext()

    @abstractmethod
    async def analyze(self, *rows: type[SQLModel]) -> None:
        """Tell the planner how large tables are to which this transaction has added many rows."""

    @abstractmethod
    async def new_ids(self, row: type[SQLModel], count: int) -> list[int]:
        """Draw ids for rows that this transaction is about to insert."""

    @abstractmethod
    async def lock_tree(
        self, root_ids: Sequence[int], *, exclusive: bool, expected_paths: Mapping[int, str] | None = None
    ) -> bool:
        """Lock the trees below some roots until the transaction ends.

        The exclusive lock excludes every other change below the root; the shared one excludes changes to the tree.
        Return whether the organizations are known to be at the expected paths; SQLite, which would need another query,
        returns False.
        """

    @abstractmethod
    async def try_lock_counters(self, root_ids: Sequence[int]) -> list[int]:
        """Lock the counters of roots, and their trees against changes, until the transaction ends.

        Return the roots that could be locked without waiting.
        """

    @abstractmethod
    async def force_custom_plan(self) -> None:
        """Plan every statement for its parameter values until the transaction ends."""

    @abstractmethod
    async def plan_automatically(self) -> None:
        """Let the database choose again whether it plans a statement for its parameter values."""

    @abstractmethod
    async def advisory_lock(self, subject: str, *, shared: bool = False) -> None:
        """Lock a subject until the transaction ends: others that lock it wait, unless both locks are shared."""

    async def fetch_one(self, statement: Statement, **parameters: Any) -> Row | None:
        """Return the first row, or None."""
        rows = await self.fetch(statement, **parameters)
        return rows[0] if rows else None

    async def value(self, statement: Statement, **parameters: Any) -> Any:
        """Return the first column of the only row. Raises LookupError if there is no row."""
        row = await self.fetch_one(statement, **parameters)
        if row is None:
            raise LookupError(f"no row from {statement.clause}")
        return row[0]


class ChangeWatch(ABC):
    """Watches for changes that any process makes."""

    @abstractmethod
    async def wait(self) -> None:
        """Wait until something may have changed, or for a few seconds: a change may go unnoticed."""


class Database(ABC):
    """A database, shared by any number of tasks."""

    dialect: Dialect
    has_trigrams: bool
    """Whether text search has a trigram index."""

    appends_counters: bool
    """Whether transactions append their changes to counters, so that many can change numbers at the same time."""

    @cached_property
    def batch_loader(self) -> BatchLoader:
        """Return the process-wide loader of values by key."""
        return self._new_loader(generic_plan=True)

    @cached_property
    def search_loader(self) -> BatchLoader:
        """Return the process-wide loader of searches, which are planned for their values."""
        return self._new_loader(generic_plan=False)

    def _new_loader(self, *, generic_plan: bool) -> BatchLoader:
        return BatchLoader(partial(self.read, generic_plan=generic_plan))

    @abstractmethod
    def read(self, *, generic_plan: bool = False) -> AbstractAsyncContextManager[DatabaseConnection]:
        """Acquire a connection for reading; each statement sees everything committed before it.

        `generic_plan` is for statements with one best plan for all parameter values, which is then planned only once.
        """

    async def for_queries(self) -> Database:
        """Return where a query reads all that was committed before this call: a replica, if there is one."""
        return self

    @abstractmethod
    def snapshot(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        """Acquire a connection for reading whose statements all see the same snapshot. It blocks no writer."""

    @abstractmethod
    def export(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        """As `snapshot`, on a new connection: a slow reader takes none from the pool."""

    @abstractmethod
    def write(
        self, root_id: int | None = None, *, bulk: bool = False, isolated: bool = False
    ) -> AbstractAsyncContextManager[DatabaseConnection]:
        """Open a transaction: committed at the end of the block, rolled back if the block raises.

        If it is isolated, all its statements see one snapshot, and it raises TransactionAborted where another
        transaction has changed the same rows since.

        A root shares the connections for writing fairly with other roots and with the server itself (None). Waiting
        for a lock raises LockTimeout after a moment, so that the connection is free for others; bulk work, which has
        few connections, waits as long as it takes.

        A COMMIT is never cancelled. Raises OutcomeUnknown if the connection is lost during it.
        """

    async def transact(
        self, work: Callable[[DatabaseConnection], Coroutine[Any, Any, T]], root_id: int | None, *, bulk: bool
    ) -> T:
        """Return the result of the work in a transaction (see `write`).

        Unless it is bulk work, it waits for nothing but the connection: SQLite runs it on the connection's thread, and
        in one transaction with others that wait.
        """
        async with self.write(root_id, bulk=bulk) as connection:
            return await work(connection)

    def write_long(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        """As `write` for bulk work that may take minutes: on a new connection, where that takes none from the pool."""
        return self.write(bulk=True)

    @abstractmethod
    def aside(self, *, writes: bool = False) -> AbstractAsyncContextManager[DatabaseConnection]:
        """Acquire a connection for the table `job_signals` that waits for no other transaction.

        If it writes, it is a short transaction as of `write`. On SQLite the table is in a file beside the database,
        since a file has one writer at a time.
        """

    @abstractmethod
    def autocommit(self, root_id: int) -> AbstractAsyncContextManager[DatabaseConnection]:
        """Acquire a connection for a single statement that is a transaction by itself, where counters are appended.

        The statement is not cancelled. Raises OutcomeUnknown if the connection is lost during it.
        """

    @abstractmethod
    def watch(self) -> AbstractAsyncContextManager[ChangeWatch]:
        """Watch for changes, on a connection that is not from the pool."""

    @abstractmethod
    async def announce(self) -> None:
        """Wake those who watch, in all processes."""

    @abstractmethod
    def pool_usage(self) -> list[PoolUsage]:
        """Return how busy each pool of connections is."""

    @abstractmethod
    async def close(self) -> None:
        """Close every connection."""

    async def fetch(self, statement: Statement, **parameters: Any) -> list[Row]:
        """Return all rows, read on a connection of the pool."""
        async with self.read() as connection:
            return await connection.fetch(statement, **parameters)

    async def fetch_one(self, statement: Statement, **parameters: Any) -> Row | None:
        """Return the first row or None, read on a connection of the pool."""
        async with self.read() as connection:
            return await connection.fetch_one(statement, **parameters)
