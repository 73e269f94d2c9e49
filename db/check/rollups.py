"""Compare the roll-ups with the usage records and number events that they summarize."""

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
from db.usage.unfolded import UNFOLDED_TOTALS
from db.usage.user_rollups import rollup_deltas
from domain.calendar import QUARTER_SECONDS, local_day
from domain.scope import path_ids
from domain.statuses import NumberStatus
from domain.utilization import InventoryChange


class quarter_of(ColumnElement[int]):  # noqa: N801 - reads as a function
    """The UTC quarter hour of a moment, as in `domain.calendar.quarter_of`."""

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
_O, _F, _U = columns(OrganizationRow), columns(FormerOrganizationRow), UNFOLDED_TOTALS.c
_USAGE_KEY = (_R.organization_id, _R.kind, quarter_of(_R.at))
_CHANGE_KEY = (_E.series_id, _E.organization_before, _E.organization_after, _E.status_before, _E.status_after)
_IN_USE = int(NumberStatus.IN_USE)

_ORGANIZATIONS = Statement(select(_O.id, _O.path, _O.time_zone))
_FORMER = Statement(select(_F.id, _F.path))
_RECORDS = Statement(
    select(*_USAGE_KEY, func.sum(case((_R.billable, _R.quantity), else_=0)), func.sum(_R.quantity)).group_by(
        *_USAGE_KEY
    )
)
_EVENTS = Statement(
    select(*_CHANGE_KEY, func.count(), quarter_of(_OP.at))
    .join(table(OperationRow), _OP.id == _E.operation_id)
    .where(or_(_E.status_before == _IN_USE, _E.status_after == _IN_USE))
    .group_by(*_CHANGE_KEY, quarter_of(_OP.at))
)


def _select_totals(row: type[SQLModel], period: str) -> Statement:
    row_columns = columns(row)
    return Statement(
        select(
            row_columns.organization_id,
            row_columns.figure,
            row_columns[period],
            row_columns.billable,
            row_columns.total,
        )
    )


_UNFOLDED = Statement(select(_U.organization_id, _U.figure, _U.quarter, _U.billable, _U.total))
_STORED = {
    "quarter hour": _select_totals(QuarterHourTotalRow, "quarter"),
    "day": _select_totals(DailyTotalRow, "day"),
}
_Totals = dict[tuple[int, int, int], list[int]]


async def differences(connection: DatabaseConnection) -> AsyncIterator[str]:
    """Yield a sentence for every stored total that disagrees with the recount."""
    paths = dict(await connection.fetch(_FORMER))
    zones: dict[int, str] = {}
    for id_, path, zone in await connection.fetch(_ORGANIZATIONS):
        paths[id_], zones[id_] = path, zone
    quarters: _Totals = defaultdict(lambda: [0, 0])
    days: _Totals = defaultdict(lambda: [0, 0])
    async for path, metric, quarter, billable, total in _recount(connection, paths):
        for id_ in path_ids(path):
            if id_ in zones:
                for totals, period in ((quarters, quarter), (days, local_day(zones[id_], quarter))):
                    totals[id_, metric, period][0] += billable
                    totals[id_, metric, period][1] += total
    unfolded = await connection.fetch(_UNFOLDED)
    appended = (
        unfolded,
        [(id_, metric, local_day(zones[id_], quarter), *amounts) for id_, metric, quarter, *amounts in unfolded],
    )
    for (noun, statement), added, counted in zip(_STORED.items(), appended, (quarters, days), strict=True):
        stored: _Totals = defaultdict(lambda: [0, 0])
        for id_, metric, period, billable, total in [*await connection.fetch(statement), *added]:
            stored[id_, metric, period][0] += billable
            stored[id_, metric, period][1] += total
        for key in sorted(stored.keys() | counted.keys()):
            if stored.get(key, [0, 0]) != counted.get(key, [0, 0]):
                yield (
                    f"organization {key[0]}, {METRICS[key[1]].name}, {noun} {key[2]}: billable and total are "
                    f"{stored.get(key)}, counted {counted.get(key)}"
                )


async def _recount(connection: DatabaseConnection, paths: dict[int, str]) -> AsyncIterator[RollupDelta]:
    for id_, kind, quarter, billable, total in await connection.fetch(_RECORDS):
        yield RollupDelta(paths[id_], METRICS[kind], quarter, int(billable), int(total))
    for *change, quarter in await connection.fetch(_EVENTS):
        for delta in rollup_deltas([InventoryChange(*change)], paths, quarter):
            yield delta
