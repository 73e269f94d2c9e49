"""What reports are written from: statements whose rows are streamed, however many they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, func, literal, select, union_all

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement
from db.core.tables import (
    FormerOrganizationRow,
    NumberEventRow,
    OrganizationRow,
    PhoneNumberRow,
    SeriesRow,
    UsageRecordRow,
    UserRow,
    columns,
    table,
)
from db.core.types import Identifier, Instant
from db.history.events import PERSON
from db.history.queries import AFTER, BEFORE, visible_events
from db.numbers import predicates
from db.utilization.queries import COUNTS, with_counters
from domain.search import NumberFilter, Order
from domain.search import PhoneNumberOrderField as Field
from domain.usage import UsageKind

_N, _O, _S, _U = columns(PhoneNumberRow), columns(OrganizationRow), columns(SeriesRow), columns(UserRow)
_R, _F, _E = columns(UsageRecordRow), columns(FormerOrganizationRow), columns(NumberEventRow)


class UtilizationReportRow(NamedTuple):
    """An organization with its counters: held by itself by status, and all that is held below it."""

    path: str
    name: str
    threshold_percent: int
    available: int
    reserved: int
    assigned: int
    registered: int
    allocated: int


class ConsumptionReportRow(NamedTuple):
    """What one user used of one number, or what was used of it without one: billable by kind, then all by kind."""

    number: str
    user: str | None
    organization: str | None
    billable_voice: int
    billable_messages: int
    billable_data: int
    voice: int
    messages: int
    data: int


_SORTED_BY: dict[Field, tuple[Any, ...]] = {
    Field.NUMBER: (),
    Field.SERIES: (_S.name_folded,),
    Field.ORGANIZATION: (_O.name_folded,),
    Field.STATUS: (_N.status,),
    Field.RESERVED_TAG: (_N.tag_folded,),
    Field.UPDATED_AT: (_N.updated_at,),
}


@lru_cache(maxsize=256)
def _numbers(shape: predicates.Shape, order: Order) -> Statement:
    query = (
        select(_S.name, _N.number, _O.path, _N.status, _N.reserved_tag)
        .select_from(table(PhoneNumberRow))
        .join(table(SeriesRow), _S.id == _N.series_id)
        .join(table(OrganizationRow), _O.id == _N.organization_id)
        .where(predicates.predicate(shape))
    )
    sorted_by: list[Any] = [*_SORTED_BY[order.field], _N.number]
    sorted_by = [column.desc() if order.descending else column for column in sorted_by]
    if order.field is Field.RESERVED_TAG:
        # Blanks come last in both directions.
        sorted_by.insert(0, case((_N.tag_folded.is_(None), 1), else_=0))
    return Statement(query.order_by(*sorted_by))


def numbers(connection: DatabaseConnection, filter_: NumberFilter, order: Order) -> AsyncIterator[list[Row]]:
    """The numbers of a search in its order: series, number, path of the organization, status and tag."""
    return connection.stream(_numbers(predicates.shape(filter_), order), **predicates.parameters(filter_))


_NAMES = Statement(select(_O.path, _O.name).where(scope.inside(_O.path, "scope")).order_by(_O.path))


async def names(connection: DatabaseConnection, *, within: str) -> AsyncIterator[list[tuple[str, str]]]:
    """The paths and names of an organization and of all below it, each after the one that it is below."""
    async for rows in connection.stream(_NAMES, **scope.bounds("scope", within)):
        yield [(row[0], row[1]) for row in rows]


_CHANGED = Statement(
    visible_events(
        _N.number,
        _E.status_before,
        _E.status_after,
        _E.reserved_tag_before,
        _E.reserved_tag_after,
        BEFORE.c.name,
        AFTER.c.name,
    )
    .where(_E.operation_id == bindparam("operation", type_=Identifier))
    .order_by(_E.phone_number_id)
)


def changed_numbers(connection: DatabaseConnection, operation: int, *, within: str) -> AsyncIterator[list[Row]]:
    """The numbers of an operation that are visible in the scope.

    Each has its status, its tag and the name of its holder before and after.
    """
    return connection.stream(_CHANGED, operation=operation, **scope.bounds("scope", within))


_HELD = Statement(
    with_counters(select(_O.path, _O.name, _O.threshold_percent, *COUNTS).select_from(table(OrganizationRow)))
    .where(scope.inside(_O.path, "scope"))
    .order_by(_O.path)
)


async def utilization(connection: DatabaseConnection, *, within: str) -> AsyncIterator[list[UtilizationReportRow]]:
    """The counters of an organization and of all below it, each after the one that it is below."""
    async for rows in connection.stream(_HELD, **scope.bounds("scope", within)):
        yield [UtilizationReportRow(*row) for row in rows]


_inside = union_all(
    select(_O.id).where(scope.inside(_O.path, "scope")), select(_F.id).where(scope.inside(_F.path, "scope"))
)


def _sums() -> list[Any]:
    zero = literal(0, _R.quantity.type)
    conditions = [(_R.kind == int(kind)) & _R.billable for kind in UsageKind] + [
        _R.kind == int(kind) for kind in UsageKind
    ]
    return [func.sum(case((condition, _R.quantity), else_=zero)) for condition in conditions]


_group = (_R.organization_id, _R.phone_number_id, _R.user_id)
_used = (
    select(*_group, *(amount.label(f"amount_{n}") for n, amount in enumerate(_sums())))
    .where(
        _R.organization_id.in_(_inside),
        _R.at >= bindparam("start", type_=Instant()),
        _R.at < bindparam("end", type_=Instant()),
    )
    .group_by(*_group)
    .subquery()
)
# A deleted user is known from the history of the number.
_former_person = (
    select(_E.user_after)
    .where(_E.phone_number_id == _used.c.phone_number_id, _E.user_id_after == _used.c.user_id)
    .order_by(_E.version.desc())
    .limit(1)
    .scalar_subquery()
)
_USED = Statement(
    select(_N.number, func.coalesce(PERSON, _former_person), _O.name, *(_used.c[f"amount_{n}"] for n in range(6)))
    .select_from(_used)
    .join(table(PhoneNumberRow), _N.id == _used.c.phone_number_id)
    .outerjoin(table(UserRow), _U.id == _used.c.user_id)
    .outerjoin(table(OrganizationRow), _O.id == _used.c.organization_id)
    .order_by(_used.c.organization_id, _used.c.phone_number_id, _used.c.user_id.nulls_last())
)


async def consumption(
    connection: DatabaseConnection, *, within: str, start: datetime, end: datetime
) -> AsyncIterator[list[ConsumptionReportRow]]:
    """What was used at an organization and below it from one moment to before another, by number and user."""
    async for rows in connection.stream(_USED, start=start, end=end, **scope.bounds("scope", within)):
        yield [ConsumptionReportRow(*row[:3], *(int(amount) for amount in row[3:])) for row in rows]
