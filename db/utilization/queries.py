"""Counters of numbers by organization, series and status: read instead of counting, exact in every snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from operator import add
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, SmallInteger, bindparam, cast, func, literal, null, select, union_all

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import InventoryRow, OrganizationRow, SeriesRow, UtilizationRow, columns, table
from db.utilization import unfolded
from db.utilization.counters import BELOW, EVERY, OWN
from db.utilization.unfolded import PENDING, UNFOLDED
from domain.search import NumberFilter

_T, _I, _U = columns(UtilizationRow), columns(InventoryRow), UNFOLDED.c
_O, _S = columns(OrganizationRow), columns(SeriesRow)


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


_unfolded = unfolded.sums(_U.organization_id)


def _current(name: str) -> Any:
    return _T[name] + func.coalesce(_unfolded.c[name], 0)


_allocated_now: Any = sum(map(_current, BELOW[1:]), _current(BELOW[0]))
COUNTS = (*map(_current, OWN), _allocated_now.label("allocated"))
"""The counts of an organization by status and below it, for statements that are `with_counters`."""

COLUMNS = (
    _T.organization_id,
    *COUNTS,
    *map(_current, PENDING),
    _O.threshold_percent,
)
"""The columns of `Counters`, for statements that are `with_counters`; the threshold is the organization's."""


def with_counters(query: Select[Any]) -> Select[Any]:
    """Join the counters of the organizations that a query selects."""
    return query.join(table(UtilizationRow), _T.organization_id == _O.id).outerjoin(
        _unfolded, _unfolded.c.organization_id == _T.organization_id
    )


HELD: Any = sum(map(_current, OWN[1:]), _current(OWN[0]))
"""How many numbers an organization holds itself, for statements that are `with_counters`."""


def _rows(of: Any, threshold: Any) -> Select[Any]:
    below: Any = sum((of[name] for name in BELOW[1:]), of[BELOW[0]])
    counts = [*(of[name] for name in OWN), below, *(of[name] for name in PENDING)]
    return select(of.organization_id, *counts, threshold).where(among(of.organization_id, ids("ids")))


_folded = _rows(_T, _O.threshold_percent).join(table(OrganizationRow), _O.id == _T.organization_id)
_FOLDED = Statement(_folded)
_UTILIZATION = Statement(union_all(_folded, _rows(_U, cast(null(), SmallInteger()))))
_every_inventory = union_all(
    *(
        select(of.organization_id, of.series_id, *(of[name] for name in EVERY)).where(
            among(of.organization_id, ids("ids"))
        )
        for of in (_I, _U)
    )
).subquery("inventory")
_V = _every_inventory.c
_sums = {name: func.sum(_V[name]) for name in EVERY}
_allocated: Any = sum((_sums[name] for name in BELOW[1:]), _sums[BELOW[0]])
_INVENTORY = Statement(
    select(_V.organization_id, _V.series_id, *(_sums[name] for name in OWN), _allocated)
    .join(table(SeriesRow), _S.id == _V.series_id)
    .group_by(_V.organization_id, _V.series_id, _S.name_folded, _S.id)
    .having(sum(_sums.values(), literal(0)) != 0)
    .order_by(_V.organization_id, _S.name_folded, _S.id)
)


async def utilization(connection: DatabaseConnection, organization_ids: Sequence[int]) -> dict[int, Counters]:
    """The counters of each organization."""
    rows = await connection.fetch(_UTILIZATION, ids=organization_ids)
    found = {row[0]: Counters(*row) for row in rows if row[-1] is not None}
    # Added up here: in SQL, each organization would be compared with each that has something unfolded.
    for organization_id, *added, _ in (row for row in rows if row[-1] is None):
        if organization_id in found:
            counters = found[organization_id]
            sums = map(add, counters[1:-1], added)
            found[organization_id] = Counters._make((organization_id, *sums, counters.threshold_percent))
    return found


async def folded(connection: DatabaseConnection, organization_ids: Sequence[int]) -> dict[int, Counters]:
    """The counters of each organization without what is unfolded."""
    return {row[0]: Counters(*row) for row in await connection.fetch(_FOLDED, ids=organization_ids)}


async def inventory(connection: DatabaseConnection, organization_ids: Sequence[int]) -> dict[int, list[SeriesCounters]]:
    """The counters of each organization by series, in the order of the series' names, without series that have none."""
    by_organization: dict[int, list[SeriesCounters]] = defaultdict(list)
    for row in await connection.fetch(_INVENTORY, ids=organization_ids):
        by_organization[row[0]].append(SeriesCounters(*row))
    return by_organization


_AVAILABLE = Statement(
    select(
        sum(
            (
                func.coalesce(
                    select(func.sum(of.available))
                    .where(
                        of.organization_id == bindparam("organization_id", type_=BigInteger()),
                        of.series_id == bindparam("series_id", type_=BigInteger()),
                    )
                    .scalar_subquery(),
                    0,
                )
                for of in (_I, _U)
            ),
            literal(0),
        )
    )
)


async def available(connection: DatabaseConnection, *, organization_id: int, series_id: int) -> int:
    """How many available numbers of a series an organization holds."""
    return int(await connection.value(_AVAILABLE, organization_id=organization_id, series_id=series_id))


class SeriesStatusCounts(NamedTuple):
    """How many numbers of a series there are in each status, in the order of NumberStatus."""

    series_id: int
    counts: tuple[int, int, int, int]


@lru_cache(maxsize=64)
def _by_series(*, scopes: bool, organizations: bool, series: bool) -> Statement:
    """Sums by series over organizations; with `scopes`, each includes all below it."""

    def held(of: Any) -> Select[Any]:
        query: Select[Any] = select(
            of.series_id,
            *((of[own] + of[below] if scopes else of[own]).label(own) for own, below in zip(OWN, BELOW, strict=True)),
        )
        if scopes or organizations:
            query = query.where(among(of.organization_id, ids("organization_ids")))
        return query.where(among(of.series_id, ids("series_ids"))) if series else query

    every = union_all(held(_I), held(_U)).subquery("held").c
    return Statement(select(every.series_id, *(func.sum(every[name]) for name in OWN)).group_by(every.series_id))


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
