"""Insert, change, move and delete organizations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    Integer,
    SmallInteger,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.statements import Statement, among, ids
from db.core.tables import (
    AdministratorRow,
    ApiKeyRow,
    DailyTotalRow,
    FormerOrganizationRow,
    InventoryRow,
    OrganizationRow,
    QuarterHourTotalRow,
    UserRow,
    UtilizationRow,
    columns,
    table,
)
from db.core.types import Identifier, Ordered
from db.organizations.queries import OrganizationRecord
from domain.scope import child_path
from domain.texts import fold

_O = columns(OrganizationRow)
_IN_SCOPE = scope.inside(_O.path, "scope")

_ID = bindparam("id", type_=Identifier)
_INSERT = Statement(
    insert(table(OrganizationRow))
    .values(
        {
            name: bindparam(name, type_=_O[name].type)
            for name in (
                "parent_id",
                "path",
                "name",
                "name_folded",
                "time_zone",
                "region",
                "threshold_percent",
                "supplier_email",
                "supplier_telephone",
                "created_at",
            )
        }
    )
    .returning(_O.id)
)
_SET_PATH = Statement(update(table(OrganizationRow)).where(_O.id == _ID).values(path=bindparam("path", type_=Ordered)))
_INSERT_COUNTERS = Statement(
    insert(table(UtilizationRow)).values(
        dict.fromkeys(columns(UtilizationRow).keys(), 0) | {"organization_id": bindparam("id", type_=Identifier)}
    )
)
_CHILD_BY_NAME = Statement(
    select(_O.id).where(_O.parent_id == _ID, _O.name_folded == bindparam("name_folded", type_=Ordered))
)


async def insert_one(
    connection: DatabaseConnection,
    *,
    parent: tuple[int, str] | None,
    name: str,
    time_zone: str,
    threshold_percent: int,
    region: str | None = None,
    at: datetime,
) -> tuple[int, str]:
    """Insert an organization below a parent (its id and path), or a root. Return the id and path."""
    organization_id: int = await connection.value(
        _INSERT,
        parent_id=parent and parent[0],
        path="",
        name=name,
        name_folded=fold(name),
        time_zone=time_zone,
        region=region,
        threshold_percent=threshold_percent,
        created_at=at,
    )
    path = child_path(parent[1] if parent else "", organization_id)
    await connection.execute(_SET_PATH, id=organization_id, path=path)
    await connection.execute(_INSERT_COUNTERS, id=organization_id)
    return organization_id, path


async def child_by_name(connection: DatabaseConnection, parent_id: int, name: str) -> int | None:
    """The id of a parent's child with a name that folds alike."""
    row = await connection.fetch_one(_CHILD_BY_NAME, id=parent_id, name_folded=fold(name))
    return row[0] if row else None


_LOCK = Statement(select(_O.id).where(_O.id == _ID).with_for_update(key_share=True))


async def lock(connection: DatabaseConnection, organization_id: int) -> None:
    """Lock an organization's name and settings until the transaction ends. Its numbers can still be changed."""
    await connection.fetch(_LOCK, id=organization_id)


_UPDATE = Statement(
    update(table(OrganizationRow))
    .where(_O.id == _ID)
    .values(
        name=bindparam("name", type_=Ordered),
        name_folded=bindparam("name_folded", type_=Ordered),
        time_zone=bindparam("time_zone", type_=Text()),
        region=bindparam("region", type_=Text()),
        threshold_percent=bindparam("threshold_percent", type_=SmallInteger()),
        supplier_email=bindparam("supplier_email", type_=Text()),
        supplier_telephone=bindparam("supplier_telephone", type_=Text()),
    )
)


async def write(connection: DatabaseConnection, record: OrganizationRecord) -> None:
    """Update an organization's name and settings."""
    await connection.execute(
        _UPDATE,
        id=record.id,
        name=record.name,
        name_folded=fold(record.name),
        time_zone=record.time_zone,
        region=record.region,
        threshold_percent=record.threshold_percent,
        supplier_email=record.supplier_email,
        supplier_telephone=record.supplier_telephone,
    )


