"""Adding numbers in chunks: their rows and events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import SmallInteger, Text, bindparam, insert, null, select, update

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, texts
from db.core.tables import NumberEventRow, PhoneNumberRow, SeriesRow, UserRow, columns, table
from db.core.types import Identifier, Instant, Ordered
from db.history.events import PERSON
from domain.statuses import NumberStatus
from domain.texts import fold
from domain.users import Person

CHUNK = 5_000

MANY = 10_000
"""After so many numbers, the planner's statistics are updated before all of them are read again."""


class NewNumber(NamedTuple):
    """A number to be added; the statuses that have a user come with its id and its description for the history."""

    number: str
    series_id: int
    organization_id: int
    status: NumberStatus = NumberStatus.AVAILABLE
    reserved_tag: str | None = None
    user_id: int | None = None
    user: str | None = None


class ExistingNumber(NamedTuple):
    """A number that has a row already; a retired one can be added again."""

    id: int
    number: str
    is_retired: bool


class RecordedNumber(NamedTuple):
    """A number of the inventory with what an import says of one; a retired one can be added again."""

    number: str
    is_retired: bool
    series: str
    organization_id: int
    status: NumberStatus
    reserved_tag: str | None
    user: Person | None


_N, _U, _S = columns(PhoneNumberRow), columns(UserRow), columns(SeriesRow)
_ROOT = bindparam("root_id", type_=Identifier)
_NUMBERS = (_N.root_id == _ROOT, among(_N.number, texts("numbers")))
_EXISTING = Statement(select(_N.id, _N.number, _N.retired_at).where(*_NUMBERS))
_RECORDED = Statement(
    select(
        _N.number,
        _N.retired_at,
        _S.name,
        _N.organization_id,
        _N.status,
        _N.reserved_tag,
        _U.first_name,
        _U.last_name,
        _U.email,
    )
    .join(table(SeriesRow), _S.id == _N.series_id)
    .outerjoin(table(UserRow), _U.id == _N.user_id)
    .where(*_NUMBERS)
)
_COLUMNS = (
    "id",
    "root_id",
    "number",
    "series_id",
    "organization_id",
    "status",
    "reserved_tag",
    "tag_folded",
    "user_id",
    "available_since",
    "updated_at",
    "version",
)
_EVENT_COLUMNS = (
    "phone_number_id",
    "version",
    "operation_id",
    "series_id",
    "organization_after",
    "status_after",
    "reserved_tag_after",
    "user_after",
    "user_id_after",
)
_null: Any = null()
_event: dict[str, Any] = {
    "phone_number_id": _N.id,
    "version": _N.version,
    "operation_id": bindparam("operation", type_=Identifier),
    "series_id": _N.series_id,
    "organization_before": _null,
    "organization_after": _N.organization_id,
    "status_before": _null,
    "status_after": _N.status,
    "reserved_tag_before": _null,
    "reserved_tag_after": _N.reserved_tag,
    "forwarding_number_before": _null,
    "forwarding_number_after": _null,
    "user_before": _null,
    "user_after": PERSON,
    "user_id_after": _N.user_id,
}
_REVIVAL_EVENTS = Statement(
    insert(table(NumberEventRow)).from_select(
        list(_event),
        select(*(value.label(name) for name, value in _event.items()))
        .outerjoin(table(UserRow), _U.id == _N.user_id)
        .where(*_NUMBERS),
    )
)
_REVIVE = Statement(
    update(table(PhoneNumberRow))
    .where(_N.root_id == _ROOT, _N.number == bindparam("number", type_=Ordered), _N.retired_at.is_not(None))
    .values(
        series_id=bindparam("series_id", type_=Identifier),
        organization_id=bindparam("organization_id", type_=Identifier),
        status=bindparam("status", type_=SmallInteger()),
        reserved_tag=bindparam("reserved_tag", type_=Text()),
        tag_folded=bindparam("tag_folded", type_=Ordered),
        user_id=bindparam("user_id", type_=Identifier),
        retired_at=null(),
        available_since=bindparam("available_since", type_=Instant()),
        updated_at=bindparam("at", type_=Instant()),
        version=_N.version + 1,
    )
)


