"""The tree of organizations: reading nodes, their children and everything below."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
)

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.keyset import ConnectionPage, PageRequest, SortKey, to_page
from db.core.statements import Statement, among, ids
from db.core.tables import (
    AdministratorRow,
    OrganizationRow,
    UserRow,
    UtilizationRow,
    columns,
    table,
)
from db.core.types import Identifier, Ordered
from db.utilization.counters import COLUMNS as COUNTERS
from db.utilization.counters import Counters
from domain.texts import fold_for_lookup


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
    counters: Counters | None = None
    """Its counters, where they were asked for."""


class OrganizationName(NamedTuple):
    """What lists show of an organization."""

    id: int
    name: str


_O, _T = columns(OrganizationRow), columns(UtilizationRow)
_held = table(UtilizationRow).alias()
COLUMNS = tuple(_O[name] for name in OrganizationRecord._fields[:-1])
COLUMNS_OF_NAME = tuple(_O[name] for name in OrganizationName._fields)
_IN_SCOPE = scope.inside(_O.path, "scope")
_BY_IDS = Statement(select(*COLUMNS).where(among(_O.id, ids("ids")), scope.covers(_O.path, "scope")))
_PATHS = Statement(select(_O.id, _O.path).where(among(_O.id, ids("ids"))))
_CHILD_COUNTS = Statement(
    select(_O.parent_id, func.count()).where(among(_O.parent_id, ids("ids"))).group_by(_O.parent_id)
)
_ROOT_IDS = Statement(select(_O.id).where(_O.parent_id.is_(None)).order_by(_O.id))
_ROOTS = Statement(select(func.count()).where(_O.parent_id.is_(None)))


async def by_ids(
    connection: DatabaseConnection, wanted: Sequence[int], *, within: str
) -> dict[int, OrganizationRecord]:
    """The organizations among those ids that are inside the scope."""
    rows = await connection.fetch(_BY_IDS, ids=wanted, **scope.bounds("scope", within))
    return {row[0]: OrganizationRecord(*row) for row in rows}


async def by_id(connection: DatabaseConnection, organization_id: int, *, within: str) -> OrganizationRecord | None:
    """The organization, if it is inside the scope."""
    return (await by_ids(connection, [organization_id], within=within)).get(organization_id)


async def paths(connection: DatabaseConnection, wanted: Sequence[int]) -> dict[int, str]:
    """The paths of these organizations, whatever the scope."""
    return dict(await connection.fetch(_PATHS, ids=wanted))


async def child_counts(connection: DatabaseConnection, wanted: Sequence[int]) -> dict[int, int]:
    """How many children each has; those without any are missing."""
    return dict(await connection.fetch(_CHILD_COUNTS, ids=wanted))


async def root_ids(connection: DatabaseConnection) -> list[int]:
    """The ids of all roots."""
    return [row[0] for row in await connection.fetch(_ROOT_IDS)]


async def root_count(connection: DatabaseConnection) -> int:
    """How many roots there are in the database."""
    count: int = await connection.value(_ROOTS)
    return count


_ALL = Statement(select(_O.id, _O.path, _O.name).order_by(_O.path))


async def all_organizations(connection: DatabaseConnection) -> list[tuple[int, str, str]]:
    """Id, path and name of every organization, those above before those below."""
    return [(row[0], row[1], row[2]) for row in await connection.fetch(_ALL)]


class OrganizationQuery(NamedTuple):
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
        held = _held.c.available + _held.c.reserved + _held.c.assigned + _held.c.registered
        holds = exists().where(_held.c.organization_id == _O.id, held > 0)
        parts.append(holds if holding else ~holds)
    return parts


@lru_cache(maxsize=256)
def _list(
    *,
    children: bool,
    without: bool,
    search: bool,
    holding: bool | None,
    after: bool = False,
    counters: bool = False,
    counted: bool = False,
) -> Statement:
    conditions = _conditions(children=children, without=without, search=search, holding=holding)
    if counted:
        return Statement(select(func.count()).select_from(table(OrganizationRow)).where(*conditions))
    if after:
        bound = tuple_(bindparam("after_value", type_=Ordered), bindparam("after_id", type_=Identifier))
        conditions.append(tuple_(_O.name_folded, _O.id) > bound)
    if counters:
        query = select(*COLUMNS, *COUNTERS).join(table(UtilizationRow), _T.organization_id == _O.id)
    else:
        query = select(*COLUMNS)
    query = query.where(*conditions).order_by(_O.name_folded, _O.id)
    return Statement(query.limit(bindparam("size", type_=BigInteger())))


def _arguments(listing: OrganizationQuery) -> tuple[dict[str, Any], dict[str, Any]]:
    shape = {
        "children": listing.children_of is not None,
        "without": listing.without is not None,
        "search": bool(listing.search),
        "holding": listing.holding,
    }
    values = {
        "children_of": listing.children_of,
        "without": listing.without,
        "search": fold_for_lookup(listing.search or ""),
        **scope.bounds("scope", listing.within),
    }
    return shape, values


async def page(
    connection: DatabaseConnection, listing: OrganizationQuery, page: PageRequest, *, counters: bool = False
) -> ConnectionPage[OrganizationRecord]:
    """A page of the listing in the order of names, with or without the organizations' counters."""
    shape, values = _arguments(listing)
    if page.after:
        values |= {"after_value": page.after.value, "after_id": page.after.tie_breaker}
    statement = _list(**shape, after=page.after is not None, counters=counters)
    rows = await connection.fetch(statement, **values, size=page.size + 1)
    width = len(COLUMNS)
    if counters:
        return to_page([OrganizationRecord._make((*row[:width], Counters(*row[width:]))) for row in rows], page)
    return to_page([OrganizationRecord(*row) for row in rows], page)


def key(record: OrganizationRecord) -> SortKey:
    """Where an organization stands in the order of names."""
    return SortKey(record.name_folded, record.id)


async def count(connection: DatabaseConnection, listing: OrganizationQuery) -> int:
    """How many organizations the listing has."""
    shape, values = _arguments(listing)
    total: int = await connection.value(_list(**shape, counted=True), **values)
    return total


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


async def occupied(connection: DatabaseConnection, wanted: Sequence[int]) -> dict[int, bool]:
    """Those of the organizations that have users or administrators, themselves or below, each as True."""
    return {row[0]: True for row in await connection.fetch(_OCCUPIED, ids=wanted)}
