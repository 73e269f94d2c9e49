"""The recount of the roll-ups: from the usage records, and from the events that say who came and went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlmodel import SQLModel

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import (
    DailyTotalRow,
    FormerOrganizationRow,
    NumberEventRow,
    OperationRow,
    OrganizationRow,
    QuarterHourTotalRow,
    UsageRecordRow,
    columns,
    table,
)
from db.usage.rollups import METRICS, RollupDelta
from db.usage.user_rollups import rollup_deltas
from domain.calendar import QUARTER_SECONDS, local_day
from domain.scope import path_ids
from domain.statuses import NumberStatus
from domain.utilization import InventoryChange


class quarter_of(ColumnElement[int]):  # noqa: N801 - reads as a function
    """The UTC quarter hour of a moment, as `domain.calendar.quarter_of` counts them."""

    inherit_cache = False
    type = BigInteger()

    def __init__(self, moment: Any) -> None:
        self.moment = moment


@compiles(quarter_of, "postgresql")
def _quarter_postgresql(element: quarter_of, compiler: Any, **options: Any) -> str:
    moment = compiler.process(element.moment, **options)
    return f"CAST(floor(extract(epoch FROM {moment}) / {QUARTER_SECONDS}) AS BIGINT)"


@compiles(quarter_of, "sqlite")
def _quarter_sqlite(element: quarter_of, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.moment, **options)} / {QUARTER_SECONDS}000000"


_R, _E, _OP = columns(UsageRecordRow), columns(NumberEventRow), columns(OperationRow)
_O, _F = columns(OrganizationRow), columns(FormerOrganizationRow)
_USED = (_R.organization_id, _R.kind, quarter_of(_R.at))
_CHANGED = (_E.series_id, _E.organization_before, _E.organization_after, _E.status_before, _E.status_after)
_IN_USE = int(NumberStatus.IN_USE)

_PLACES = Statement(select(_O.id, _O.path, _O.time_zone))
_FORMER = Statement(select(_F.id, _F.path))
_RECORDS = Statement(
    select(*_USED, func.sum(case((_R.billable, _R.quantity), else_=0)), func.sum(_R.quantity)).group_by(*_USED)
)
_EVENTS = Statement(
    select(*_CHANGED, func.count(), quarter_of(_OP.at))
    .join(table(OperationRow), _OP.id == _E.operation_id)
    .where(or_(_E.status_before == _IN_USE, _E.status_after == _IN_USE))
    .group_by(*_CHANGED, quarter_of(_OP.at))
)


def _stored(row: type[SQLModel], period: str) -> Statement:
    of = columns(row)
    return Statement(select(of.organization_id, of.figure, of[period], of.billable, of.total))


_STORED = {
    "quarter hour": _stored(QuarterHourTotalRow, "quarter"),
    "day": _stored(DailyTotalRow, "day"),
}
_Totals = dict[tuple[int, int, int], list[int]]


async def differences(connection: DatabaseConnection) -> AsyncIterator[str]:
    """Every difference, as a sentence."""
    paths = dict(await connection.fetch(_FORMER))
    zones: dict[int, str] = {}
    for id_, path, zone in await connection.fetch(_PLACES):
        paths[id_], zones[id_] = path, zone
    quarters: _Totals = defaultdict(lambda: [0, 0])
    days: _Totals = defaultdict(lambda: [0, 0])
    async for path, figure, quarter, billable, total in _all_counted(connection, paths):
        for id_ in path_ids(path):
            if id_ in zones:
                for sums, period in ((quarters, quarter), (days, local_day(zones[id_], quarter))):
                    sums[id_, figure, period][0] += billable
                    sums[id_, figure, period][1] += total
    for (noun, statement), counted_sums in zip(_STORED.items(), (quarters, days), strict=True):
        kept = {(row[0], row[1], row[2]): [row[3], row[4]] for row in await connection.fetch(statement)}
        for key in sorted(kept.keys() | counted_sums.keys()):
            if kept.get(key, [0, 0]) != counted_sums.get(key, [0, 0]):
                yield (
                    f"organization {key[0]}, {METRICS[key[1]].name}, {noun} {key[2]}: billable and total are "
                    f"{kept.get(key)}, counted {counted_sums.get(key)}"
                )


async def _all_counted(connection: DatabaseConnection, paths: dict[int, str]) -> AsyncIterator[RollupDelta]:
    for id_, kind, quarter, billable, total in await connection.fetch(_RECORDS):
        yield RollupDelta(paths[id_], METRICS[kind], quarter, int(billable), int(total))
    for *tally, quarter in await connection.fetch(_EVENTS):
        for one in rollup_deltas([InventoryChange(*tally)], paths, quarter):
            yield one
