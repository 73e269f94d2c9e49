"""Change users. A change locks the user first and the number second, so that both stay as they were read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import SmallInteger, Text, bindparam, delete, func, insert, null, select, update

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement, among, ids, texts
from db.core.tables import OrganizationRow, PhoneNumberRow, UserRow, columns, table
from db.core.types import Identifier, Instant, Ordered
from db.users.queries import COLUMNS, UserRecord, folded, record
from domain.texts import fold_for_lookup
from domain.users import Person, UserStatus

_U, _N, _O = columns(UserRow), columns(PhoneNumberRow), columns(OrganizationRow)
_ID = bindparam("id", type_=Identifier)
_NOW = bindparam("now", type_=Instant())
_ORGANIZATION = bindparam("organization_id", type_=Identifier)
_EXPIRES_AT = bindparam("expires_at", type_=Instant())
_DIGEST = bindparam("digest", type_=Ordered)


class NewInvitation(NamedTuple):
    """A pending invitation: the digest of its link's token, and when it expires."""

    digest: str
    expires_at: datetime


class NewUser(NamedTuple):
    """A user to be created; without an invitation the user is only saved."""

    person: Person
    invitation: NewInvitation | None


_INSERT = Statement(
    insert(table(UserRow)).values(
        organization_id=_ORGANIZATION,
        first_name=bindparam("first_name", type_=Text()),
        last_name=bindparam("last_name", type_=Text()),
        email=bindparam("email", type_=Text()),
        email_folded=bindparam("email_folded", type_=Ordered),
        name_folded=bindparam("name_folded", type_=Ordered),
        search_text=bindparam("search_text", type_=Ordered),
        status=bindparam("status", type_=SmallInteger()),
        invited_at=bindparam("invited_at", type_=Instant()),
        invitation_expires_at=_EXPIRES_AT,
        invitation_digest=_DIGEST,
        created_at=_NOW,
    )
)
_BY_MAIL = Statement(
    select(_U.id, _U.email_folded).where(_U.organization_id == _ORGANIZATION, among(_U.email_folded, texts("emails")))
)


async def insert_all(
    connection: DatabaseConnection, users: Iterable[NewUser], *, organization_id: int, now: datetime
) -> None:
    """Create users. Raises UniqueViolation when the organization has one of the addresses."""

    def values(user: NewUser) -> dict[str, Any]:
        invitation = user.invitation
        return {
            "organization_id": organization_id,
            "first_name": user.person.first_name,
            "last_name": user.person.last_name,
            "email": user.person.email,
            **folded(user.person),
            "status": UserStatus.INVITED if invitation else UserStatus.NOT_INVITED,
            "invited_at": now if invitation else None,
            "expires_at": invitation and invitation.expires_at,
            "digest": invitation and invitation.digest,
            "now": now,
        }

    await connection.execute_many(_INSERT, (values(user) for user in users))


async def ids_by_email(
    connection: DatabaseConnection, emails: Sequence[str], *, organization_id: int
) -> dict[str, int]:
    """The ids of an organization's users, by folded mail address."""
    rows = await connection.fetch(
        _BY_MAIL, emails=[fold_for_lookup(email) for email in emails], organization_id=organization_id
    )
    return {email: user_id for user_id, email in rows}


_LOCK = Statement(
    select(_U.id)
    .join(table(OrganizationRow), _O.id == _U.organization_id)
    .where(_U.id == _ID, scope.covers(_O.path, "scope"))
    .with_for_update(of=table(UserRow))
)
_LOCK_BY_DIGEST = Statement(select(_U.id).where(_U.invitation_digest == _DIGEST).with_for_update())
_BY_ID = Statement(select(*COLUMNS).outerjoin(table(PhoneNumberRow), _N.user_id == _U.id).where(_U.id == _ID))


async def lock(connection: DatabaseConnection, user_id: int, *, within: str) -> UserRecord | None:
    """The user, if inside the scope, locked until the transaction ends."""
    return await _read(connection, await connection.fetch_one(_LOCK, id=user_id, **scope.bounds("scope", within)))


