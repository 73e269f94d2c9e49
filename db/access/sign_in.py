"""Administrators and callers: who a token or a key belongs to, tokens, and attempts to sign in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Boolean, Text, bindparam, delete, func, insert, select, update

from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement, among, texts
from db.core.tables import (
    AccessTokenRow,
    AdministratorRow,
    ApiKeyRow,
    OrganizationRow,
    SignInAttemptRow,
    columns,
    table,
)
from db.core.types import Identifier, Instant, Ordered
from db.users.invitations import NEXT_EXPIRY
from domain.access import Role
from domain.texts import fold, fold_for_lookup


class Caller(NamedTuple):
    """The caller that a token or key belongs to, and the organization of their role.

    `invitations_over` tells, on the way, whether the time of some invitations is over that nobody has ended yet.
    """

    id: int
    name: str
    email: str | None
    role: Role
    organization_id: int
    organization_path: str
    last_used_at: datetime | None
    expires_at: datetime | None
    roots: int
    """How many roots the deployment has."""
    next_invitation_expiry: datetime | None
    """When the next invitation is over that nobody has ended yet."""


class Credentials(NamedTuple):
    """What a sign-in is checked against."""

    administrator_id: int
    password_hash: str | None


_A, _K, _T = columns(AdministratorRow), columns(ApiKeyRow), columns(AccessTokenRow)
_O = columns(OrganizationRow)
_NOW = bindparam("now", type_=Instant())
_DIGEST = bindparam("digest", type_=Ordered)
_root = table(OrganizationRow).alias()
_ROOTS = select(func.count()).where(_root.c.parent_id.is_(None)).scalar_subquery()
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
        _ROOTS,
        NEXT_EXPIRY,
        _T.digest,
    )
    .join(table(AccessTokenRow), _T.administrator_id == _A.id)
    .join(table(OrganizationRow), _O.id == _A.organization_id)
    .where(among(_T.digest, texts("digests")))
)
_BY_KEYS = Statement(
    select(
        _K.id,
        _K.name,
        bindparam("none", None, type_=Text()),
        _K.role,
        _K.organization_id,
        _O.path,
        _K.last_used_at,
        _K.expires_at,
        _ROOTS,
        NEXT_EXPIRY,
        _K.digest,
    )
    .join(table(OrganizationRow), _O.id == _K.organization_id)
    .where(among(_K.digest, texts("digests")), _K.revoked_at.is_(None))
)


async def by_tokens(connection: DatabaseConnection, digests: Sequence[str]) -> dict[str, Caller]:
    """The administrators whom the tokens belong to, expired or not, by the tokens' digests."""
    return _callers(await connection.fetch(_BY_TOKENS, digests=digests))


async def by_keys(connection: DatabaseConnection, digests: Sequence[str]) -> dict[str, Caller]:
    """The API keys that are not revoked, expired or not, by their digests."""
    return _callers(await connection.fetch(_BY_KEYS, digests=digests))


def _callers(rows: Sequence[Row]) -> dict[str, Caller]:
    return {row[-1]: Caller._make((*row[:3], Role(row[3]), *row[4:-1])) for row in rows}


_EMAIL = bindparam("email_folded", type_=Ordered)
_CREDENTIALS = Statement(select(_A.id, _A.password_hash).where(_A.email_folded == _EMAIL))
_ID = bindparam("id", type_=Identifier)
_SIGNED_IN = Statement(update(table(AdministratorRow)).where(_A.id == _ID).values(last_sign_in_at=_NOW))
_SET_HASH = Statement(
    update(table(AdministratorRow)).where(_A.id == _ID).values(password_hash=bindparam("password_hash", type_=Text()))
)
_INSERT_TOKEN = Statement(
    insert(table(AccessTokenRow)).values(
        administrator_id=_ID,
        digest=_DIGEST,
        created_at=_NOW,
        expires_at=bindparam("expires_at", type_=Instant()),
    )
)
_DELETE_TOKEN = Statement(delete(table(AccessTokenRow)).where(_T.digest == _DIGEST))
_DELETE_EXPIRED = Statement(delete(table(AccessTokenRow)).where(_T.expires_at <= _NOW))


async def credentials(connection: DatabaseConnection, email: str) -> Credentials | None:
    """What an administrator's sign-in is checked against."""
    row = await connection.fetch_one(_CREDENTIALS, email_folded=fold_for_lookup(email))
    return Credentials(*row) if row else None


async def add_token(
    connection: DatabaseConnection,
    administrator_id: int,
    digest: str,
    *,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Store a token's digest, and note the sign-in."""
    await connection.execute(_INSERT_TOKEN, id=administrator_id, digest=digest, now=now, expires_at=expires_at)
    await connection.execute(_SIGNED_IN, id=administrator_id, now=now)


async def set_password_hash(connection: DatabaseConnection, administrator_id: int, password_hash: str) -> None:
    """Store the hash of a password."""
    await connection.execute(_SET_HASH, id=administrator_id, password_hash=password_hash)


async def delete_token(connection: DatabaseConnection, digest: str) -> None:
    """End a token."""
    await connection.execute(_DELETE_TOKEN, digest=digest)


async def delete_expired_tokens(connection: DatabaseConnection, *, now: datetime) -> None:
    """Drop the tokens that nobody can use any more."""
    await connection.execute(_DELETE_EXPIRED, now=now)


_ATTEMPT = columns(SignInAttemptRow)
_SINCE = bindparam("since", type_=Instant())
_ATTEMPTS = Statement(select(func.count()).where(_ATTEMPT.email_folded == _EMAIL, _ATTEMPT.at > _SINCE))
_INSERT_ATTEMPT = Statement(insert(table(SignInAttemptRow)).values(email_folded=_EMAIL, at=_NOW))
_DELETE_ATTEMPTS = Statement(delete(table(SignInAttemptRow)).where(_ATTEMPT.email_folded == _EMAIL))
_DELETE_OLD_ATTEMPTS = Statement(delete(table(SignInAttemptRow)).where(_ATTEMPT.at <= _SINCE))


async def attempt_count(connection: DatabaseConnection, email: str, *, since: datetime) -> int:
    """How many sign-ins with this address were tried since then, and did not succeed."""
    count: int = await connection.value(_ATTEMPTS, email_folded=fold_for_lookup(email), since=since)
    return count


async def record_attempt(connection: DatabaseConnection, email: str, *, now: datetime) -> None:
    """Note that a sign-in is tried."""
    await connection.execute(_INSERT_ATTEMPT, email_folded=fold_for_lookup(email), now=now)


async def delete_attempts(connection: DatabaseConnection, email: str) -> None:
    """Forget the attempts of an address that has signed in."""
    await connection.execute(_DELETE_ATTEMPTS, email_folded=fold_for_lookup(email))


async def delete_old_attempts(connection: DatabaseConnection, *, since: datetime) -> None:
    """Forget the attempts that no longer count."""
    await connection.execute(_DELETE_OLD_ATTEMPTS, since=since)


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
    """Insert an administrator and return the id. Raises UniqueViolation if the address is taken."""
    administrator_id: int = await connection.value(
        _INSERT_ADMINISTRATOR,
        organization_id=organization_id,
        name=name,
        email=email,
        email_folded=fold_for_lookup(email),
        name_folded=fold(name),
        role=role.value,
        password_hash=password_hash,
        receives_alerts=receives_alerts,
        now=now,
    )
    return administrator_id
