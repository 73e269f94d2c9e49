"""Insert, lock, change and delete users. Lock the user before their number, as every other change does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import SmallInteger, Text, bindparam, case, delete, func, insert, null, select, update

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement, among, ids, texts
from db.core.tables import OrganizationRow, PhoneNumberRow, UserRow, columns, table
from db.core.types import Identifier, Instant, Ordered
from db.users.queries import COLUMNS, UserRecord, folded, record
from domain.emails import mailbox_key
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
    """A user to insert, with an invitation or as NOT_INVITED."""

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
_BY_EMAIL = Statement(
    select(_U.id, _U.email_folded).where(_U.organization_id == _ORGANIZATION, among(_U.email_folded, texts("emails")))
)


async def insert_all(
    connection: DatabaseConnection, users: Iterable[NewUser], *, organization_id: int, now: datetime
) -> None:
    """Insert users. Raises UniqueViolation if the organization already has a user with one of the email addresses."""

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
    """The ids of an organization's users with these email addresses, by the key of the mailbox."""
    rows = await connection.fetch(
        _BY_EMAIL, emails=[mailbox_key(email) for email in emails], organization_id=organization_id
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
    """Lock and return a user in scope, or None."""
    return await _read(connection, await connection.fetch_one(_LOCK, id=user_id, **scope.bounds("scope", within)))


async def lock_invited(connection: DatabaseConnection, digest: str) -> UserRecord | None:
    """Lock and return the user whose invitation link has this digest, or None."""
    return await _read(connection, await connection.fetch_one(_LOCK_BY_DIGEST, digest=digest))


async def _read(connection: DatabaseConnection, locked: Row | None) -> UserRecord | None:
    """Read the user after the lock was acquired, to see changes that were made during the wait."""
    row = locked and await connection.fetch_one(_BY_ID, id=locked[0])
    return record(row) if row else None


_EMAIL = bindparam("email", type_=Text())
_SET_PERSON = Statement(
    update(table(UserRow))
    .where(_U.id == _ID)
    .values(
        first_name=bindparam("first_name", type_=Text()),
        last_name=bindparam("last_name", type_=Text()),
        email=_EMAIL,
        # The key of a mailbox that two users had before keys were normalised stays distinct.
        email_folded=case((_U.email == _EMAIL, _U.email_folded), else_=bindparam("email_folded", type_=Ordered)),
        name_folded=bindparam("name_folded", type_=Ordered),
        search_text=bindparam("search_text", type_=Ordered),
    )
)
_REVOKE_LINK = Statement(update(table(UserRow)).where(_U.id == _ID).values(invitation_digest=null()))
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
_NOT_INVITED: dict[str, Any] = {
    "status": int(UserStatus.NOT_INVITED),
    "invited_at": null(),
    "invitation_expires_at": null(),
    "invitation_error": null(),
}
_CANCEL = Statement(update(table(UserRow)).where(_U.id == _ID).values(**_NOT_INVITED, invitation_digest=null()))
_EXPIRE = Statement(update(table(UserRow)).where(among(_U.id, ids("ids"))).values(**_NOT_INVITED))
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
    """Set a user's name and email address. Raises UniqueViolation if another user has the email address."""
    await connection.execute(
        _SET_PERSON,
        id=user_id,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        **folded(person),
    )


async def revoke_link(connection: DatabaseConnection, user_id: int) -> None:
    """Invalidate a user's invitation link."""
    await connection.execute(_REVOKE_LINK, id=user_id)


async def invite(connection: DatabaseConnection, user_id: int, invitation: NewInvitation, *, now: datetime) -> None:
    """Set a user to INVITED and replace the invitation link."""
    await connection.execute(_INVITE, id=user_id, digest=invitation.digest, expires_at=invitation.expires_at, now=now)


async def cancel(connection: DatabaseConnection, user_id: int) -> None:
    """Set a user to NOT_INVITED and invalidate the invitation link."""
    await connection.execute(_CANCEL, id=user_id)


async def expire(connection: DatabaseConnection, user_ids: Sequence[int]) -> None:
    """Set users to NOT_INVITED. Their links are kept, so that they are reported as expired rather than unknown."""
    await connection.execute(_EXPIRE, ids=user_ids)


async def activate(connection: DatabaseConnection, user_id: int, *, now: datetime) -> None:
    """Set a user to ACTIVATED and invalidate the invitation link."""
    await connection.execute(_ACTIVATE, id=user_id, now=now)


async def delete_one(connection: DatabaseConnection, user_id: int) -> None:
    """Delete a user without a number."""
    await connection.execute(_DELETE, id=user_id)
