"""Adding imported users, in chunks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, NamedTuple

from sqlalchemy import select

from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, texts
from db.core.tables import UserRow, columns
from db.users.queries import folded
from domain.users import Person, UserStatus

_U = columns(UserRow)


class ImportedUser(NamedTuple):
    """A user to be created with a number."""

    organization_id: int
    first_name: str
    last_name: str
    email: str
    status: UserStatus

    @property
    def person(self) -> Person:
        """The user's name and email address."""
        return Person(self.first_name, self.last_name, self.email)


_USER_COLUMNS = (
    "id",
    "organization_id",
    "first_name",
    "last_name",
    "email",
    "email_folded",
    "name_folded",
    "search_text",
    "status",
    "invited_at",
    "activated_at",
    "created_at",
)
_USERS_BY_EMAIL = Statement(
    select(_U.id, _U.organization_id, _U.email_folded).where(among(_U.email_folded, texts("emails")))
)


async def users_by_mail(connection: DatabaseConnection, emails: Sequence[str]) -> dict[tuple[int, str], int]:
    """The ids of users by organization and key of the mailbox."""
    rows = await connection.fetch(_USERS_BY_EMAIL, emails=emails)
    return {(organization_id, email): user_id for user_id, organization_id, email in rows}


async def insert_users(connection: DatabaseConnection, users: Sequence[ImportedUser], *, at: datetime) -> list[int]:
    """Create users and return their ids.

    Raises UniqueViolation when an organization has a user with the same email address.
    """
    user_ids = await connection.new_ids(UserRow, len(users))
    await connection.load(UserRow, _USER_COLUMNS, map(_user_row, user_ids, users, repeat(at)))
    return user_ids


def _user_row(id_: int, user: ImportedUser, at: datetime) -> tuple[Any, ...]:
    keys = folded(user.person)
    return (
        id_,
        user.organization_id,
        user.first_name,
        user.last_name,
        user.email,
        keys["email_folded"],
        keys["name_folded"],
        keys["search_text"],
        user.status,
        at,
        at if user.status is UserStatus.ACTIVATED else None,
        at,
    )
