"""The roll-ups: what is summed up by UTC quarter hour and by local day, of an organization and everything below it.

A day is told from the quarter hours of its organization, so one that is hung elsewhere in the tree, or whose time
zone changes, needs no record to be read again.
"""

from __future__ import annotations

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

METRICS = tuple(Metric)
_Q, _D, _O = columns(QuarterHourTotalRow), columns(DailyTotalRow), columns(OrganizationRow)
_KEYS: dict[type[SQLModel], str] = {QuarterHourTotalRow: "quarter", DailyTotalRow: "day"}


class UsageTotals(NamedTuple):
    """Quantities: those that are billable, and all. Of what has no price they are the same."""

    billable: int
    total: int


NO_USAGE = UsageTotals(0, 0)


class RollupDelta(NamedTuple):
    """What came together of one figure in one UTC quarter hour, at the organization of a path."""

    path: str
    figure: Metric
    quarter: int
    billable: int
    total: int


def _adding(row: type[SQLModel], source: Any = None) -> Statement:
    names = ("organization_id", "figure", _KEYS[row], "billable", "total")
    # PostgreSQL's INSERT … ON CONFLICT is SQLite's too, so one construct serves both.
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


_ADD_QUARTERS, _ADD_DAYS = _adding(QuarterHourTotalRow), _adding(DailyTotalRow)


_ZONES = Statement(select(_O.id, _O.time_zone).where(among(_O.id, ids("ids"))))


async def time_zones(connection: DatabaseConnection, organization_ids: Sequence[int]) -> dict[int, str]:
    """The time zones of those organizations that are there."""
    return dict(await connection.fetch(_ZONES, ids=organization_ids))


async def add(connection: DatabaseConnection, counted: Iterable[RollupDelta]) -> None:
    """Add what came together to the sums of its organization and of all above it that are there.

    Rows are written in the order of their keys, so that two transactions that meet on the same ones wait for each
    other instead of ending in a deadlock.
    """
    merged: dict[tuple[str, Metric, int], list[int]] = defaultdict(lambda: [0, 0])
    for path, figure, quarter, billable, total in counted:
        _add(merged[path, figure, quarter], billable, total)
    if not merged:
        return
    affected = {path: path_ids(path) for path, _, _ in merged}
    zone_of = await time_zones(connection, sorted({id_ for path in affected.values() for id_ in path}))
    quarters: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0])
    days: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0])
    day_in = cache(local_day)
    for (path, figure, quarter), sums in merged.items():
        for organization_id in affected[path]:
            if organization_id in zone_of:
                _add(quarters[organization_id, figure, quarter], *sums)
                _add(days[organization_id, figure, day_in(zone_of[organization_id], quarter)], *sums)
    await connection.execute_many(_ADD_QUARTERS, _rows(quarters, "quarter"))
    await connection.execute_many(_ADD_DAYS, _rows(days, "day"))


def _add(sums: list[int], billable: int, total: int) -> None:
    sums[0] += billable
    sums[1] += total


def _rows(sums: Mapping[tuple[int, int, int], Sequence[int]], period: str) -> Iterable[dict[str, int]]:
    names = ("organization_id", "figure", period, "billable", "total")
    for key in sorted(sums):
        if any(sums[key]):
            yield dict(zip(names, (*key, *sums[key]), strict=True))


_FROM, _TO = bindparam("source", type_=Identifier), bindparam("target", type_=Identifier)
_SIGN = bindparam("sign", type_=BigInteger())
_OFFSET = bindparam("offset", type_=Integer())
_day: Any = (_Q.quarter + _OFFSET) // DAY_QUARTERS
_SPAN = Statement(select(func.min(_Q.quarter), func.max(_Q.quarter)).where(_Q.organization_id == _FROM))
_CARRY_QUARTERS = _adding(
    QuarterHourTotalRow,
    select(_TO, _Q.figure, _Q.quarter, _SIGN * _Q.billable, _SIGN * _Q.total).where(_Q.organization_id == _FROM),
)
_CARRY_DAYS = _adding(
    DailyTotalRow,
    select(_TO, _Q.figure, _day, _SIGN * func.sum(_Q.billable), _SIGN * func.sum(_Q.total))
    .where(
        _Q.organization_id == _FROM,
        _Q.quarter >= bindparam("first", type_=Integer()),
        _Q.quarter < bindparam("end", type_=Integer()),
    )
    .group_by(_Q.figure, _day),
)
_FORGET_DAYS = Statement(delete(table(DailyTotalRow)).where(_D.organization_id == _TO))
_DROP_EMPTY = tuple(
    Statement(delete(table(row)).where(columns(row).organization_id == _TO, columns(row).total == 0)) for row in _KEYS
)


async def transfer(
    connection: DatabaseConnection, organization_id: int, *, away_from: Sequence[int], to: Sequence[int]
) -> None:
    """Take the sums of an organization away from those of some others, and add them to those of others."""
    zone_of = await time_zones(connection, [*away_from, *to])
    for sign, others in ((-1, away_from), (1, to)):
        for other in others:
            await connection.execute(_CARRY_QUARTERS, source=organization_id, target=other, sign=sign)
            await _carry_days(connection, organization_id, other, sign=sign, zone=zone_of[other])
    for other in away_from:
        for statement in _DROP_EMPTY:
            await connection.execute(statement, target=other)


async def rebuild_daily_totals(connection: DatabaseConnection, organization_id: int, *, zone: str) -> None:
    """Tell the days of an organization from its quarter hours, as they fall in a zone."""
    await connection.execute(_FORGET_DAYS, target=organization_id)
    await _carry_days(connection, organization_id, organization_id, sign=1, zone=zone)


async def _carry_days(connection: DatabaseConnection, source: int, target: int, *, sign: int, zone: str) -> None:
    row = await connection.fetch_one(_SPAN, source=source)
    if row is None or row[0] is None:
        return
    for period in offset_periods(zone, row[0], row[1]):
        await connection.execute(
            _CARRY_DAYS,
            source=source,
            target=target,
            sign=sign,
            offset=period.offset,
            first=period.first,
            end=period.end,
        )


_DAYS = Statement(
    select(_D.organization_id, _D.figure, _D.day, _D.billable, _D.total).where(
        among(_D.organization_id, ids("ids")), _D.day >= bindparam("first", type_=Integer())
    )
)
_ALL_TIME = Statement(
    select(_D.organization_id, _D.figure, func.sum(_D.billable), func.sum(_D.total))
    .where(among(_D.organization_id, ids("ids")))
    .group_by(_D.organization_id, _D.figure)
)
DailyTotals = dict[Metric, dict[int, UsageTotals]]


async def daily_totals(
    connection: DatabaseConnection, organization_ids: Sequence[int], *, first: int
) -> dict[int, DailyTotals]:
    """The sums of organizations by figure and day, from a day on; days without any are missing."""
    found: dict[int, DailyTotals] = {id_: {figure: {} for figure in METRICS} for id_ in organization_ids}
    for id_, figure, day, billable, total in await connection.fetch(_DAYS, ids=organization_ids, first=first):
        found[id_][METRICS[figure]][day] = UsageTotals(billable, total)
    return found


async def all_time(
    connection: DatabaseConnection, organization_ids: Sequence[int]
) -> dict[int, dict[Metric, UsageTotals]]:
    """The sums of organizations by figure, over all days."""
    found = {id_: dict.fromkeys(METRICS, NO_USAGE) for id_ in organization_ids}
    for id_, figure, billable, total in await connection.fetch(_ALL_TIME, ids=organization_ids):
        found[id_][METRICS[figure]] = UsageTotals(int(billable), int(total))
    return found
