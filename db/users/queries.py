"""Read users, and move them with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, update

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement, among, ids
from db.core.tables import NumberEventRow, OrganizationRow, PhoneNumberRow, UserRow, columns, table
from db.core.types import Identifier
from domain.emails import mailbox_key
from domain.texts import fold
from domain.users import PENDING, Person, UserStatus

STATUSES = tuple(UserStatus)


class UserRecord(NamedTuple):
    """A user as the API shows them."""

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

    @property
    def person(self) -> Person:
        """The user's name and email address."""
        return Person(self.first_name, self.last_name, self.email)

    @property
    def pending(self) -> bool:
        """Whether the user was invited and has not on-boarded."""
        return self.status in PENDING

    @property
    def waiting(self) -> bool:
        """Whether the user is pending without a number."""
        return self.pending and self.phone_number_id is None


def folded(person: Person) -> dict[str, str]:
    """The columns to find, sort and compare a person by: key of the mailbox, folded name and search text."""
    key = mailbox_key(person.email)
    shown = fold(f"{person.full_name}\n{person.email}")
    return {
        "email_folded": key,
        "name_folded": fold(f"{person.last_name}\n{person.first_name}"),
        "search_text": shown if shown.endswith(f"\n{key}") else f"{shown}\n{key}",
    }


_U, _E = columns(UserRow), columns(NumberEventRow)
_N, _O = columns(PhoneNumberRow), columns(OrganizationRow)
COLUMNS = (*(_U[name] for name in UserRecord._fields[:-1]), _N.id)
_BY_IDS = Statement(
    select(*COLUMNS)
    .join(table(OrganizationRow), _O.id == _U.organization_id)
    .outerjoin(table(PhoneNumberRow), _N.user_id == _U.id)
    .where(among(_U.id, ids("ids")), scope.covers(_O.path, "scope"))
)


def record(row: Row) -> UserRecord:
    """The record in a row that begins with `COLUMNS`."""
    return UserRecord._make((*row[:5], STATUSES[row[5]], *row[6:11]))


async def by_ids(connection: DatabaseConnection, wanted: Sequence[int], *, within: str) -> dict[int, UserRecord]:
    """The users with these ids that are in scope, by id."""
    rows = await connection.fetch(_BY_IDS, ids=wanted, **scope.bounds("scope", within))
    return {row[0]: record(row) for row in rows}


_OPERATION = bindparam("operation", type_=Identifier)
_TARGET = bindparam("organization", type_=Identifier)
_moving = select(_E.user_id_after).where(_E.operation_id == _OPERATION, _E.user_id_after.is_not(None))
_target_user = table(UserRow).alias()
_duplicate_emails = (
    select(_U.email_folded)
    .join(table(NumberEventRow), _E.user_id_after == _U.id)
    .where(_E.operation_id == _OPERATION)
    .group_by(_U.email_folded)
    .having(func.count() > 1)
)
_EMAIL_CONFLICTS = Statement(
    select(_N.number, _U.email)
    .join(table(NumberEventRow), _E.phone_number_id == _N.id)
    .join(table(UserRow), _U.id == _E.user_id_after)
    .outerjoin(
        _target_user,
        (_target_user.c.email_folded == _U.email_folded) & (_target_user.c.organization_id == _TARGET),
    )
    .where(
        _E.operation_id == _OPERATION,
        _target_user.c.id.is_not(None) | (_U.email_folded.in_(_duplicate_emails)),
    )
    .order_by(_N.number)
)
_MOVE = Statement(update(table(UserRow)).where(_U.id.in_(_moving)).values(organization_id=_TARGET))


async def email_conflicts(
    connection: DatabaseConnection, operation: int, *, organization_id: int
) -> list[tuple[str, str]]:
    """The numbers whose user cannot move with them, and the email address that the target would have twice."""
    rows = await connection.fetch(_EMAIL_CONFLICTS, operation=operation, organization=organization_id)
    return [(row[0], row[1]) for row in rows]


async def move_with_numbers(connection: DatabaseConnection, operation: int, *, organization_id: int) -> None:
    """Move the users of an operation's numbers to an organization."""
    await connection.execute(_MOVE, operation=operation, organization=organization_id)
