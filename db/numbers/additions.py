"""Adding numbers in chunks: their rows, events and users."""

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
from db.users.queries import folded
from domain.statuses import NumberStatus
from domain.texts import fold
from domain.users import Person, UserStatus

CHUNK = 5_000


class NewNumber(NamedTuple):
    """A number to be added; `user_id` is given with the statuses that have a user."""

    number: str
    series_id: int
    organization_id: int
    status: NumberStatus = NumberStatus.AVAILABLE
    reserved_tag: str | None = None
    user_id: int | None = None


class ImportedUser(NamedTuple):
    """A user to be created with a number."""

    organization_id: int
    first_name: str
    last_name: str
    email: str
    status: UserStatus


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
_INSERT = Statement(
    insert(table(PhoneNumberRow)).values(
        root_id=_ROOT,
        number=bindparam("number", type_=Ordered),
        series_id=bindparam("series_id", type_=Identifier),
        organization_id=bindparam("organization_id", type_=Identifier),
        status=bindparam("status", type_=SmallInteger()),
        reserved_tag=bindparam("reserved_tag", type_=Text()),
        tag_folded=bindparam("tag_folded", type_=Ordered),
        user_id=bindparam("user_id", type_=Identifier),
        available_since=bindparam("available_since", type_=Instant()),
        updated_at=bindparam("at", type_=Instant()),
        version=1,
    )
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
_EVENTS = Statement(
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
    await connection.execute_many(_INSERT, (_values(number, root_id, at) for number in new))
    await connection.execute_many(_REVIVE, (_values(number, root_id, at) for number in retired))
    numbers = [number.number for number in (*new, *retired)]
    await connection.force_custom_plan()
    await connection.execute(_EVENTS, operation=operation, root_id=root_id, numbers=numbers)
    await connection.plan_automatically()


def _values(number: NewNumber, root_id: int, at: datetime) -> dict[str, Any]:
    return number._asdict() | {
        "root_id": root_id,
        "tag_folded": None if number.reserved_tag is None else fold(number.reserved_tag),
        "available_since": at if number.status is NumberStatus.AVAILABLE else None,
        "at": at,
    }


_INSERT_USER = Statement(
    insert(table(UserRow)).values(
        organization_id=bindparam("organization_id", type_=Identifier),
        first_name=bindparam("first_name", type_=Text()),
        last_name=bindparam("last_name", type_=Text()),
        email=bindparam("email", type_=Text()),
        email_folded=bindparam("email_folded", type_=Ordered),
        status=bindparam("status", type_=SmallInteger()),
        invited_at=bindparam("invited_at", type_=Instant()),
        activated_at=bindparam("activated_at", type_=Instant()),
        created_at=bindparam("at", type_=Instant()),
        name_folded=bindparam("name_folded", type_=Ordered),
        search_text=bindparam("search_text", type_=Ordered),
    )
)
_USERS_BY_EMAIL = Statement(
    select(_U.id, _U.organization_id, _U.email_folded).where(among(_U.email_folded, texts("emails")))
)


async def users_by_mail(connection: DatabaseConnection, emails: Sequence[str]) -> dict[tuple[int, str], int]:
    """The ids of users by organization and key of the mailbox."""
    rows = await connection.fetch(_USERS_BY_EMAIL, emails=emails)
    return {(organization_id, email): user_id for user_id, organization_id, email in rows}


async def insert_users(connection: DatabaseConnection, users: Sequence[ImportedUser], *, at: datetime) -> None:
    """Create users. Raises UniqueViolation when an organization has a user with the same email address."""
    await connection.execute_many(
        _INSERT_USER,
        (
            user._asdict()
            | folded(Person(user.first_name, user.last_name, user.email))
            | {
                "invited_at": at,
                "activated_at": at if user.status is UserStatus.ACTIVATED else None,
                "at": at,
            }
            for user in users
        ),
    )
