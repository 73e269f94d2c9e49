"""The tree of organizations: reading nodes, their children and everything below, and changing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    SmallInteger,
    Text,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from db import scope
from db.database import Connection
from db.keyset import Key, Page, Slice, cut
from db.statements import Statement, among, ids
from db.tables import (
    AdministratorRow,
    ApiKeyRow,
    InventoryRow,
    OrganizationRow,
    UserRow,
    UtilizationRow,
    columns,
    table,
)
from db.types import Identifier, Ordered
from domain.scope import child_path
from domain.texts import fold, sought


class OrganizationRecord(NamedTuple):
    """An organization as the API shows it."""

    id: int
    parent_id: int | None
    path: str
    name: str
    name_folded: str
    time_zone: str
    threshold_percent: int
    supplier_email: str | None
    supplier_telephone: str | None


_O = columns(OrganizationRow)
_COLUMNS = tuple(_O[name] for name in OrganizationRecord._fields)
_IN_SCOPE = scope.inside(_O.path, "scope")
_BY_IDS = Statement(select(*_COLUMNS).where(among(_O.id, ids("ids")), _IN_SCOPE))
_PATHS = Statement(select(_O.id, _O.path).where(among(_O.id, ids("ids"))))
_CHILD_COUNTS = Statement(
    select(_O.parent_id, func.count()).where(among(_O.parent_id, ids("ids"))).group_by(_O.parent_id)
)
_ROOTS = Statement(select(func.count()).where(_O.parent_id.is_(None)))


async def by_ids(connection: Connection, wanted: Sequence[int], *, within: str) -> dict[int, OrganizationRecord]:
    """The organizations among those ids that are inside the scope."""
    rows = await connection.fetch(_BY_IDS, ids=wanted, **scope.bounds("scope", within))
    return {row[0]: OrganizationRecord(*row) for row in rows}


async def by_id(connection: Connection, organization_id: int, *, within: str) -> OrganizationRecord | None:
    """The organization, if it is inside the scope."""
    return (await by_ids(connection, [organization_id], within=within)).get(organization_id)


async def paths(connection: Connection, wanted: Sequence[int]) -> dict[int, str]:
    """The paths of these organizations, whatever the scope."""
    return dict(await connection.fetch(_PATHS, ids=wanted))


async def child_counts(connection: Connection, wanted: Sequence[int]) -> dict[int, int]:
    """How many children each has; those without any are missing."""
    return dict(await connection.fetch(_CHILD_COUNTS, ids=wanted))


async def root_count(connection: Connection) -> int:
    """How many roots there are in the database."""
    count: int = await connection.value(_ROOTS)
    return count


_EVERYTHING = Statement(select(_O.id, _O.path, _O.name).order_by(_O.path))


async def everything(connection: Connection) -> list[tuple[int, str, str]]:
    """Id, path and name of every organization, those above before those below."""
    return [(row[0], row[1], row[2]) for row in await connection.fetch(_EVERYTHING)]


class Listing(NamedTuple):
    """Which organizations a list shows: all inside a scope, or only the children of one; the rest narrows it."""

    within: str
    children_of: int | None = None
    without: int | None = None
    search: str | None = None
    holding: bool | None = None


def _conditions(*, children: bool, without: bool, search: bool, holding: bool | None) -> list[Any]:
    parts: list[Any] = [_IN_SCOPE]
    if children:
        parts.append(_O.parent_id == bindparam("children_of", type_=Identifier))
    if without:
        parts.append(_O.id != bindparam("without", type_=Identifier))
    if search:
        parts.append(func.replace(_O.name_folded, bindparam("search", type_=Ordered), "") != _O.name_folded)
    if holding is not None:
        counters = columns(UtilizationRow)
        held = counters.available + counters.reserved + counters.assigned + counters.registered
        holds = exists().where(counters.organization_id == _O.id, held > 0)
        parts.append(holds if holding else ~holds)
    return parts


@lru_cache(maxsize=256)
def _list(
    *, children: bool, without: bool, search: bool, holding: bool | None, after: bool, counted: bool
) -> Statement:
    conditions = _conditions(children=children, without=without, search=search, holding=holding)
    if counted:
        return Statement(select(func.count()).select_from(table(OrganizationRow)).where(*conditions))
    if after:
        bound = tuple_(bindparam("after_value", type_=Ordered), bindparam("after_id", type_=Identifier))
        conditions.append(tuple_(_O.name_folded, _O.id) > bound)
    query = select(*_COLUMNS).where(*conditions).order_by(_O.name_folded, _O.id)
    return Statement(query.limit(bindparam("size", type_=BigInteger())))


def _arguments(listing: Listing) -> tuple[dict[str, Any], dict[str, Any]]:
    shape = {
        "children": listing.children_of is not None,
        "without": listing.without is not None,
        "search": bool(listing.search),
        "holding": listing.holding,
    }
    values = {
        "children_of": listing.children_of,
        "without": listing.without,
        "search": sought(listing.search or ""),
        **scope.bounds("scope", listing.within),
    }
    return shape, values


async def page(connection: Connection, listing: Listing, page: Page) -> Slice[OrganizationRecord]:
    """A page of the listing in the order of names."""
    shape, values = _arguments(listing)
    if page.after:
        values |= {"after_value": page.after.value, "after_id": page.after.tie}
    statement = _list(**shape, after=page.after is not None, counted=False)
    rows = await connection.fetch(statement, **values, size=page.size + 1)
    return cut([OrganizationRecord(*row) for row in rows], page)


def key(record: OrganizationRecord) -> Key:
    """Where an organization stands in the order of names."""
    return Key(record.name_folded, record.id)


async def count(connection: Connection, listing: Listing) -> int:
    """How many organizations the listing has."""
    shape, values = _arguments(listing)
    total: int = await connection.value(_list(**shape, after=False, counted=True), **values)
    return total


# Changing the tree

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
_NAMED = Statement(select(_O.id).where(_O.parent_id == _ID, _O.name == bindparam("name", type_=Ordered)))
_NAMED_ROOT = Statement(select(_O.id).where(_O.parent_id.is_(None), _O.name == bindparam("name", type_=Ordered)))


async def insert_one(
    connection: Connection,
    *,
    parent: tuple[int, str] | None,
    name: str,
    time_zone: str,
    threshold_percent: int,
    at: datetime,
) -> tuple[int, str]:
    """Add an organization below a parent (id and path), or a root; its id and path."""
    organization_id: int = await connection.value(
        _INSERT,
        parent_id=parent and parent[0],
        path="",
        name=name,
        name_folded=fold(name),
        time_zone=time_zone,
        threshold_percent=threshold_percent,
        created_at=at,
    )
    path = child_path(parent[1] if parent else "", organization_id)
    await connection.execute(_SET_PATH, id=organization_id, path=path)
    await connection.execute(_INSERT_COUNTERS, id=organization_id)
    return organization_id, path


async def child_named(connection: Connection, parent_id: int | None, name: str) -> int | None:
    """The id of the parent's child of that name, or of the root of that name."""
    row = (
        await connection.fetch_one(_NAMED_ROOT, name=name)
        if parent_id is None
        else await connection.fetch_one(_NAMED, id=parent_id, name=name)
    )
    return row[0] if row else None


