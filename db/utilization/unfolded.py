"""Changes to counters that PostgreSQL has appended and not yet folded, that is, not yet added to the counters.

Appending locks no counter, so transactions do not wait for each other. Every query of counters adds the unfolded
changes in the same statement, so that its result is exact in every snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Insert,
    Select,
    Subquery,
    Text,
    bindparam,
    case,
    cast,
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy import table as light_table

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import CounterDeltaRow, FoldingRow, columns, table
from db.core.types import Identifier
from db.utilization.counters import EVERY
from domain.utilization import InventoryChange

PENDING = ("pending_invitations", "pending_without_number")
UNFOLDED = light_table(
    "unfolded_counters",
    *(column(name, Identifier) for name in ("organization_id", "series_id", *EVERY, *PENDING)),
)
"""The unfolded changes of each holder and its ancestors; always empty on SQLite."""

_U = UNFOLDED.c
_D, _F = columns(CounterDeltaRow), columns(FoldingRow)


def sums(*keys: Any, where: Sequence[Any] = ()) -> Subquery:
    """Return the unfolded changes summed by key, as a subquery to join to the counters."""
    added = (func.sum(_U[name]).label(name) for name in (*EVERY, *PENDING))
    query: Select[Any] = select(*keys, *added).where(*where).group_by(*keys)
    return query.subquery("unfolded")


class Delta(NamedTuple):
    """An appended change: numbers that changed holder or status, pending invitations, or a threshold."""

    series_id: int | None = None
    organization_before: int | None = None
    organization_after: int | None = None
    status_before: int | None = None
    status_after: int | None = None
    count: int | None = None  # type: ignore[assignment]  # hides tuple.count
    organization_id: int | None = None
    pending_invitations: int = 0
    pending_without_number: int = 0
    threshold_before: int | None = None
    threshold_after: int | None = None

    @property
    def inventory_change(self) -> InventoryChange | None:
        """The change of numbers, if it is one."""
        if self.series_id is None or self.count is None:
            return None
        return InventoryChange(
            self.series_id,
            self.organization_before,
            self.organization_after,
            self.status_before,
            self.status_after,
            self.count,
        )


def _number(transaction: Any) -> Any:
    return cast(cast(transaction, Text), BigInteger)


# The id is drawn when the row is inserted, after the locks on its numbers.
_KEY = {"xact": _number(func.pg_current_xact_id()), "id": func.nextval(literal_column("'counter_delta_ids'"))}
_ROOT = bindparam("root_id", type_=Identifier)
_APPEND = Statement(
    insert(table(CounterDeltaRow)).values(
        **_KEY, root_id=_ROOT, **{name: bindparam(name, type_=_D[name].type) for name in Delta._fields}
    )
)


def appending(changes: Select[Any]) -> Insert:
    """Insert inventory changes below the root in the parameter `counted_root`; their columns are those of the tuple."""
    names = [*_KEY, "root_id", *InventoryChange._fields, *PENDING]
    rows = changes.subquery().c
    root = bindparam("counted_root", type_=Identifier)
    return insert(table(CounterDeltaRow)).from_select(
        names, select(*_KEY.values(), root, *rows, literal(0), literal(0))
    )


async def append(connection: DatabaseConnection, deltas: Iterable[Delta], *, root_id: int) -> None:
    """Append changes below a root, in their order."""
    await connection.execute_many(_APPEND, [{"root_id": root_id, **delta._asdict()} for delta in deltas])


_snapshot: Any = func.pg_current_snapshot()
# In a restored copy of the database, the transactions may have lower numbers.
_folded_until = select(case((_F.xact <= _number(func.pg_snapshot_xmax(_snapshot)), _F.xact), else_=0))
_since = _D.xact >= _folded_until.scalar_subquery()
_PENDING_ROOTS = Statement(select(_D.root_id).where(_since).distinct().order_by(_D.root_id))
_TAKE = Statement(
    delete(table(CounterDeltaRow))
    .where(_since, among(_D.root_id, ids("root_ids")))
    .returning(_D.id, _D.xact, *(_D[name] for name in Delta._fields))
)
_ADVANCE = Statement(update(table(FoldingRow)).values(xact=_number(func.pg_snapshot_xmin(_snapshot))))


_FORGET_FOREIGN_MARK = Statement(
    update(table(FoldingRow)).where(_F.xact > _number(func.pg_snapshot_xmax(_snapshot))).values(xact=0)
)


async def forget_foreign_mark(connection: DatabaseConnection) -> None:
    """Reset the mark if it is from another database server, as in a restored copy."""
    await connection.execute(_FORGET_FOREIGN_MARK)


async def pending_roots(connection: DatabaseConnection) -> list[int]:
    """Return the roots that have unfolded changes."""
    return [row[0] for row in await connection.fetch(_PENDING_ROOTS)]


async def take(connection: DatabaseConnection, root_ids: Sequence[int]) -> list[list[Delta]]:
    """Delete the unfolded changes of roots, and return those of each transaction, in the order of their first ones."""
    transactions: dict[int, list[Delta]] = {}
    for _, transaction, *values in sorted(await connection.fetch(_TAKE, root_ids=root_ids)):
        transactions.setdefault(transaction, []).append(Delta(*values))
    return list(transactions.values())


async def advance(connection: DatabaseConnection) -> None:
    """Move the mark: everything in the transaction's snapshot is folded, so queries can skip it.

    Older transactions have ended, and later ones have higher numbers. Deleted rows, which an old snapshot may keep
    alive for minutes, are then not even looked at.
    """
    await connection.execute(_ADVANCE)
