"""API keys: adding, listing and revoking them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Text, bindparam, func, insert, or_, select, update

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.statements import Row, Statement, among, ids
from db.core.tables import ApiKeyRow, OrganizationRow, columns, table
from db.core.types import Identifier, Instant, Ordered
from domain.access import Role


class ApiKeyRecord(NamedTuple):
    """An API key as the API shows it; its secret is not stored."""

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
    """The keys inside the scope, in the order of creation; revoked and expired ones, too."""
    return [_record(row) for row in await connection.fetch(_LIST, **scope.bounds("scope", within))]


async def by_ids(connection: DatabaseConnection, wanted: Sequence[int], *, within: str) -> dict[int, ApiKeyRecord]:
    """The keys among those ids whose organization is inside the scope."""
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
_REVOKE_NAMED = Statement(
    update(table(ApiKeyRow))
    .where(_K.name == bindparam("name", type_=Text()), _K.revoked_at.is_(None))
    .values(revoked_at=_NOW)
)
_USED = Statement(update(table(ApiKeyRow)).where(_K.id == _ID).values(last_used_at=_NOW))
_ACTIVE_KEYS = Statement(
    select(func.count()).where(
        _K.name == bindparam("name", type_=Text()),
        _K.revoked_at.is_(None),
        or_(_K.expires_at.is_(None), _K.expires_at > _NOW),
    )
)


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
    """Add an API key; its id."""
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


async def active_key_count(connection: DatabaseConnection, name: str, *, now: datetime) -> int:
    """How many usable keys have this name."""
    count: int = await connection.value(_ACTIVE_KEYS, name=name, now=now)
    return count


async def revoke_by_name(connection: DatabaseConnection, name: str, *, now: datetime) -> int:
    """End the keys of this name; how many there were."""
    return await connection.execute(_REVOKE_NAMED, name=name, now=now)


async def record_use(connection: DatabaseConnection, key_id: int, *, now: datetime) -> None:
    """Remember when a key was last used."""
    await connection.execute(_USED, id=key_id, now=now)


_REVOKE_ONE = Statement(update(table(ApiKeyRow)).where(_K.id == _ID, _K.revoked_at.is_(None)).values(revoked_at=_NOW))


async def revoke(connection: DatabaseConnection, key_id: int, *, now: datetime) -> bool:
    """End a key; whether it was not revoked before."""
    return await connection.execute(_REVOKE_ONE, id=key_id, now=now) == 1