_SET_PARENT = Statement(
    update(table(OrganizationRow)).where(_O.id == _ID).values(parent_id=bindparam("parent_id", type_=Identifier))
)
_REPLACE_PATH_PREFIX = tuple(
    Statement(
        update(table(row))
        .where(scope.inside(columns(row).path, "scope"))
        .values(
            path=bindparam("path", type_=Ordered).concat(
                func.substr(columns(row).path, bindparam("start", type_=Integer()))
            )
        )
    )
    for row in (OrganizationRow, FormerOrganizationRow)
)


async def move_subtree(
    connection: DatabaseConnection, record: OrganizationRecord, *, parent_id: int, parent_path: str
) -> str:
    """Move an organization with its sub-organizations under another parent, and return its new path.

    Counters and roll-ups are not updated.
    """
    path = child_path(parent_path, record.id)
    await connection.execute(_SET_PARENT, id=record.id, parent_id=parent_id)
    bounds = scope.bounds("scope", record.path)
    for statement in _REPLACE_PATH_PREFIX:
        await connection.execute(statement, **bounds, path=path, start=len(record.path) + 1)
    return path


_LOWEST_LEVEL = tuple(
    Statement(
        select(func.max(func.length(path) - func.length(func.replace(path, "/", "")))).where(
            scope.inside(path, "scope")
        )
    )
    for path in (_O.path, columns(FormerOrganizationRow).path)
)


async def lowest_level(connection: DatabaseConnection, path: str) -> int:
    """The lowest level below a path, 1 being the root's. Deleted organizations count: they keep a path, which moves."""
    bounds = scope.bounds("scope", path)
    return max([await connection.value(statement, **bounds) or 0 for statement in _LOWEST_LEVEL])


_SUBTREE = Statement(select(_O.id).where(_IN_SCOPE).order_by(_O.path.desc()))
_inside = select(_O.id).where(_IN_SCOPE)
_USER_COUNTS = Statement(
    select(
        select(func.count()).where(columns(UserRow).organization_id.in_(_inside)).scalar_subquery(),
        select(func.count()).where(columns(AdministratorRow).organization_id.in_(_inside)).scalar_subquery(),
    )
)


async def subtree_ids(connection: DatabaseConnection, path: str) -> list[int]:
    """The ids of an organization and its sub-organizations, children before parents."""
    return [row[0] for row in await connection.fetch(_SUBTREE, **scope.bounds("scope", path))]


async def user_counts(connection: DatabaseConnection, path: str) -> tuple[int, int]:
    """The numbers of users and administrators of an organization and its sub-organizations."""
    row = await connection.fetch_one(_USER_COUNTS, **scope.bounds("scope", path))
    return (row[0], row[1]) if row else (0, 0)


_DELETES = tuple(
    Statement(delete(table(row)).where(among(columns(row).organization_id, ids("ids"))))
    for row in (ApiKeyRow, InventoryRow, UtilizationRow, QuarterHourTotalRow, DailyTotalRow)
)
_INSERT_FORMER = Statement(
    insert(table(FormerOrganizationRow)).from_select(
        ["id", "path"], select(_O.id, _O.path).where(among(_O.id, ids("ids")))
    )
)
_DELETE = Statement(delete(table(OrganizationRow)).where(_O.id == _ID))


async def delete_all(connection: DatabaseConnection, organization_ids: Sequence[int]) -> None:
    """Delete organizations, given children first, with their API keys, counters and roll-ups. Keep their last paths."""
    await connection.execute(_INSERT_FORMER, ids=organization_ids)
    for statement in _DELETES:
        await connection.execute(statement, ids=organization_ids)
    await connection.execute_many(_DELETE, ({"id": organization_id} for organization_id in organization_ids))
