"""Changing administrators, and the links by which they set their passwords."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Boolean, Text, bindparam, case, delete, func, insert, select, update

from db.core.database import DatabaseConnection
from db.core.statements import Statement
from db.core.tables import AccessTokenRow, AdministratorRow, OrganizationRow, PasswordLinkRow, columns, table
from db.core.types import Identifier, Instant, Ordered
from domain.access import Role
from domain.texts import fold, fold_for_lookup

_A, _T, _L = columns(AdministratorRow), columns(AccessTokenRow), columns(PasswordLinkRow)
_O = columns(OrganizationRow)
_ID = bindparam("id", type_=Identifier)
_NOW = bindparam("now", type_=Instant())
_DIGEST = bindparam("digest", type_=Ordered)

_WRITE = Statement(
    update(table(AdministratorRow))
    .where(_A.id == _ID)
    .values(
        name=bindparam("name", type_=Text()),
        name_folded=bindparam("name_folded", type_=Ordered),
        role=bindparam("role", type_=Text()),
        receives_alerts=bindparam("receives_alerts", type_=Boolean()),
    )
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


async def write(
    connection: DatabaseConnection, administrator_id: int, *, name: str, role: Role, receives_alerts: bool
) -> None:
    """Store what can be changed of an administrator."""
    await connection.execute(
        _WRITE,
        id=administrator_id,
        name=name,
        name_folded=fold(name),
        role=role.value,
        receives_alerts=receives_alerts,
    )


async def delete_one(connection: DatabaseConnection, administrator_id: int) -> None:
    """Delete an administrator, with their tokens and links."""
    for statement in _DELETES:
        await connection.execute(statement, id=administrator_id)


class OwnerCounts(NamedTuple):
    """How many owners there are, and how many of them have a password."""

    all: int
    with_password: int


async def other_owners(connection: DatabaseConnection, administrator_id: int, *, organization_id: int) -> OwnerCounts:
    """The owners of an organization beside this one."""
    row = await connection.fetch_one(_OWNERS, id=administrator_id, organization_id=organization_id)
    return OwnerCounts(row[0], int(row[1])) if row else OwnerCounts(0, 0)


# Links

_ADD_LINK = Statement(
    insert(table(PasswordLinkRow)).values(
        digest=_DIGEST,
        administrator_id=_ID,
        mail_id=bindparam("mail_id", type_=Identifier),
        expires_at=bindparam("expires_at", type_=Instant()),
    )
)
_LINK = Statement(
    select(_L.administrator_id, _A.email, _L.expires_at)
    .join(table(AdministratorRow), _A.id == _L.administrator_id)
    .where(_L.digest == _DIGEST)
)
_DELETE_LINKS = Statement(delete(table(PasswordLinkRow)).where(_L.administrator_id == _ID))
_DELETE_EXPIRED_LINKS = Statement(delete(table(PasswordLinkRow)).where(_L.expires_at <= _NOW))
_DELETE_TOKENS = Statement(
    delete(table(AccessTokenRow)).where(_T.administrator_id == _ID, _T.digest != bindparam("but", type_=Ordered))
)


class PasswordLink(NamedTuple):
    """Whose password a link sets, and until when."""

    administrator_id: int
    email: str
    expires_at: datetime


async def add_link(
    connection: DatabaseConnection, administrator_id: int, *, digest: str, mail_id: int, expires_at: datetime
) -> None:
    """Store what a link's token is recognised by."""
    await connection.execute(_ADD_LINK, id=administrator_id, digest=digest, mail_id=mail_id, expires_at=expires_at)


async def password_link(connection: DatabaseConnection, digest: str) -> PasswordLink | None:
    """The link whose token has this digest."""
    row = await connection.fetch_one(_LINK, digest=digest)
    return PasswordLink(*row) if row else None


async def delete_links(connection: DatabaseConnection, administrator_id: int) -> None:
    """Let every link of an administrator lead nowhere."""
    await connection.execute(_DELETE_LINKS, id=administrator_id)


async def delete_expired_links(connection: DatabaseConnection, *, now: datetime) -> None:
    """Forget the links that nobody can use any more."""
    await connection.execute(_DELETE_EXPIRED_LINKS, now=now)


async def delete_tokens(connection: DatabaseConnection, administrator_id: int, *, but: str = "") -> None:
    """Sign an administrator out everywhere, but for the token with this digest."""
    await connection.execute(_DELETE_TOKENS, id=administrator_id, but=but)


class ResetRecipient(NamedTuple):
    """Whom a forgotten password is mailed to."""

    id: int
    name: str
    email: str
    organization_id: int
    time_zone: str
    live_links: int


_live_links = (
    select(func.count()).select_from(table(PasswordLinkRow)).where(_L.administrator_id == _A.id, _L.expires_at > _NOW)
)
_LOCK_BY_EMAIL = Statement(
    select(_A.id, _A.name, _A.email, _A.organization_id, _O.time_zone, _live_links.scalar_subquery())
    .join(table(OrganizationRow), _O.id == _A.organization_id)
    .where(_A.email_folded == bindparam("email_folded", type_=Ordered))
    .with_for_update(of=table(AdministratorRow))
)
_LOCK = Statement(select(_A.id).where(_A.id == _ID).with_for_update())


async def lock_by_email(connection: DatabaseConnection, email: str, *, now: datetime) -> ResetRecipient | None:
    """The administrator who has this mail address, locked."""
    row = await connection.fetch_one(_LOCK_BY_EMAIL, email_folded=fold_for_lookup(email), now=now)
    return ResetRecipient(*row) if row else None


async def lock(connection: DatabaseConnection, administrator_id: int) -> None:
    """Keep others from changing an administrator until the transaction ends."""
    await connection.fetch(_LOCK, id=administrator_id)
