"""How many numbers each organization holds, read off the counters."""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import add
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, select, union_all

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import InventoryRow, OrganizationRow, UtilizationRow, columns, table
from db.utilization.counters import OWN
from db.utilization.unfolded import UNFOLDED
from domain.search import NumberFilter
from domain.statuses import NumberStatus

_O = columns(OrganizationRow)


@lru_cache(maxsize=64)
def _statement(*, scopes: int, series: bool, statuses: tuple[NumberStatus, ...]) -> Statement:
    """The holders of most numbers; with `scopes` 0, among given organizations."""
    counted = columns(InventoryRow if series else UtilizationRow)

    def held(of: Any) -> Any:
        query = select(of.organization_id, reduce(add, (of[OWN[status]] for status in statuses)).label("held"))
        return query.where(among(of.series_id, ids("series_ids"))) if series else query

    every = union_all(held(counted), held(UNFOLDED.c)).subquery("every").c
    total = func.sum(every.held)
    query = select(_O.id, total).join(table(OrganizationRow), _O.id == every.organization_id)
    if scopes:
        query = query.where(scope.inside_any(_O.path, scopes))
    else:
        query = query.where(among(_O.id, ids("organization_ids")))
    query = query.group_by(_O.id, _O.name_folded).having(total > 0)
    return Statement(query.order_by(total.desc(), _O.name_folded, _O.id).limit(bindparam("limit", type_=BigInteger())))


async def largest_holders(
    connection: DatabaseConnection, filter_: NumberFilter, *, limit: int
) -> list[tuple[int, int]]:
    """The organizations that hold most of the numbers of a filter that the counters can answer, with their counts."""
    scopes = filter_.scopes or ()
    statement = _statement(
        scopes=scope.counted(scopes),
        series=filter_.series_ids is not None,
        statuses=tuple(NumberStatus) if filter_.statuses is None else filter_.statuses,
    )
    rows = await connection.fetch(
        statement,
        **scope.bounds_of_any(scopes),
        organization_ids=filter_.organization_ids,
        series_ids=filter_.series_ids,
        limit=limit,
    )
    return [(organization_id, int(count)) for organization_id, count in rows]
