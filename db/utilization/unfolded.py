"""Changes to counters that PostgreSQL has appended and not yet folded; see `db.core.appended`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Insert, Select, Subquery, bindparam, column, func, insert, literal, select
from sqlalchemy import table as light_table

from db.core.appended import KEY, Appended
from db.core.database import DatabaseConnection
from db.core.tables import CounterDeltaRow, table
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


APPENDED = Appended(CounterDeltaRow, Delta._fields, mark="xact")


def appending(changes: Select[Any]) -> Insert:
    """Insert inventory changes below the root in the parameter `counted_root`; their columns are those of the tuple."""
    names = [*KEY, "root_id", *InventoryChange._fields, *PENDING]
    rows = changes.subquery().c
    root = bindparam("counted_root", type_=Identifier)
    return insert(table(CounterDeltaRow)).from_select(names, select(*KEY.values(), root, *rows, literal(0), literal(0)))


async def append(connection: DatabaseConnection, deltas: Iterable[Delta], *, root_id: int) -> None:
    """Append changes below a root, in their order."""
    await APPENDED.append(connection, [delta._asdict() for delta in deltas], root_id=root_id)


async def take(connection: DatabaseConnection, root_ids: Sequence[int]) -> list[list[Delta]]:
    """Delete the unfolded changes of roots, and return those of each transaction, in the order of their first ones."""
    transactions: dict[int, list[Delta]] = {}
    for _, transaction, *values in await APPENDED.take(connection, root_ids):
        transactions.setdefault(transaction, []).append(Delta(*values))
    return list(transactions.values())
