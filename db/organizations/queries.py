"""Read organizations by id, and pages of them sorted by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, exists, func, or_, select

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.keyset import ConnectionPage, Keyset, PageRequest, PageShape, SortKey, to_page
from db.core.statements import Statement, among, ids
from db.core.tables import (
    AdministratorRow,
    OrganizationRow,
    UserRow,
    columns,
    table,
)
from db.core.types import Identifier, Ordered
from db.utilization import queries as utilization
from db.utilization.queries import Counters
from domain.texts import fold_for_lookup


class OrganizationRecord(NamedTuple):
    """An organization as the API shows it."""

    id: int
    parent_id: int | None
    path: str
    name: str
    name_folded: str
    time_zone: str
    region: str | None
    """The region that is set here; None if it is inherited."""

    threshold_percent: int
    supplier_email: str | None
    supplier_telephone: str | None
    counters: Counters | None = None
    """The counters, if they were selected."""


class OrganizationName(NamedTuple):
    """The id and name of an organization."""

    id: int
    name: str


_O = columns(OrganizationRow)
COLUMNS = tuple(_O[name] for name in OrganizationRecord._fields[:-1])
COLUMNS_OF_NAME = tuple(_O[name] for name in OrganizationName._fields)
_IN_SCOPE = scope.inside(_O.path, "scope")
_BY_IDS = Statement(select(*COLUMNS).where(among(_O.id, ids("ids")), scope.covers(_O.path, "scope")))
_PATHS = Statement(select(_O.id, _O.path).where(among(_O.id, ids("ids"))))
_CHILD_COUNTS = Statement(
    select(_O.parent_id, func.count()).where(among(_O.parent_id, ids("ids"))).group_by(_O.parent_id)
)
_ROOT_IDS = Statement(select(_O.id).where(_O.parent_id.is_(None)).order_by(_O.id))
_ROOT_COUNT = Statement(select(func.count()).where(_O.parent_id.is_(None)))


async def by_ids(
    connection: DatabaseConnection, wanted: Sequence[int], *, within: str
) -> dict[int, OrganizationRecord]:
    """The organizations with these ids that are in scope, by id."""
    rows = await connection.fetch(_BY_IDS, ids=wanted, **scope.bounds("scope", within))
    return {row[0]: OrganizationRecord(*row) for row in rows}


async def by_id(connection: DatabaseConnection, organization_id: int, *, within: str) -> OrganizationRecord | None:
    """The organization if it is in scope, or None."""
    return (await by_ids(connection, [organization_id], within=within)).get(organization_id)


async def paths(connection: DatabaseConnection, wanted: Sequence[int]) -> dict[int, str]:
    """The paths of organizations in any scope, by id."""
    return dict(await connection.fetch(_PATHS, ids=wanted))


async def child_counts(connection: DatabaseConnection, wanted: Sequence[int]) -> dict[int, int]:
    """The number of children of each organization; those without children are missing."""
    return dict(await connection.fetch(_CHILD_COUNTS, ids=wanted))


async def root_ids(connection: DatabaseConnection) -> list[int]:
    """The ids of all roots."""
    return [row[0] for row in await connection.fetch(_ROOT_IDS)]


async def root_count(connection: DatabaseConnection) -> int:
    """The number of roots."""
    count: int = await connection.value(_ROOT_COUNT)
    return count


_ALL = Statement(select(_O.id, _O.path, _O.name).order_by(_O.path))


async def all_organizations(connection: DatabaseConnection) -> list[tuple[int, str, str]]:
    """Id, path and name of every organization, parents before children."""
    return [(row[0], row[1], row[2]) for row in await connection.fetch(_ALL)]


class OrganizationQuery(NamedTuple):
    """A query for the organizations in a scope, or for the children of one.

    `without` excludes one organization, `search` matches part of the name, and `holding` selects organizations with or
    without numbers.
    """

    within: str
    children_of: int | None = None
    without: int | None = None
    search: str | None = None
    holding: bool | None = None


def _conditions(*, children: bool, without: bool, search: bool, holding: bool | None) -> list[Any]:
    conditions: list[Any] = [_IN_SCOPE]
    if children:
        conditions.append(_O.parent_id == bindparam("children_of", type_=Identifier))
    if without:
        conditions.append(_O.id != bindparam("without", type_=Identifier))
    if search:
        conditions.append(func.replace(_O.name_folded, bindparam("search", type_=Ordered), "") != _O.name_folded)
    if holding is not None:
        conditions.append(utilization.HELD > 0 if holding else utilization.HELD == 0)
    return conditions


_NAME_ORDER = Keyset(_O.id, _O.name_folded)


@lru_cache(maxsize=512)
def _list(
    *,
    children: bool,
    without: bool,
    search: bool,
    holding: bool | None,
    page: PageShape | None,
    counters: bool = False,
) -> Statement:
    """Select a page of organizations, or count all of them."""
    conditions = _conditions(children=children, without=without, search=search, holding=holding)
    selected = [func.count()] if page is None else [*COLUMNS, *(utilization.COLUMNS if counters else ())]
    query: Select[Any] = select(*selected).select_from(table(OrganizationRow))
    if counters or holding is not None:
        query = utilization.with_counters(query)
    query = query.where(*conditions)
    return Statement(query if page is None else _NAME_ORDER.page(query, page))


def _arguments(query: OrganizationQuery) -> tuple[dict[str, Any], dict[str, Any]]:
    search = fold_for_lookup(query.search or "")
    shape = {
        "children": query.children_of is not None,
        "without": query.without is not None,
        "search": bool(search),
        "holding": query.holding,
    }
    values = {
        "children_of": query.children_of,
        "without": query.without,
        "search": search,
        **scope.bounds("scope", query.within),
    }
    return shape, values


async def page(
    connection: DatabaseConnection, query: OrganizationQuery, page: PageRequest, *, counters: bool = False
) -> ConnectionPage[OrganizationRecord]:
    """A page of organizations sorted by name, with or without their counters."""
    shape, values = _arguments(query)
    statement = _list(**shape, page=page.shape, counters=counters)
    rows = await connection.fetch(statement, **values, **page.parameters())
    width = len(COLUMNS)
    if counters:
        return to_page([OrganizationRecord._make((*row[:width], Counters(*row[width:]))) for row in rows], page)
    return to_page([OrganizationRecord(*row) for row in rows], page)


def key(record: OrganizationRecord) -> SortKey:
    """The sort key of an organization in the order of names."""
    return SortKey(record.name_folded, record.id)


async def count(connection: DatabaseConnection, query: OrganizationQuery) -> int:
    """The number of organizations that match a query."""
    shape, values = _arguments(query)
    total: int = await connection.value(_list(**shape, page=None), **values)
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
    """True for each organization that has users or administrators, itself or below; the others are missing."""
    return {row[0]: True for row in await connection.fetch(_OCCUPIED, ids=wanted)}
