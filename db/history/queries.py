"""History inside a scope: the events of a number or an operation, and the activity of an organization."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, SmallInteger, bindparam, func, or_, select

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.keyset import ConnectionPage, Keyset, PageRequest, PageShape, SortKey, to_page
from db.core.statements import Row, Statement, among, ids
from db.core.tables import (
    FormerOrganizationRow,
    NumberEventRow,
    OperationOrganizationRow,
    OperationRow,
    OrganizationRow,
    PhoneNumberRow,
    columns,
    table,
)
from db.core.types import Identifier, Values
from domain.statuses import EventKind, NumberStatus


class EventRecord(NamedTuple):
    """The change of one number by one operation. Organizations that are deleted or outside the scope are None."""

    phone_number_id: int
    version: int
    operation_id: int
    organization_before: int | None
    organization_after: int | None
    status_before: NumberStatus | None
    status_after: NumberStatus | None
    reserved_tag_before: str | None
    reserved_tag_after: str | None
    forwarding_number_before: str | None
    forwarding_number_after: str | None
    user_before: str | None
    user_after: str | None
    number: str
    action: EventKind
    at: datetime
    actor: str


class OperationRecord(NamedTuple):
    """An operation. `organization_id` is the acting organization, None if it is outside the scope."""

    id: int
    action: EventKind
    at: datetime
    actor: str
    organization_id: int | None
    changed_count: int
    changes: str | None


_STATUSES = tuple(NumberStatus)
KINDS = {int(kind): kind for kind in EventKind}
_E, _P, _OP = columns(NumberEventRow), columns(PhoneNumberRow), columns(OperationRow)
BEFORE, AFTER = table(OrganizationRow).alias(), table(OrganizationRow).alias()
"""The holders of the number before and after an event, for statements that select `visible_events`."""

_former_before, _former_after = table(FormerOrganizationRow).alias(), table(FormerOrganizationRow).alias()
_holders = (
    (BEFORE, _E.organization_before),
    (AFTER, _E.organization_after),
    (_former_before, _E.organization_before),
    (_former_after, _E.organization_after),
)
_event_columns: tuple[Any, ...] = (
    _E.phone_number_id,
    _E.version,
    _E.operation_id,
    BEFORE.c.id,
    AFTER.c.id,
    *(_E[name] for name in EventRecord._fields[5:13]),
    _P.number,
    _OP.action,
    _OP.at,
    _OP.actor,
)


def visible_events(*selected: Any) -> Any:
    """Events whose holder before or after is inside the scope, or was until it was deleted; other holders are null."""
    query = (
        select(*selected)
        .select_from(table(NumberEventRow))
        .join(table(PhoneNumberRow), _P.id == _E.phone_number_id)
        .join(table(OperationRow), _OP.id == _E.operation_id)
    )
    for holder, holder_id in _holders:
        query = query.outerjoin(holder, (holder.c.id == holder_id) & scope.covers(holder.c.path, "scope"))
    return query.where(or_(*(holder.c.id.is_not(None) for holder, _ in _holders)))


def _event(row: Row) -> EventRecord:
    status_before, status_after = row[5], row[6]
    return EventRecord._make(
        (
            *row[:5],
            None if status_before is None else _STATUSES[status_before],
            None if status_after is None else _STATUSES[status_after],
            *row[7:14],
            KINDS[row[14]],
            *row[15:],
        )
    )


@lru_cache(maxsize=32)
def _events(*, of_number: bool, page: PageShape | None) -> Statement:
    """Select a page of the events of a number or an operation, or count all of them."""
    owner = _E.phone_number_id if of_number else _E.operation_id
    keyset = Keyset(_E.version, descending=True) if of_number else Keyset(_E.phone_number_id)
    query = visible_events(*((func.count(),) if page is None else _event_columns))
    query = query.where(owner == bindparam("owner", type_=Identifier))
    return Statement(query if page is None else keyset.page(query, page))


class EventsOf(NamedTuple):
    """The owner of a list of events: a number (newest first) or an operation (in the order of the numbers' ids)."""

    phone_number_id: int | None = None
    operation_id: int | None = None

    @property
    def owner(self) -> int:
        """The id of the number or the operation."""
        return self.phone_number_id or self.operation_id or 0


async def events_page(
    connection: DatabaseConnection, of: EventsOf, page: PageRequest, *, within: str
) -> ConnectionPage[EventRecord]:
    """A page of the events that are visible in the scope."""
    statement = _events(of_number=of.phone_number_id is not None, page=page.shape)
    rows = await connection.fetch(statement, owner=of.owner, **page.parameters(), **scope.bounds("scope", within))
    return to_page([_event(row) for row in rows], page)


def event_key(of: EventsOf, record: EventRecord) -> SortKey:
    """The position of an event in its list."""
    return SortKey(None, record.version if of.phone_number_id is not None else record.phone_number_id)


async def events_count(connection: DatabaseConnection, of: EventsOf, *, within: str) -> int:
    """How many events are visible in the scope."""
    statement = _events(of_number=of.phone_number_id is not None, page=None)
    count: int = await connection.value(statement, owner=of.owner, **scope.bounds("scope", within))
    return count


_EVENT_BY_KEY = Statement(
    visible_events(*_event_columns).where(
        _E.phone_number_id == bindparam("owner", type_=Identifier),
        _E.version == bindparam("version", type_=BigInteger()),
    )
)


async def event(
    connection: DatabaseConnection, phone_number_id: int, version: int, *, within: str
) -> EventRecord | None:
    """One event, if it is visible in the scope."""
    row = await connection.fetch_one(
        _EVENT_BY_KEY, owner=phone_number_id, version=version, **scope.bounds("scope", within)
    )
    return _event(row) if row else None


# Operations

_LINK = columns(OperationOrganizationRow)
_acting = table(OrganizationRow).alias()
_operation_columns: tuple[Any, ...] = (
    _OP.id,
    _OP.action,
    _OP.at,
    _OP.actor,
    _acting.c.id,
    _OP.changed_count,
    _OP.changes,
)


_touched_inside = (
    select(_LINK.operation_id)
    .where(
        _LINK.operation_id == _OP.id,
        scope.covers_organization(_LINK.organization_id, "scope"),
    )
    .exists()
)
_is_visible = scope.covers_organization(_OP.organization_id, "scope") | _touched_inside


def _visible_operations(*selected: Any) -> Any:
    """Operations with their acting organization, if it is inside the scope."""
    return (
        select(*selected)
        .select_from(table(OperationRow))
        .outerjoin(_acting, (_acting.c.id == _OP.organization_id) & scope.covers(_acting.c.path, "scope"))
    )


def _operation(row: Row) -> OperationRecord:
    return OperationRecord(row[0], KINDS[row[1]], *row[2:])


_is_shown = ~among(_OP.action, bindparam("without", type_=Values(SmallInteger())))
_OPERATIONS_BY_IDS = Statement(
    _visible_operations(*_operation_columns).where(among(_OP.id, ids("ids")), _is_visible, _is_shown)
)


async def operations(
    connection: DatabaseConnection, wanted: Sequence[int], *, within: str, without: frozenset[EventKind]
) -> dict[int, OperationRecord]:
    """Return the operations with these ids that are visible in the scope and not of the kinds `without`."""
    rows = await connection.fetch(
        _OPERATIONS_BY_IDS, ids=wanted, without=list(without), **scope.bounds("scope", within)
    )
    return {row[0]: _operation(row) for row in rows}


@lru_cache(maxsize=16)
def _activity(page: PageShape | None) -> Statement:
    """Select a page of the operations that affected an organization, or count all of them."""
    query = _visible_operations(*((func.count(),) if page is None else _operation_columns))
    query = query.join(table(OperationOrganizationRow), _LINK.operation_id == _OP.id).where(
        _LINK.organization_id == bindparam("organization", type_=Identifier), _is_shown
    )
    return Statement(query if page is None else Keyset(_LINK.operation_id, descending=True).page(query, page))


async def activity_page(
    connection: DatabaseConnection,
    organization_id: int,
    page: PageRequest,
    *,
    within: str,
    without: frozenset[EventKind],
) -> ConnectionPage[OperationRecord]:
    """Return a page of the operations that affected an organization, newest first, except the kinds `without`."""
    rows = await connection.fetch(
        _activity(page.shape),
        organization=organization_id,
        without=list(without),
        **page.parameters(),
        **scope.bounds("scope", within),
    )
    return to_page([_operation(row) for row in rows], page)


def operation_key(record: OperationRecord) -> SortKey:
    """The position of an operation in the activity of an organization."""
    return SortKey(None, record.id)


async def activity_count(
    connection: DatabaseConnection, organization_id: int, *, within: str, without: frozenset[EventKind]
) -> int:
    """Count the operations that affected an organization, except the kinds `without`."""
    count: int = await connection.value(
        _activity(None),
        organization=organization_id,
        without=list(without),
        **scope.bounds("scope", within),
    )
    return count
