"""The one way to a database: connections that run `Statement`s, for reading and for writing, on both engines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import cached_property, partial
from typing import Any

from sqlalchemy import Dialect

from db.core.batch_loader import BatchLoader
from db.core.statements import Row, Statement


class UniqueViolation(Exception):
    """A row with the same unique values exists; the message names the constraint or the columns."""


class TransactionAborted(Exception):
    """The database ended the transaction because of another one; running it again may succeed."""


class DatabaseConnection(ABC):
    """A connection inside a read or a write. Parameters go by the names of the statement's `bindparam`s."""

    dialect: Dialect

    @abstractmethod
    async def fetch(self, statement: Statement, **parameters: Any) -> list[Row]:
        """All rows."""

    @abstractmethod
    def stream(self, statement: Statement, **parameters: Any) -> AsyncIterator[list[Row]]:
        """All rows, a few thousand at a time, read as they are asked for."""

    @abstractmethod
    async def execute(self, statement: Statement, **parameters: Any) -> int:
        """Run it and tell how many rows it changed."""

    @abstractmethod
    async def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each mapping of parameters, in order."""

    @abstractmethod
    async def lock_tree(self, *, exclusive: bool, expected_paths: Mapping[int, str] | None = None) -> bool:
        """Until the transaction ends: `exclusive` keeps every other change out, shared only those to the tree.

        Tells whether the organizations `standing` are seen at these paths still, where that costs no round trip more.
        """

    @abstractmethod
    async def force_custom_plan(self) -> None:
        """Until the transaction ends: statements are planned for their values."""

    @abstractmethod
    async def advisory_lock(self, subject: str, *, shared: bool = False) -> None:
        """Until the transaction ends: others who take turns at the same subject wait, unless both share it."""

    async def fetch_one(self, statement: Statement, **parameters: Any) -> Row | None:
        """The first row, or None."""
        rows = await self.fetch(statement, **parameters)
        return rows[0] if rows else None

    async def value(self, statement: Statement, **parameters: Any) -> Any:
        """The first column of the only row. Raises LookupError when there is no row."""
        row = await self.fetch_one(statement, **parameters)
        if row is None:
            message = f"no row from {statement.clause}"
            raise LookupError(message)
        return row[0]


class Database(ABC):
    """A database that any number of tasks share."""

    dialect: Dialect
    has_trigrams: bool
    """Whether texts are searched through a trigram index."""

    @cached_property
    def batch_loader(self) -> BatchLoader:
        """Reads by key, gathered from all who share the database."""
        return BatchLoader(partial(self.read, generic_plan=True))

    @abstractmethod
    def read(self, *, generic_plan: bool = False) -> AbstractAsyncContextManager[DatabaseConnection]:
        """A connection for reading; each statement sees all that was committed before it.

        `generic_plan` is for statements whose best plan is the same for all values: the database need not look for it
        each time.
        """

    @abstractmethod
    def snapshot(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        """A connection for reading, all of whose statements see the same moment; nobody waits for it."""

    @abstractmethod
    def export(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        """As `snapshot`, on a connection opened for it: it may last as long as its reader likes, and nobody waits."""

    @abstractmethod
    def write(self) -> AbstractAsyncContextManager[DatabaseConnection]:
        """A transaction: committed at the end of the block, rolled back when it raises."""

    @abstractmethod
    async def close(self) -> None:
        """Close every connection."""

    async def fetch(self, statement: Statement, **parameters: Any) -> list[Row]:
        """All rows, read on a connection of its own."""
        async with self.read() as connection:
            return await connection.fetch(statement, **parameters)

    async def fetch_one(self, statement: Statement, **parameters: Any) -> Row | None:
        """The first row or None, read on a connection of its own."""
        async with self.read() as connection:
            return await connection.fetch_one(statement, **parameters)
