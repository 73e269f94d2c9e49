"""Roll-ups of an organization and its sub-organizations: totals by UTC quarter hour and by local day.

Daily totals can be rebuilt from quarter-hour totals, so moving an organization or changing its time zone does not read
usage records again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import DailyTotalRow, OrganizationRow, QuarterHourTotalRow, columns, table
from db.core.types import Identifier
from domain.calendar import DAY_QUARTERS, local_day, offset_periods
from domain.scope import path_ids
from domain.usage import Metric

MANY_DELTAS = 500
"""More deltas are summed up on a thread."""

METRICS = tuple(Metric)
_Q, _D, _O = columns(QuarterHourTotalRow), columns(DailyTotalRow), columns(OrganizationRow)
_KEYS: dict[type[SQLModel], str] = {QuarterHourTotalRow: "quarter", DailyTotalRow: "day"}


class RollupDelta(NamedTuple):
    """What to add to one metric in one UTC quarter hour, at the organization with a path and its ancestors."""

    path: str
    metric: Metric
    quarter: int
    billable: int
    total: int


def _upsert(row: type[SQLModel], source: Any = None) -> Statement:
    names = ("organization_id", "figure", _KEYS[row], "billable", "total")
    # SQLite supports PostgreSQL's INSERT … ON CONFLICT, so one construct serves both.
    statement = insert(table(row))
    if source is None:
        statement = statement.values({name: bindparam(name, type_=columns(row)[name].type) for name in names})
    else:
        statement = statement.from_select(list(names), source)
    return Statement(
        statement.on_conflict_do_update(
            index_elements=list(names[:3]),
            set_={name: columns(row)[name] + statement.excluded[name] for name in names[3:]},
        )
    )


_ADD_QUARTERS, _ADD_DAYS = _upsert(QuarterHourTotalRow), _upsert(DailyTotalRow)


_ZONES = Statement(select(_O.id, _O.time_zone).where(among(_O.id, ids("ids"))))


async def time_zones(connection: DatabaseConnection, organization_ids: Sequence[int]) -> dict[int, str]:
    """The time zones of organizations; deleted ones are missing."""
    return dict(await connection.fetch(_ZONES, ids=organization_ids))


Merged = dict[tuple[str, Metric, int], list[int]]
"""Billable and total quantity by path, metric and quarter hour."""


async def merge(deltas: Iterable[RollupDelta]) -> Merged:
    """Sum up deltas."""
    every = list(deltas)
    return await asyncio.to_thread(_merge, every) if len(every) > MANY_DELTAS else _merge(every)


def _merge(deltas: Iterable[RollupDelta]) -> Merged:
    merged: Merged = defaultdict(lambda: [0, 0])
    for path, metric, quarter, billable, total in deltas:
        _add(merged[path, metric, quarter], billable, total)
    return merged


async def add(connection: DatabaseConnection, deltas: Iterable[RollupDelta]) -> None:
    """Add deltas to the totals of their organizations and all ancestors, except deleted ones.

    Rows are written in key order, so that concurrent transactions do not deadlock.
    """
    merged = await merge(deltas)
    if not merged:
        return
    affected = {path: path_ids(path) for path in {path for path, _, _ in merged}}
    zone_of = await time_zones(connection, sorted({id_ for path in affected.values() for id_ in path}))
    if len(merged) > MANY_DELTAS:
        quarters, days = await asyncio.to_thread(_sum_up, merged, affected, zone_of)
    else:
        quarters, days = _sum_up(merged, affected, zone_of)
    await connection.execute_many(_ADD_QUARTERS, quarters)
    await connection.execute_many(_ADD_DAYS, days)


def _sum_up(
    merged: Mapping[tuple[str, Metric, int], Sequence[int]],
    affected: Mapping[str, Sequence[int]],
    zone_of: Mapping[int, str],
) -> tuple[list[dict[str, int]], list[dict[str, int]]]:
    """What to add to the quarter-hour and the daily totals of the affected organizations of each path."""
    quarters: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0])
    days: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0])
    local_day_of = cache(local_day)
    for (path, metric, quarter), totals in merged.items():
        for organization_id in affected[path]:
            if organization_id in zone_of:
                _add(quarters[organization_id, metric, quarter], *totals)
                _add(days[organization_id, metric, local_day_of(zone_of[organization_id], quarter)], *totals)
    return list(_rows(quarters, "quarter")), list(_rows(days, "day"))


def _add(totals: list[int], billable: int, total: int) -> None:
    totals[0] += billable
    totals[1] += total


def _rows(totals: Mapping[tuple[int, int, int], Sequence[int]], period: str) -> Iterable[dict[str, int]]:
    names = ("organization_id", "figure", period, "billable", "total")
    for key in sorted(totals):
        if any(totals[key]):
            yield dict(zip(names, (*key, *totals[key]), strict=True))


_SOURCE, _TARGET = bindparam("source", type_=Identifier), bindparam("target", type_=Identifier)
_SIGN = bindparam("sign", type_=BigInteger())
_OFFSET = bindparam("offset", type_=Integer())
_day: Any = (_Q.quarter + _OFFSET) // DAY_QUARTERS
_QUARTER_RANGE = Statement(select(func.min(_Q.quarter), func.max(_Q.quarter)).where(_Q.organization_id == _SOURCE))
_TRANSFER_QUARTERS = _upsert(
    QuarterHourTotalRow,
    select(_TARGET, _Q.figure, _Q.quarter, _SIGN * _Q.billable, _SIGN * _Q.total).where(_Q.organization_id == _SOURCE),
)
_TRANSFER_DAYS = _upsert(
    DailyTotalRow,
    select(_TARGET, _Q.figure, _day, _SIGN * func.sum(_Q.billable), _SIGN * func.sum(_Q.total))
    .where(
        _Q.organization_id == _SOURCE,
        _Q.quarter >= bindparam("first", type_=Integer()),
        _Q.quarter < bindparam("end", type_=Integer()),
    )
    .group_by(_Q.figure, _day),
)
_DELETE_DAYS = Statement(delete(table(DailyTotalRow)).where(_D.organization_id == _TARGET))
_DELETE_EMPTY = tuple(
    Statement(delete(table(row)).where(columns(row).organization_id == _TARGET, columns(row).total == 0))
    for row in _KEYS
)


async def transfer(
    connection: DatabaseConnection, organization_id: int, *, away_from: Sequence[int], to: Sequence[int]
) -> None:
    """Subtract an organization's totals from those of some organizations and add them to those of others."""
    zone_of = await time_zones(connection, [*away_from, *to])
    for sign, others in ((-1, away_from), (1, to)):
        for other in others:
            await connection.execute(_TRANSFER_QUARTERS, source=organization_id, target=other, sign=sign)
            await _transfer_days(connection, organization_id, other, sign=sign, zone=zone_of[other])
    for other in away_from:
        for statement in _DELETE_EMPTY:
            await connection.execute(statement, target=other)


async def rebuild_daily_totals(connection: DatabaseConnection, organization_id: int, *, zone: str) -> None:
    """Rebuild an organization's daily totals from its quarter-hour totals in a time zone."""
    await connection.execute(_DELETE_DAYS, target=organization_id)
    await _transfer_days(connection, organization_id, organization_id, sign=1, zone=zone)


async def _transfer_days(connection: DatabaseConnection, source: int, target: int, *, sign: int, zone: str) -> None:
    row = await connection.fetch_one(_QUARTER_RANGE, source=source)
    if row is None or row[0] is None:
        return
    for period in offset_periods(zone, row[0], row[1]):
        await connection.execute(
            _TRANSFER_DAYS,
            source=source,
            target=target,
            sign=sign,
            offset=period.offset,
            first=period.first,
            end=period.end,
        )
