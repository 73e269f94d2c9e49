"""Counters of numbers by organization, series and status: read instead of counting, updated with every change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import InventoryRow, OrganizationRow, SeriesRow, UtilizationRow, columns, table
from db.utilization.deltas import UtilizationDeltas
from domain.alerts import is_assignment
from domain.scope import ancestor_ids
from domain.search import NumberFilter
from domain.utilization import InventoryChange

OWN = ("available", "reserved", "assigned", "registered")
BELOW = tuple(f"below_{name}" for name in OWN)
"""The counter columns, held by the organization itself and below it, each in the order of NumberStatus."""


class Counters(NamedTuple):
    """An organization's counters, with its pending users."""

    organization_id: int
    available: int
    reserved: int
    assigned: int
    registered: int
    allocated: int
    pending_invitations: int
    pending_without_number: int
    threshold_percent: int


class SeriesCounters(NamedTuple):
    """An organization's counters in one series."""

    organization_id: int
    series_id: int
    available: int
    reserved: int
    assigned: int
    registered: int
    allocated: int


_EVERY = (*OWN, *BELOW)
_T, _I = columns(UtilizationRow), columns(InventoryRow)
_O, _S = columns(OrganizationRow), columns(SeriesRow)


def _add(row: type[SQLModel], *keys: str) -> Statement:
    # SQLite has the same INSERT … ON CONFLICT as PostgreSQL.
    values: dict[str, Any] = {key: bindparam(key, type_=BigInteger()) for key in keys}
    values |= {name: bindparam(name, type_=Integer()) for name in _EVERY}
    if row is UtilizationRow:
        values |= {"pending_invitations": 0, "pending_without_number": 0}
    statement = insert(table(row)).values(values)
    sums = {name: columns(row)[name] + statement.excluded[name] for name in _EVERY}
    return Statement(statement.on_conflict_do_update(index_elements=list(keys), set_=sums))


_ADD_UTILIZATION = _add(UtilizationRow, "organization_id")
_ADD_INVENTORY = _add(InventoryRow, "organization_id", "series_id")


async def apply(
    connection: DatabaseConnection,
    inventory_changes: Iterable[InventoryChange],
    *,
    paths: Mapping[int, str],
    deltas: UtilizationDeltas,
) -> None:
    """Update the counters of the holders and of all organizations above them, and record the deltas.

    `paths` has the path of every holder. Rows are written in the order of their keys, so that two transactions never
    deadlock on the same counters.
    """
    inventory: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0] * len(_EVERY))
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
    await add(connection, inventory, deltas=deltas)


async def add(
    connection: DatabaseConnection, inventory: Mapping[tuple[int, ...], Sequence[int]], *, deltas: UtilizationDeltas
) -> None:
    """Add deltas by organization and series, each in the order of the counter columns."""
    changed = {key: added for key, added in inventory.items() if any(added)}
    if not changed:
        return
    totals: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0] * len(_EVERY))
    for (organization_id, _), added in changed.items():
        total = totals[(organization_id,)]
        for index, delta in enumerate(added):
            total[index] += delta
        deltas.add(organization_id, added)
    await connection.execute_many(_ADD_UTILIZATION, _rows(("organization_id",), totals))
    await connection.execute_many(_ADD_INVENTORY, _rows(("organization_id", "series_id"), changed))


def _rows(keys: tuple[str, ...], deltas: Mapping[tuple[int, ...], Sequence[int]]) -> Iterable[dict[str, int]]:
    for key in sorted(deltas):
        yield dict(zip(keys, key, strict=True)) | dict(zip(_EVERY, deltas[key], strict=True))


_LOCK = Statement(
    select(_T.organization_id).where(_T.organization_id == bindparam("id", type_=BigInteger())).with_for_update()
)


async def lock(connection: DatabaseConnection, organization_id: int) -> None:
    """Keep an organization's counters as they are until the transaction ends."""
    await connection.fetch(_LOCK, id=organization_id)


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
    select(_I.series_id, *(_I[name] for name in _EVERY)).where(
        _I.organization_id == bindparam("id", type_=BigInteger())
    )
)


async def subtree(connection: DatabaseConnection, organization_id: int) -> dict[int, list[int]]:
    """How many numbers an organization and all below it hold, by series and status."""
    half = len(OWN)
    return {
        series_id: [own + below for own, below in zip(counts[:half], counts[half:], strict=True)]
        for series_id, *counts in await connection.fetch(_SUBTREE, id=organization_id)
    }


