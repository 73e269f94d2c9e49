"""Insert, read and revoke API keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Text, bindparam, insert, select, update

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement, among, ids
from db.core.tables import ApiKeyRow, OrganizationRow, columns, table
from db.core.types import Identifier, Instant, Ordered
from domain.access import Role
from domain.texts import fold


class ApiKeyRecord(NamedTuple):
    """An API key as the API shows it."""

    id: int
    organization_id: int
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


_K, _O = columns(ApiKeyRow), columns(OrganizationRow)
_ID = bindparam("id", type_=Identifier)
_NOW = bindparam("now", type_=Instant())
_DIGEST = bindparam("digest", type_=Ordered)
_SCOPED = (
    select(*(_K[name] for name in ApiKeyRecord._fields))
    .join(table(OrganizationRow), _O.id == _K.organization_id)
    .where(scope.inside(_O.path, "scope"))
)
_LIST = Statement(_SCOPED.order_by(_K.id))
_BY_IDS = Statement(_SCOPED.where(among(_K.id, ids("ids"))))


def _record(row: Row) -> ApiKeyRecord:
    return ApiKeyRecord._make((*row[:3], Role(row[3]), *row[4:]))


async def all_keys(connection: DatabaseConnection, *, within: str) -> list[ApiKeyRecord]:
    """The API keys in a scope, oldest first, including revoked and expired ones."""
    return [_record(row) for row in await connection.fetch(_LIST, **scope.bounds("scope", within))]


async def by_ids(connection: DatabaseConnection, wanted: Sequence[int], *, within: str) -> dict[int, ApiKeyRecord]:
    """The API keys with these ids that are in scope, by id."""
    rows = await connection.fetch(_BY_IDS, ids=wanted, **scope.bounds("scope", within))
    return {row[0]: _record(row) for row in rows}


_INSERT_KEY = Statement(
    insert(table(ApiKeyRow))
    .values(
        organization_id=bindparam("organization_id", type_=Identifier),
        name=bindparam("name", type_=Text()),
        role=bindparam("role", type_=Text()),
        digest=_DIGEST,
        created_at=_NOW,
        expires_at=bindparam("expires_at", type_=Instant()),
    )
    .returning(_K.id)
)
_SET_LAST_USED = Statement(update(table(ApiKeyRow)).where(_K.id == _ID).values(last_used_at=_NOW))
_UNREVOKED = Statement(select(_K.id, _K.organization_id, _K.expires_at, _K.name).where(_K.revoked_at.is_(None)))


class NamedKey(NamedTuple):
    """A key that is not revoked, of a certain name."""

    id: int
    organization_id: int
    expires_at: datetime | None


async def insert_key(
    connection: DatabaseConnection,
    *,
    organization_id: int,
    name: str,
    role: Role,
    digest: str,
    now: datetime,
    expires_at: datetime | None,
) -> int:
    """Insert an API key and return its id."""
    key_id: int = await connection.value(
        _INSERT_KEY,
        organization_id=organization_id,
        name=name,
        role=role.value,
        digest=digest,
        now=now,
        expires_at=expires_at,
    )
    return key_id


async def unrevoked(connection: DatabaseConnection, name: str) -> list[NamedKey]:
    """The keys with the same name that are not revoked, in any scope."""
    wanted = fold(name)
    return [NamedKey(*columns) for *columns, found in await connection.fetch(_UNREVOKED) if fold(found) == wanted]


async def revoke_all(connection: DatabaseConnection, keys: Iterable[NamedKey], *, now: datetime) -> None:
    """Revoke API keys."""
    await connection.execute_many(_REVOKE, ({"id": key.id, "now": now} for key in keys))


async def set_last_used(connection: DatabaseConnection, key_id: int, *, now: datetime) -> None:
    """Set the time of an API key's last use."""
    await connection.execute(_SET_LAST_USED, id=key_id, now=now)


_REVOKE = Statement(update(table(ApiKeyRow)).where(_K.id == _ID, _K.revoked_at.is_(None)).values(revoked_at=_NOW))


async def revoke(connection: DatabaseConnection, key_id: int, *, now: datetime) -> bool:
    """Revoke an API key; return False if it was revoked before."""
    return await connection.execute(_REVOKE, id=key_id, now=now) == 1
