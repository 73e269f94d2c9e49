"""The daily totals of organizations, and their totals over all days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Integer, Text, bindparam, cast, func, null, select, union_all

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import DailyTotalRow, columns
from db.usage.rollups import METRICS
from db.usage.unfolded import UNFOLDED_TOTALS
from domain.calendar import local_day
from domain.usage import Metric


class UsageTotals(NamedTuple):
    """Billable and total quantity. They are equal for metrics without a price."""

    billable: int
    total: int

    def plus(self, billable: int, total: int) -> UsageTotals:
        """Return the sums."""
        return UsageTotals(self.billable + billable, self.total + total)


NO_USAGE = UsageTotals(0, 0)
_D, _U = columns(DailyTotalRow), UNFOLDED_TOTALS.c
_IDS = ids("ids")
_DAYS = Statement(
    union_all(
        select(_D.organization_id, _D.figure, _D.day, cast(null(), Text), _D.billable, _D.total).where(
            among(_D.organization_id, _IDS), _D.day >= bindparam("first", type_=Integer())
        ),
        select(_U.organization_id, _U.figure, _U.quarter, _U.time_zone, _U.billable, _U.total).where(
            among(_U.organization_id, _IDS)
        ),
    )
)
_every = union_all(
    *(
        select(of.organization_id, of.figure, of.billable, of.total).where(among(of.organization_id, _IDS))
        for of in (_D, _U)
    )
).subquery("every")
_ALL_TIME = Statement(
    select(_every.c.organization_id, _every.c.figure, func.sum(_every.c.billable), func.sum(_every.c.total)).group_by(
        _every.c.organization_id, _every.c.figure
    )
)
DailyTotals = dict[Metric, dict[int, UsageTotals]]


async def daily_totals(
    connection: DatabaseConnection, organization_ids: Sequence[int], *, first: int
) -> dict[int, DailyTotals]:
    """The daily totals of organizations by metric, from a first day on; days without totals are missing."""
    found: dict[int, DailyTotals] = {id_: {metric: {} for metric in METRICS} for id_ in organization_ids}
    for id_, metric, day_or_quarter, zone, *amounts in await connection.fetch(_DAYS, ids=organization_ids, first=first):
        day = day_or_quarter if zone is None else local_day(zone, day_or_quarter)
        if day >= first:
            days = found[id_][METRICS[metric]]
            days[day] = days.get(day, NO_USAGE).plus(*amounts)
    return found


async def all_time(
    connection: DatabaseConnection, organization_ids: Sequence[int]
) -> dict[int, dict[Metric, UsageTotals]]:
    """The totals of organizations by metric over all days."""
    found = {id_: dict.fromkeys(METRICS, NO_USAGE) for id_ in organization_ids}
    for id_, metric, billable, total in await connection.fetch(_ALL_TIME, ids=organization_ids):
        found[id_][METRICS[metric]] = UsageTotals(int(billable), int(total))
    return found