async def shift(
    connection: DatabaseConnection,
    held: Mapping[int, Sequence[int]],
    *,
    away_from: Iterable[int],
    to: Iterable[int],
    deltas: UtilizationDeltas,
) -> None:
    """Subtract the numbers of a subtree from the counts below some organizations, and add them below others."""
    inventory: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0] * len(_EVERY))
    for sign, organizations in ((-1, away_from), (1, to)):
        for organization in organizations:
            for series_id, counts in held.items():
                for status, count in enumerate(counts):
                    inventory[organization, series_id][len(OWN) + status] += sign * count
    await add(connection, inventory, deltas=deltas)


def _columns(row: type[SQLModel], *names: str) -> list[ColumnElement[Any]]:
    of = columns(row)
    allocated: ColumnElement[Any] = of[BELOW[0]]
    for name in BELOW[1:]:
        allocated = allocated + of[name]
    return [*(of[name] for name in (*names, *OWN)), allocated.label("allocated")]


COLUMNS = (
    *_columns(UtilizationRow, "organization_id"),
    _T.pending_invitations,
    _T.pending_without_number,
    _O.threshold_percent,
)
"""The columns of `Counters`; the threshold is the organization's."""

_UTILIZATION = Statement(
    select(*COLUMNS)
    .join(table(OrganizationRow), _O.id == _T.organization_id)
    .where(among(_T.organization_id, ids("ids")))
)
_INVENTORY = Statement(
    select(*_columns(InventoryRow, "organization_id", "series_id"))
    .join(table(SeriesRow), _S.id == _I.series_id)
    .where(
        among(_I.organization_id, ids("ids")),
        or_(*(_I[name] != 0 for name in _EVERY)),
    )
    .order_by(_I.organization_id, _S.name_folded, _S.id)
)


async def utilization(connection: DatabaseConnection, organization_ids: Sequence[int]) -> dict[int, Counters]:
    """The counters of each organization."""
    rows = await connection.fetch(_UTILIZATION, ids=organization_ids)
    return {row[0]: Counters(*row) for row in rows}


async def inventory(connection: DatabaseConnection, organization_ids: Sequence[int]) -> dict[int, list[SeriesCounters]]:
    """The counters of each organization by series, in the order of the series' names, without series that have none."""
    by_organization: dict[int, list[SeriesCounters]] = defaultdict(list)
    for row in await connection.fetch(_INVENTORY, ids=organization_ids):
        by_organization[row[0]].append(SeriesCounters(*row))
    return by_organization


_AVAILABLE = Statement(
    select(_I.available).where(
        _I.organization_id == bindparam("organization_id", type_=BigInteger()),
        _I.series_id == bindparam("series_id", type_=BigInteger()),
    )
)


async def available(connection: DatabaseConnection, *, organization_id: int, series_id: int) -> int:
    """How many available numbers of a series an organization holds."""
    row = await connection.fetch_one(_AVAILABLE, organization_id=organization_id, series_id=series_id)
    return row[0] if row else 0


class SeriesStatusCounts(NamedTuple):
    """How many numbers of a series there are in each status, in the order of NumberStatus."""

    series_id: int
    counts: tuple[int, int, int, int]


@lru_cache(maxsize=64)
def _by_series(*, scopes: bool, organizations: bool, series: bool) -> Statement:
    """Sums by series over organizations; with `scopes`, each includes all below it."""
    own = [_I[name] for name in OWN]
    wide = [_I[name] + _I[below] for name, below in zip(OWN, BELOW, strict=True)]
    sums = [func.sum(held) for held in (wide if scopes else own)]
    query: Select[*tuple[Any, ...]] = select(_I.series_id, *sums).group_by(_I.series_id)
    if scopes or organizations:
        query = query.where(among(_I.organization_id, ids("organization_ids")))
    if series:
        query = query.where(among(_I.series_id, ids("series_ids")))
    return Statement(query)


async def by_series(connection: DatabaseConnection, filter_: NumberFilter) -> list[SeriesStatusCounts]:
    """Counts by series and status of a filter that the counters can answer, zeros included."""
    if filter_.nothing:
        return []
    wide = filter_.organization_ids is None
    if wide and filter_.scopes is None:
        raise ValueError("a counted filter has a scope")
    holders = [int(path.split("/")[-2]) for path in filter_.scopes or ()] if wide else filter_.organization_ids
    statement = _by_series(scopes=wide, organizations=not wide, series=filter_.series_ids is not None)
    rows = await connection.fetch(statement, organization_ids=holders, series_ids=filter_.series_ids)
    wanted = filter_.statuses
    return [
        SeriesStatusCounts(
            series_id,
            tuple(int(n) if wanted is None or s in wanted else 0 for s, n in enumerate(counts)),  # type: ignore[arg-type]
        )
        for series_id, *counts in rows
    ]
