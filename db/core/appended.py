"""Rows that PostgreSQL appends where counters or totals would be updated, until they are folded: added up and deleted.

Appending locks no counter, so transactions do not wait for each other. Every query of counters adds the unfolded rows
in the same statement, so that its result is exact in every snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, case, cast, delete, func, insert, literal_column, select, update
from sqlmodel import SQLModel

from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement, among, ids
from db.core.tables import FoldingRow, columns, table


def _number(transaction: Any) -> Any:
    return cast(cast(transaction, Text), BigInteger)


KEY = {"xact": _number(func.pg_current_xact_id()), "id": func.nextval(literal_column("'counter_delta_ids'"))}
"""The key of an appended row. The id is drawn when the row is inserted, after the locks on its numbers."""

_snapshot: Any = func.pg_current_snapshot()
_newest = _number(func.pg_snapshot_xmax(_snapshot))


class Appended:
    """The unfolded rows of a table.

    `mark` is the column of `folding` with the transaction before which all of them are folded. Queries begin there, so
    that deleted rows, which an old snapshot may keep alive for minutes, are not even looked at.
    """

    def __init__(self, row: type[SQLModel], values: Sequence[str], *, mark: str) -> None:
        of, marked = columns(row), columns(FoldingRow)[mark]
        # In a restored copy of the database, the transactions may have lower numbers.
        since = select(case((marked <= _newest, marked), else_=0)).scalar_subquery()
        named = {name: bindparam(name, type_=of[name].type) for name in ("root_id", *values)}
        self._append = Statement(insert(table(row)).values(**KEY, **named))
        self._pending = Statement(select(of.root_id).where(of.xact >= since).distinct().order_by(of.root_id))
        self._take = Statement(
            delete(table(row))
            .where(of.xact >= since, among(of.root_id, ids("root_ids")))
            .returning(of.id, of.xact, *(of[name] for name in values))
        )
        self._forget = Statement(update(table(FoldingRow)).where(marked > _newest).values({mark: 0}))
        self._advance = Statement(update(table(FoldingRow)).values({mark: _number(func.pg_snapshot_xmin(_snapshot))}))

    async def append(self, connection: DatabaseConnection, rows: Sequence[dict[str, Any]], *, root_id: int) -> None:
        """Append rows below a root, in their order."""
        await connection.execute_many(self._append, [{"root_id": root_id, **row} for row in rows])

    async def pending_roots(self, connection: DatabaseConnection) -> list[int]:
        """Return the roots that have unfolded rows."""
        # The mark may be that of another database server, as in a restored copy.
        await connection.execute(self._forget)
        return [row[0] for row in await connection.fetch(self._pending)]

    async def take(self, connection: DatabaseConnection, root_ids: Sequence[int]) -> list[Row]:
        """Delete the unfolded rows of roots, and return them in the order of their ids: id, transaction, values."""
        return sorted(await connection.fetch(self._take, root_ids=root_ids))

    async def advance(self, connection: DatabaseConnection) -> None:
        """Move the mark: everything in the transaction's snapshot is folded, so queries can skip it.

        Older transactions have ended, and later ones have higher numbers.
        """
        await connection.execute(self._advance)
