"""Insert, change and delete administrators and their password links."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Boolean, Text, bindparam, case, delete, exists, func, insert, select, update

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import AccessTokenRow, AdministratorRow, OrganizationRow, PasswordLinkRow, columns, table
from db.core.types import Identifier, Instant, Ordered
from domain.access import Role
from domain.emails import mailbox_key
from domain.texts import fold

_A, _T, _L = columns(AdministratorRow), columns(AccessTokenRow), columns(PasswordLinkRow)
_O = columns(OrganizationRow)
_ID = bindparam("id", type_=Identifier)
_NOW = bindparam("now", type_=Instant())
_DIGEST = bindparam("digest", type_=Ordered)
_EMAIL = bindparam("email_folded", type_=Ordered)

_INSERT_ADMINISTRATOR = Statement(
    insert(table(AdministratorRow))
    .values(
        organization_id=bindparam("organization_id", type_=Identifier),
        name=bindparam("name", type_=Text()),
        email=bindparam("email", type_=Text()),
        email_folded=_EMAIL,
        role=bindparam("role", type_=Text()),
        password_hash=bindparam("password_hash", type_=Text()),
        receives_alerts=bindparam("receives_alerts", type_=Boolean()),
        created_at=_NOW,
        name_folded=bindparam("name_folded", type_=Ordered),
    )
    .returning(_A.id)
)
_UPDATE = Statement(
    update(table(AdministratorRow))
    .where(_A.id == _ID)
    .values(
        name=bindparam("name", type_=Text()),
        name_folded=bindparam("name_folded", type_=Ordered),
        role=bindparam("role", type_=Text()),
        receives_alerts=bindparam("receives_alerts", type_=Boolean()),
    )
)
_SET_PASSWORD_HASH = Statement(
    update(table(AdministratorRow)).where(_A.id == _ID).values(password_hash=bindparam("password_hash", type_=Text()))
)
_DELETES = (
    Statement(delete(table(AccessTokenRow)).where(_T.administrator_id == _ID)),
    Statement(delete(table(PasswordLinkRow)).where(_L.administrator_id == _ID)),
    Statement(delete(table(AdministratorRow)).where(_A.id == _ID)),
)
_OWNERS = Statement(
    select(func.count(), func.coalesce(func.sum(case((_A.password_hash.is_not(None), 1), else_=0)), 0)).where(
        _A.organization_id == bindparam("organization_id", type_=Identifier),
        _A.role == Role.OWNER.value,
        _A.id != _ID,
    )
)


async def insert_administrator(
    connection: DatabaseConnection,
    *,
    organization_id: int,
    name: str,
    email: str,
    role: Role,
    password_hash: str | None,
    receives_alerts: bool = True,
    now: datetime,
) -> int:
    """Insert an administrator and return the id. Raises UniqueViolation if the email address is taken."""
    administrator_id: int = await connection.value(
        _INSERT_ADMINISTRATOR,
        organization_id=organization_id,
        name=name,
        email=email,
        email_folded=mailbox_key(email),
        name_folded=fold(name),
        role=role.value,
        password_hash=password_hash,
        receives_alerts=receives_alerts,
        now=now,
    )
    return administrator_id


async def write(
    connection: DatabaseConnection, administrator_id: int, *, name: str, role: Role, receives_alerts: bool
) -> None:
    """Update an administrator's name, role and alert setting."""
    await connection.execute(
        _UPDATE,
        id=administrator_id,
        name=name,
        name_folded=fold(name),
        role=role.value,
        receives_alerts=receives_alerts,
    )


async def set_password_hash(connection: DatabaseConnection, administrator_id: int, password_hash: str) -> None:
    """Store the hash of an administrator's password."""
    await connection.execute(_SET_PASSWORD_HASH, id=administrator_id, password_hash=password_hash)


async def delete_one(connection: DatabaseConnection, administrator_id: int) -> None:
    """Delete an administrator with their session tokens and password links."""
    for statement in _DELETES:
        await connection.execute(statement, id=administrator_id)


class OwnerCounts(NamedTuple):
    """The number of owners, and how many of them have a password."""

    all: int
    with_password: int


