"""What changes add to the counters of numbers by organization, series and status."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import InventoryRow, UtilizationRow, columns, table
from db.utilization.deltas import UtilizationDeltas
from domain.alerts import is_assignment
from domain.scope import ancestor_ids
from domain.utilization import InventoryChange

OWN = ("available", "reserved", "assigned", "registered")
BELOW = tuple(f"below_{name}" for name in OWN)
"""The counter columns, held by the organization itself and below it, each in the order of NumberStatus."""


EVERY = (*OWN, *BELOW)
_T, _I = columns(UtilizationRow), columns(InventoryRow)


def _add(row: type[SQLModel], *keys: str) -> Statement:
    # SQLite has the same INSERT … ON CONFLICT as PostgreSQL.
    values: dict[str, Any] = {key: bindparam(key, type_=BigInteger()) for key in keys}
    values |= {name: bindparam(name, type_=Integer()) for name in EVERY}
    if row is UtilizationRow:
        values |= {"pending_invitations": 0, "pending_without_number": 0}
    statement = insert(table(row)).values(values)
    sums = {name: columns(row)[name] + statement.excluded[name] for name in EVERY}
    return Statement(statement.on_conflict_do_update(index_elements=list(keys), set_=sums))


_ADD_UTILIZATION = _add(UtilizationRow, "organization_id")
_ADD_INVENTORY = _add(InventoryRow, "organization_id", "series_id")


Growth = Mapping[tuple[int, int], Sequence[int]]
"""What to add to the counters by organization and series, in the order of the counter columns."""


def growth(
    inventory_changes: Iterable[InventoryChange], *, paths: Mapping[int, str], deltas: UtilizationDeltas
) -> Growth:
    """Return what changes add to the counters of the holders and of all organizations above them; record the deltas.

    `paths` has the path of every holder.
    """
    inventory: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * len(EVERY))
    for change in inventory_changes:
        if change.organization_after and is_assignment(change.status_before, change.status_after):
            deltas.assigned[change.organization_after] += change.count
        for holder, status, count in (
            (change.organization_before, change.status_before, -change.count),
            (change.organization_after, change.status_after, change.count),
        ):
            if holder is None or status is None:
                continue
            inventory[holder, change.series_id][status] += count
            for ancestor in ancestor_ids(paths[holder]):
                inventory[ancestor, change.series_id][len(OWN) + status] += count
    return _recorded(inventory, deltas)


def _recorded(inventory: Growth, deltas: UtilizationDeltas) -> Growth:
    """Record what counters grow by in the deltas of a transaction, and leave out what does not grow."""
    grown = {key: added for key, added in inventory.items() if any(added)}
    for (organization_id, _), added in grown.items():
        deltas.add(organization_id, added)
    return grown


async def add(connection: DatabaseConnection, *growths: Growth) -> None:
    """Add to the counters.

    Rows are written in the order of their keys, so that two transactions never deadlock on the same counters.
    """
    inventory: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0] * len(EVERY))
    totals: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0] * len(EVERY))
    for (organization_id, series_id), added in (item for grown in growths for item in grown.items()):
        for index, delta in enumerate(added):
            inventory[organization_id, series_id][index] += delta
            totals[(organization_id,)][index] += delta
    await connection.execute_many(_ADD_UTILIZATION, _rows(("organization_id",), totals))
    await connection.execute_many(_ADD_INVENTORY, _rows(("organization_id", "series_id"), inventory))


def _rows(keys: tuple[str, ...], deltas: Mapping[tuple[int, ...], Sequence[int]]) -> Iterable[dict[str, int]]:
    for key in sorted(deltas):
        if any(deltas[key]):
            yield dict(zip(keys, key, strict=True)) | dict(zip(EVERY, deltas[key], strict=True))


_ADD_PENDING = Statement(
    update(table(UtilizationRow))
    .where(_T.organization_id == bindparam("id", type_=BigInteger()))
    .values(
        pending_invitations=_T.pending_invitations + bindparam("invited", type_=Integer()),
        pending_without_number=_T.pending_without_number + bindparam("waiting", type_=Integer()),
    )
)


async def add_pending(connection: DatabaseConnection, deltas: Mapping[int, tuple[int, int]]) -> None:
    """Add to each organization's counts of pending invitations, and of those without a number."""
    rows = [{"id": id_, "invited": invited, "waiting": waiting} for id_, (invited, waiting) in sorted(deltas.items())]
    await connection.execute_many(_ADD_PENDING, rows)


_SUBTREE = Statement(
    select(_I.series_id, *(_I[name] for name in EVERY)).where(_I.organization_id == bindparam("id", type_=BigInteger()))
)


async def subtree(connection: DatabaseConnection, organization_id: int) -> dict[int, list[int]]:
    """How many numbers an organization and all below it hold, by series and status."""
    half = len(OWN)
    return {
        series_id: [own + below for own, below in zip(counts[:half], counts[half:], strict=True)]
        for series_id, *counts in await connection.fetch(_SUBTREE, id=organization_id)
    }


def shift(
    held: Mapping[int, Sequence[int]], *, away_from: Iterable[int], to: Iterable[int], deltas: UtilizationDeltas
) -> Growth:
    """Return what the counts below some organizations lose and below others gain with a subtree; record the deltas."""
    inventory: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * len(EVERY))
    for sign, organizations in ((-1, away_from), (1, to)):
        for organization in organizations:
            for series_id, counts in held.items():
                for status, count in enumerate(counts):
                    inventory[organization, series_id][len(OWN) + status] += sign * count
    return _recorded(inventory, deltas)
