"""Authentication: callers by token or API key, credentials and session tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, delete, func, insert, null, select, update

from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement, among, texts
from db.core.tables import (
    AccessTokenRow,
    AdministratorRow,
    ApiKeyRow,
    OrganizationRow,
    columns,
    table,
)
from db.core.types import Identifier, Instant, Ordered
from db.users.invitations import NEXT_EXPIRY
from domain.access import Role
from domain.emails import mailbox_key


class Caller(NamedTuple):
    """The administrator or API key that a secret authenticates, with the organization where the role is held."""

    id: int
    name: str
    email: str | None
    role: Role
    organization_id: int
    organization_path: str
    last_used_at: datetime | None
    expires_at: datetime | None
    root_count: int
    """How many roots the deployment has."""
    next_invitation_expiry: datetime | None
    """When the first pending invitation of the deployment expires; read here to save a query per request."""


class Credentials(NamedTuple):
    """An administrator's password hash; None until a password is set."""

    administrator_id: int
    password_hash: str | None


_A, _K, _T = columns(AdministratorRow), columns(ApiKeyRow), columns(AccessTokenRow)
_O = columns(OrganizationRow)
_NOW = bindparam("now", type_=Instant())
_DIGEST = bindparam("digest", type_=Ordered)
_root = table(OrganizationRow).alias()
_ROOT_COUNT = select(func.count()).where(_root.c.parent_id.is_(None)).scalar_subquery()
_BY_TOKENS = Statement(
    select(
        _A.id,
        _A.name,
        _A.email,
        _A.role,
        _A.organization_id,
        _O.path,
        _A.last_sign_in_at,
        _T.expires_at,
        _ROOT_COUNT,
        NEXT_EXPIRY,
        _T.digest,
    )
    .join(table(AccessTokenRow), _T.administrator_id == _A.id)
    .join(table(OrganizationRow), _O.id == _A.organization_id)
    .where(among(_T.digest, texts("digests")))
)
_by_keys = select(
    _K.id,
    _K.name,
    bindparam("none", None, type_=Text()),
    _K.role,
    _K.organization_id,
    _O.path,
    _K.last_used_at,
    _K.expires_at,
    _ROOT_COUNT,
    NEXT_EXPIRY,
    _K.digest,
).join(table(OrganizationRow), _O.id == _K.organization_id)
_BY_KEYS = Statement(_by_keys.where(among(_K.digest, texts("digests")), _K.revoked_at.is_(None)))
_BY_ADMINISTRATOR_ID = Statement(
    select(
        _A.id,
        _A.name,
        _A.email,
        _A.role,
        _A.organization_id,
        _O.path,
        _A.last_sign_in_at,
        null(),
        _ROOT_COUNT,
        NEXT_EXPIRY,
        _A.id,
    )
    .join(table(OrganizationRow), _O.id == _A.organization_id)
    .where(_A.id == bindparam("id", type_=Identifier))
)
_BY_KEY_ID = Statement(_by_keys.where(_K.id == bindparam("id", type_=Identifier), _K.revoked_at.is_(None)))


async def administrator_by_id(connection: DatabaseConnection, administrator_id: int) -> Caller | None:
    """The administrator with an id."""
    return _first(await connection.fetch(_BY_ADMINISTRATOR_ID, id=administrator_id))


async def key_by_id(connection: DatabaseConnection, key_id: int) -> Caller | None:
    """The API key with an id, unless it is revoked; an expired one is included."""
    return _first(await connection.fetch(_BY_KEY_ID, id=key_id))


def _first(rows: Sequence[Row]) -> Caller | None:
    return next(iter(_callers(rows).values()), None)


async def callers_by_token(connection: DatabaseConnection, digests: Sequence[str]) -> dict[str, Caller]:
    """The administrators that own the tokens, by the digest of the token. Expired tokens are included."""
    return _callers(await connection.fetch(_BY_TOKENS, digests=digests))


async def callers_by_key(connection: DatabaseConnection, digests: Sequence[str]) -> dict[str, Caller]:
    """The API keys with these digests, by digest. Expired keys are included, revoked keys are not."""
    return _callers(await connection.fetch(_BY_KEYS, digests=digests))


def _callers(rows: Sequence[Row]) -> dict[Any, Caller]:
    return {row[-1]: Caller._make((*row[:3], Role(row[3]), *row[4:-1])) for row in rows}


_EMAIL = bindparam("email_folded", type_=Ordered)
_CREDENTIALS = Statement(select(_A.id, _A.password_hash).where(_A.email_folded == _EMAIL))
_ID = bindparam("id", type_=Identifier)
_EXPIRES_AT = bindparam("expires_at", type_=Instant())
_SET_LAST_SIGN_IN = Statement(update(table(AdministratorRow)).where(_A.id == _ID).values(last_sign_in_at=_NOW))
_INSERT_TOKEN = Statement(
    insert(table(AccessTokenRow)).values(
        administrator_id=_ID,
        digest=_DIGEST,
        created_at=_NOW,
        expires_at=_EXPIRES_AT,
        signed_in_at=bindparam("signed_in_at", type_=Instant()),
    )
)
_SIGNED_IN_AT = Statement(select(_T.signed_in_at).where(_T.digest == _DIGEST))
_SHORTEN_TOKEN = Statement(
    update(table(AccessTokenRow))
    .where(_T.digest == _DIGEST, _T.expires_at > _EXPIRES_AT)
    .values(expires_at=_EXPIRES_AT)
)
_DELETE_TOKEN = Statement(delete(table(AccessTokenRow)).where(_T.digest == _DIGEST))
_DELETE_EXPIRED = Statement(delete(table(AccessTokenRow)).where(_T.expires_at <= _NOW))


async def credentials(connection: DatabaseConnection, email: str) -> Credentials | None:
    """The credentials of the administrator with an email address, or None."""
    row = await connection.fetch_one(_CREDENTIALS, email_folded=mailbox_key(email))
    return Credentials(*row) if row else None


async def insert_token(
    connection: DatabaseConnection,
    administrator_id: int,
    digest: str,
    *,
    now: datetime,
    signed_in_at: datetime,
    expires_at: datetime,
) -> None:
    """Store the digest of a session token, whose session began with a sign-in at `signed_in_at`."""
    await connection.execute(
        _INSERT_TOKEN, id=administrator_id, digest=digest, now=now, signed_in_at=signed_in_at, expires_at=expires_at
    )


async def set_last_sign_in(connection: DatabaseConnection, administrator_id: int, *, now: datetime) -> None:
    """Set the time of an administrator's last sign-in."""
    await connection.execute(_SET_LAST_SIGN_IN, id=administrator_id, now=now)


async def signed_in_at(connection: DatabaseConnection, digest: str) -> datetime | None:
    """The time of the sign-in with which the session of a token began, or None if the token was deleted."""
    row = await connection.fetch_one(_SIGNED_IN_AT, digest=digest)
    return row[0] if row else None


async def shorten_token(connection: DatabaseConnection, digest: str, *, expires_at: datetime) -> None:
    """Let a session token expire at a moment, unless it expires earlier."""
    await connection.execute(_SHORTEN_TOKEN, digest=digest, expires_at=expires_at)


async def delete_token(connection: DatabaseConnection, digest: str) -> None:
    """Delete a session token."""
    await connection.execute(_DELETE_TOKEN, digest=digest)


async def delete_expired_tokens(connection: DatabaseConnection, *, now: datetime) -> None:
    """Delete expired session tokens."""
    await connection.execute(_DELETE_EXPIRED, now=now)