async def other_owners(connection: DatabaseConnection, administrator_id: int, *, organization_id: int) -> OwnerCounts:
    """Count an organization's other owners."""
    row = await connection.fetch_one(_OWNERS, id=administrator_id, organization_id=organization_id)
    return OwnerCounts(row[0], int(row[1])) if row else OwnerCounts(0, 0)


# Password links

_INSERT_LINK = Statement(
    insert(table(PasswordLinkRow)).values(
        digest=_DIGEST,
        administrator_id=_ID,
        mail_id=bindparam("mail_id", type_=Identifier),
        expires_at=bindparam("expires_at", type_=Instant()),
    )
)
_LINK = Statement(
    select(_L.administrator_id, _A.email, _A.name, _L.expires_at)
    .join(table(AdministratorRow), _A.id == _L.administrator_id)
    .where(_L.digest == _DIGEST)
)
_DELETE_LINKS = Statement(delete(table(PasswordLinkRow)).where(_L.administrator_id == _ID))
_DELETE_EXPIRED_LINKS = Statement(delete(table(PasswordLinkRow)).where(_L.expires_at <= _NOW))
_KEEP = bindparam("keep", type_=Ordered)
_kept = table(AccessTokenRow).alias()
_is_renewal_of_kept = exists().where(
    _kept.c.digest == _KEEP, _kept.c.signed_in_at == _T.signed_in_at, _kept.c.created_at < _T.created_at
)
_DELETE_TOKENS = Statement(
    delete(table(AccessTokenRow)).where(_T.administrator_id == _ID, _T.digest != _KEEP, ~_is_renewal_of_kept)
)


class PasswordLink(NamedTuple):
    """A password link: its administrator, and when it expires."""

    administrator_id: int
    email: str
    name: str
    expires_at: datetime


async def insert_link(
    connection: DatabaseConnection, administrator_id: int, *, digest: str, mail_id: int, expires_at: datetime
) -> None:
    """Store a password link by the digest of its token."""
    await connection.execute(_INSERT_LINK, id=administrator_id, digest=digest, mail_id=mail_id, expires_at=expires_at)


async def password_link(connection: DatabaseConnection, digest: str) -> PasswordLink | None:
    """The password link whose token has this digest, or None."""
    row = await connection.fetch_one(_LINK, digest=digest)
    return PasswordLink(*row) if row else None


async def delete_links(connection: DatabaseConnection, administrator_id: int) -> None:
    """Delete an administrator's password links."""
    await connection.execute(_DELETE_LINKS, id=administrator_id)


async def delete_expired_links(connection: DatabaseConnection, *, now: datetime) -> None:
    """Delete the password links that expired before a moment."""
    await connection.execute(_DELETE_EXPIRED_LINKS, now=now)


async def delete_tokens(connection: DatabaseConnection, administrator_id: int, *, keep: str = "") -> None:
    """Delete an administrator's session tokens, except the one with the digest `keep` and those it was renewed to."""
    await connection.execute(_DELETE_TOKENS, id=administrator_id, keep=keep)


class ResetRecipient(NamedTuple):
    """The administrator to mail a password link to."""

    id: int
    name: str
    email: str
    organization_id: int
    time_zone: str


_LOCK_BY_EMAIL = Statement(
    select(_A.id, _A.name, _A.email, _A.organization_id, _O.time_zone)
    .join(table(OrganizationRow), _O.id == _A.organization_id)
    .where(_A.email_folded == _EMAIL)
    .with_for_update(of=table(AdministratorRow))
)
_LOCK = Statement(select(_A.id).where(_A.id == _ID).with_for_update())


async def lock_by_email(connection: DatabaseConnection, email: str) -> ResetRecipient | None:
    """Lock and return the administrator with an email address, or None."""
    row = await connection.fetch_one(_LOCK_BY_EMAIL, email_folded=mailbox_key(email))
    return ResetRecipient(*row) if row else None


async def lock(connection: DatabaseConnection, administrator_id: int) -> None:
    """Lock an administrator until the transaction ends."""
    await connection.fetch(_LOCK, id=administrator_id)