_UPDATE = Statement(
    update(table(OrganizationRow))
    .where(_O.id == _ID)
    .values(
        name=bindparam("name", type_=Ordered),
        name_folded=bindparam("name_folded", type_=Ordered),
        time_zone=bindparam("time_zone", type_=Text()),
        threshold_percent=bindparam("threshold_percent", type_=SmallInteger()),
        supplier_email=bindparam("supplier_email", type_=Text()),
        supplier_telephone=bindparam("supplier_telephone", type_=Text()),
    )
)


async def write(connection: Connection, record: OrganizationRecord) -> None:
    """Store an organization's name and settings."""
    await connection.execute(
        _UPDATE,
        id=record.id,
        name=record.name,
        name_folded=fold(record.name),
        time_zone=record.time_zone,
        threshold_percent=record.threshold_percent,
        supplier_email=record.supplier_email,
        supplier_telephone=record.supplier_telephone,
    )


_SET_PARENT = Statement(
    update(table(OrganizationRow)).where(_O.id == _ID).values(parent_id=bindparam("parent_id", type_=Identifier))
)
_SHIFT_PATHS = Statement(
    update(table(OrganizationRow))
    .where(_IN_SCOPE)
    .values(path=bindparam("path", type_=Ordered).concat(func.substr(_O.path, bindparam("start", type_=BigInteger()))))
)


async def move_subtree(connection: Connection, record: OrganizationRecord, *, parent_id: int, parent_path: str) -> str:
    """Hang an organization and everything below it under another parent; its new path. Counters are not touched."""
    path = child_path(parent_path, record.id)
    await connection.execute(_SET_PARENT, id=record.id, parent_id=parent_id)
    bounds = scope.bounds("scope", record.path)
    await connection.execute(_SHIFT_PATHS, **bounds, path=path, start=len(record.path) + 1)
    return path


_BELOW = Statement(select(_O.id).where(_IN_SCOPE).order_by(_O.path.desc()))
_inside = select(_O.id).where(_IN_SCOPE)
_OCCUPANTS = Statement(
    select(
        select(func.count()).where(columns(UserRow).organization_id.in_(_inside)).scalar_subquery(),
        select(func.count()).where(columns(AdministratorRow).organization_id.in_(_inside)).scalar_subquery(),
    )
)


async def inside_ids(connection: Connection, path: str) -> list[int]:
    """The ids of an organization and everything below it, the lowest nodes first."""
    return [row[0] for row in await connection.fetch(_BELOW, **scope.bounds("scope", path))]


async def occupants(connection: Connection, path: str) -> tuple[int, int]:
    """How many users and how many administrators an organization and everything below it have."""
    row = await connection.fetch_one(_OCCUPANTS, **scope.bounds("scope", path))
    return (row[0], row[1]) if row else (0, 0)


_DELETES = tuple(
    Statement(delete(table(row)).where(among(columns(row).organization_id, ids("ids"))))
    for row in (ApiKeyRow, InventoryRow, UtilizationRow)
)
_DELETE = Statement(delete(table(OrganizationRow)).where(_O.id == _ID))


async def delete_all(connection: Connection, organization_ids: Sequence[int]) -> None:
    """Delete organizations, lowest first, with their keys and counters."""
    for statement in _DELETES:
        await connection.execute(statement, ids=organization_ids)
    await connection.execute_many(_DELETE, ({"id": organization_id} for organization_id in organization_ids))


_other = table(OrganizationRow).alias()
_OCCUPIED = Statement(
    select(_O.id).where(
        among(_O.id, ids("ids")),
        or_(
            *(
                exists()
                .where(_other.c.path >= _O.path, _other.c.path < func.rtrim(_O.path, "/").concat("0"))
                .where(columns(row).organization_id == _other.c.id)
                for row in (UserRow, AdministratorRow)
            )
        ),
    )
)


async def occupied(connection: Connection, wanted: Sequence[int]) -> set[int]:
    """Those of the organizations that have users or administrators, themselves or below."""
    return {row[0] for row in await connection.fetch(_OCCUPIED, ids=wanted)}
