"""Users, as far as numbers point to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import aliased

from db import scope
from db.database import Connection
from db.statements import Row, Statement, among, ids
from db.tables import NumberEventRow, OrganizationRow, PhoneNumberRow, UserRow
from db.types import Identifier
from domain.users import UserStatus

STATUSES = tuple(UserStatus)


class UserRecord(NamedTuple):
    """A user as the API shows him."""

    id: int
    organization_id: int
    first_name: str
    last_name: str
    email: str
    status: UserStatus
    invited_at: datetime | None
    activated_at: datetime | None
    invitation_expires_at: datetime | None
    invitation_error: str | None
    phone_number_id: int | None


_U = UserRow
_COLUMNS: tuple[Any, ...] = tuple(getattr(_U, name) for name in UserRecord._fields[:-1])
_BY_IDS = Statement(
    select(*_COLUMNS, PhoneNumberRow.id)
    .join(OrganizationRow, OrganizationRow.id == _U.organization_id)
    .outerjoin(PhoneNumberRow, PhoneNumberRow.user_id == _U.id)
    .where(among(_U.id, ids("ids")), scope.inside(OrganizationRow.path, "scope"))
)


def _record(row: Row) -> UserRecord:
    return UserRecord(*row[:5], STATUSES[row[5]], *row[6:])


async def by_ids(connection: Connection, wanted: Sequence[int], *, within: str) -> dict[int, UserRecord]:
    """The users among those ids whose organization is inside the scope."""
    rows = await connection.fetch(_BY_IDS, ids=wanted, **scope.bounds("scope", within))
    return {row[0]: _record(row) for row in rows}


_E = NumberEventRow
_OPERATION = bindparam("operation", type_=Identifier)
_TARGET = bindparam("organization", type_=Identifier)
_moving = select(_E.user_id_after).where(_E.operation_id == _OPERATION, _E.user_id_after.is_not(None))  # type: ignore[union-attr]
_resident = aliased(_U)
_same_mail = (
    select(_U.email_folded)
    .join(_E, _E.user_id_after == _U.id)
    .where(_E.operation_id == _OPERATION)
    .group_by(_U.email_folded)
    .having(func.count() > 1)
)
_CLASHES = Statement(
    select(PhoneNumberRow.number, _U.email)
    .join(_E, _E.phone_number_id == PhoneNumberRow.id)
    .join(_U, _U.id == _E.user_id_after)
    .outerjoin(
        _resident,
        (_resident.email_folded == _U.email_folded) & (_resident.organization_id == _TARGET),
    )
    .where(
        _E.operation_id == _OPERATION,
        (_resident.id.is_not(None)) | (_U.email_folded.in_(_same_mail)),  # type: ignore[union-attr, attr-defined]
    )
    .order_by(PhoneNumberRow.number)
)
_MOVE = Statement(update(_U).where(_U.id.in_(_moving)).values(organization_id=_TARGET))  # type: ignore[union-attr]


async def clashes(connection: Connection, operation: int, *, organization_id: int) -> list[tuple[str, str]]:
    """Numbers of the operation whose user can't come along, and his mail: the target has it, or two bring it."""
    rows = await connection.fetch(_CLASHES, operation=operation, organization=organization_id)
    return [(row[0], row[1]) for row in rows]


async def move_along(connection: Connection, operation: int, *, organization_id: int) -> None:
    """Move the users of the operation's numbers to an organization."""
    await connection.execute(_MOVE, operation=operation, organization=organization_id)
