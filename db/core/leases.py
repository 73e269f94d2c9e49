"""Claims on the rows of a work queue: the one mechanism behind the outbox and the jobs.

A row that is open and due is claimed for a while by one worker of any process. While it works, it renews the claim; if
it dies, the claim ends and another worker takes the row. `attempts` counts the claims: a worker whose claim has ended
cannot change a row that was claimed again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, TextClause, and_, bindparam, or_, select, true, update
from sqlmodel import SQLModel

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import columns, table
from db.core.types import Identifier, Instant

NOW = bindparam("now", type_=Instant())
UNTIL = bindparam("until", type_=Instant())


class Leases:
    """The claims on a table with the columns id, attempts, due_at and claimed_until.

    `is_open` is the condition of its rows that are not settled, and `may_be_claimed` a further one for a claim.
    """

    def __init__(
        self, row: type[SQLModel], *, is_open: TextClause, may_be_claimed: ColumnElement[bool] | None = None
    ) -> None:
        self._row = row
        self._columns: Any = columns(row)
        own = self._columns
        is_free = or_(own.claimed_until.is_(None), own.claimed_until <= NOW)
        conditions = (is_open, own.due_at <= NOW, is_free, true() if may_be_claimed is None else may_be_claimed)
        self._due = and_(*conditions)
        self.is_held: ColumnElement[bool] = and_(
            is_open,
            own.id == bindparam("id", type_=Identifier),
            own.attempts == bindparam("attempt", type_=own.attempts.type),
        )
        """The row with an id, if it was not claimed since this attempt."""

        self._is_due = Statement(select(own.id).where(self._due).limit(1))
        self._renew = Statement(
            update(table(row)).where(self.is_held, own.claimed_until.is_not(None)).values(claimed_until=UNTIL)
        )

    def claiming(self, *returning: Any, **values: Any) -> Statement:
        """Return the statement that claims the row that has been due the longest, and sets further values."""
        own = self._columns
        first = select(own.id).where(self._due).order_by(own.due_at, own.id).limit(1).with_for_update(skip_locked=True)
        return Statement(
            update(table(self._row))
            .where(own.id == first.scalar_subquery())
            .values(claimed_until=UNTIL, attempts=own.attempts + 1, **values)
            .returning(*returning)
        )

    async def is_due(self, connection: DatabaseConnection, *, now: datetime, **parameters: Any) -> bool:
        """Whether any row can be claimed; cheaper than a claim. The parameters are those of `may_be_claimed`."""
        return await connection.fetch_one(self._is_due, now=now, **parameters) is not None

    async def renew(self, connection: DatabaseConnection, row_id: int, attempt: int, *, until: datetime) -> bool:
        """Extend a claim; return False if it was lost."""
        return await connection.execute(self._renew, id=row_id, attempt=attempt, until=until) == 1