async def lock_invited(connection: DatabaseConnection, digest: str) -> UserRecord | None:
    """The user whose last link has this digest, locked until the transaction ends."""
    return await _read(connection, await connection.fetch_one(_LOCK_BY_DIGEST, digest=digest))


async def _read(connection: DatabaseConnection, locked: Row | None) -> UserRecord | None:
    """Read the user after the lock was acquired, so that changes made during the wait are seen."""
    row = locked and await connection.fetch_one(_BY_ID, id=locked[0])
    return record(row) if row else None


_RENAME = Statement(
    update(table(UserRow))
    .where(_U.id == _ID)
    .values(
        first_name=bindparam("first_name", type_=Text()),
        last_name=bindparam("last_name", type_=Text()),
        email=bindparam("email", type_=Text()),
        email_folded=bindparam("email_folded", type_=Ordered),
        name_folded=bindparam("name_folded", type_=Ordered),
        search_text=bindparam("search_text", type_=Ordered),
    )
)
_VOID = Statement(update(table(UserRow)).where(_U.id == _ID).values(invitation_digest=null()))
_INVITE = Statement(
    update(table(UserRow))
    .where(_U.id == _ID)
    .values(
        status=int(UserStatus.INVITED),
        invited_at=func.coalesce(_U.invited_at, _NOW),
        invitation_expires_at=_EXPIRES_AT,
        invitation_error=null(),
        invitation_digest=_DIGEST,
    )
)
_UNINVITED: dict[str, Any] = {
    "status": int(UserStatus.NOT_INVITED),
    "invited_at": null(),
    "invitation_expires_at": null(),
    "invitation_error": null(),
}
_CANCEL = Statement(update(table(UserRow)).where(_U.id == _ID).values(**_UNINVITED, invitation_digest=null()))
_EXPIRE = Statement(update(table(UserRow)).where(among(_U.id, ids("ids"))).values(**_UNINVITED))
_ACTIVATE = Statement(
    update(table(UserRow))
    .where(_U.id == _ID)
    .values(
        status=int(UserStatus.ACTIVATED),
        activated_at=_NOW,
        invitation_expires_at=null(),
        invitation_error=null(),
        invitation_digest=null(),
    )
)
_DELETE = Statement(delete(table(UserRow)).where(_U.id == _ID))


async def write_person(connection: DatabaseConnection, user_id: int, person: Person) -> None:
    """Store name and mail address. Raises UniqueViolation when the organization has the address."""
    await connection.execute(
        _RENAME,
        id=user_id,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        **folded(person),
    )


async def revoke_link(connection: DatabaseConnection, user_id: int) -> None:
    """Let the link that a user was sent lead nowhere."""
    await connection.execute(_VOID, id=user_id)


async def invite(connection: DatabaseConnection, user_id: int, invitation: NewInvitation, *, now: datetime) -> None:
    """Set a user to invited; an earlier link becomes invalid."""
    await connection.execute(_INVITE, id=user_id, digest=invitation.digest, expires_at=invitation.expires_at, now=now)


async def cancel(connection: DatabaseConnection, user_id: int) -> None:
    """Set a user to not invited, and invalidate the link."""
    await connection.execute(_CANCEL, id=user_id)


async def expire(connection: DatabaseConnection, user_ids: Sequence[int]) -> None:
    """Set users to not invited; their links are kept, so that a late visitor is told that they expired."""
    await connection.execute(_EXPIRE, ids=user_ids)


async def activate(connection: DatabaseConnection, user_id: int, *, now: datetime) -> None:
    """Set a user to on-boarded; the link is used up."""
    await connection.execute(_ACTIVATE, id=user_id, now=now)


async def delete_one(connection: DatabaseConnection, user_id: int) -> None:
    """Delete a user whom no number points to."""
    await connection.execute(_DELETE, id=user_id)