async def existing(
    connection: DatabaseConnection, numbers: Sequence[str], *, root_id: int
) -> dict[str, ExistingNumber]:
    """The numbers that have a row in the root already."""
    # A generic plan would compare every number of the root with every one of the chunk.
    await connection.force_custom_plan()
    rows = await connection.fetch(_EXISTING, root_id=root_id, numbers=numbers)
    await connection.plan_automatically()
    return {number: ExistingNumber(id_, number, retired_at is not None) for id_, number, retired_at in rows}


async def recorded(
    connection: DatabaseConnection, numbers: Sequence[str], *, root_id: int
) -> dict[str, RecordedNumber]:
    """The numbers that have a row in the root, with their series, holder, status, tag and user."""
    await connection.force_custom_plan()
    rows = await connection.fetch(_RECORDED, root_id=root_id, numbers=numbers)
    await connection.plan_automatically()
    return {
        row[0]: RecordedNumber(
            row[0],
            row[1] is not None,
            row[2],
            row[3],
            NumberStatus(row[4]),
            row[5],
            None if row[8] is None else Person(*row[6:9]),
        )
        for row in rows
    }


async def add(
    connection: DatabaseConnection,
    new: Sequence[NewNumber],
    retired: Sequence[NewNumber],
    *,
    root_id: int,
    operation: int,
    at: datetime,
) -> None:
    """Add numbers to a root that have no row in it and revive retired ones, and write their events.

    Raises UniqueViolation when another transaction has added one of them meanwhile.
    """
    numbered = list(zip(await connection.new_ids(PhoneNumberRow, len(new)), new, strict=True))
    await connection.load(PhoneNumberRow, _COLUMNS, (_row(id_, number, root_id, at) for id_, number in numbered))
    await connection.load(
        NumberEventRow, _EVENT_COLUMNS, (_event_row(id_, number, operation) for id_, number in numbered)
    )
    if retired:
        await _revive(connection, retired, root_id=root_id, operation=operation, at=at)


async def update_statistics(connection: DatabaseConnection, *, added: int) -> None:
    """Update the planner's statistics if the transaction has added many numbers.

    Autovacuum may have counted the tables without them: a join of all of them would be planned as one of a single row.
    """
    if added >= MANY:
        await connection.analyze(PhoneNumberRow, NumberEventRow)


def _row(id_: int, number: NewNumber, root_id: int, at: datetime) -> tuple[Any, ...]:
    tag = number.reserved_tag
    return (
        id_,
        root_id,
        number.number,
        number.series_id,
        number.organization_id,
        number.status,
        tag,
        None if tag is None else fold(tag),
        number.user_id,
        at if number.status is NumberStatus.AVAILABLE else None,
        at,
        1,
    )


def _event_row(id_: int, number: NewNumber, operation: int) -> tuple[Any, ...]:
    return (
        id_,
        1,
        operation,
        number.series_id,
        number.organization_id,
        number.status,
        number.reserved_tag,
        number.user,
        number.user_id,
    )


async def _revive(
    connection: DatabaseConnection, retired: Sequence[NewNumber], *, root_id: int, operation: int, at: datetime
) -> None:
    values = (
        number._asdict()
        | {
            "root_id": root_id,
            "tag_folded": None if number.reserved_tag is None else fold(number.reserved_tag),
            "available_since": at if number.status is NumberStatus.AVAILABLE else None,
            "at": at,
        }
        for number in retired
    )
    await connection.execute_many(_REVIVE, values)
    numbers = [number.number for number in retired]
    await connection.force_custom_plan()
    await connection.execute(_REVIVAL_EVENTS, operation=operation, root_id=root_id, numbers=numbers)
    await connection.plan_automatically()
