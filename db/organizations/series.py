"""Read, insert and change series: named groups of numbers under a root."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, func, insert, literal, select, update

from db.core.database import DatabaseConnection
from db.core.keyset import ConnectionPage, Keyset, PageRequest, PageShape, SortKey, to_page
from db.core.statements import Statement, among, ids
from db.core.tables import InventoryRow, SeriesRow, columns, table
from db.core.types import Identifier, Ordered
from db.utilization import unfolded
from db.utilization.counters import EVERY
from db.utilization.unfolded import UNFOLDED
from domain.texts import fold, fold_for_lookup


class SeriesRecord(NamedTuple):
    """A series as the API shows it."""

    id: int
    root_id: int
    name: str
    name_folded: str
    region: str | None


class SeriesName(NamedTuple):
    """The id and name of a series."""

    id: int
    name: str


_S, _I = columns(SeriesRow), columns(InventoryRow)
COLUMNS = tuple(_S[name] for name in SeriesRecord._fields)
COLUMNS_OF_NAME = tuple(_S[name] for name in SeriesName._fields)
_ID = bindparam("id", type_=Identifier)
_ROOT = bindparam("root_id", type_=Identifier)
_HOLDER = bindparam("holder", type_=Identifier)
_unfolded = unfolded.sums(UNFOLDED.c.series_id, where=[UNFOLDED.c.organization_id == _HOLDER])
_held: Any = (
    select(sum((_I[name] for name in EVERY), literal(0)))
    .where(_I.series_id == _S.id, _I.organization_id == _HOLDER)
    .scalar_subquery()
)
_HAS_NUMBERS = func.coalesce(_held, 0) + func.coalesce(sum((_unfolded.c[name] for name in EVERY), literal(0)), 0) > 0
_SERIES = table(SeriesRow).outerjoin(_unfolded, _unfolded.c.series_id == _S.id)
"""Series with what is unfolded at the holder."""

_BY_IDS = Statement(select(*COLUMNS).where(among(_S.id, ids("ids")), _S.root_id == _ROOT))
_BY_NAME = Statement(
    select(_S.id).where(_S.root_id == _ROOT, _S.name_folded == bindparam("name_folded", type_=Ordered))
)
_VISIBLE = Statement(
    select(_S.id).select_from(_SERIES).where(among(_S.id, ids("ids")), _S.root_id == _ROOT, _HAS_NUMBERS)
)


async def by_ids(connection: DatabaseConnection, wanted: Sequence[int], *, root_id: int) -> dict[int, SeriesRecord]:
    """The series of a root with these ids, by id."""
    return {row[0]: SeriesRecord(*row) for row in await connection.fetch(_BY_IDS, ids=wanted, root_id=root_id)}


async def with_numbers(connection: DatabaseConnection, wanted: Sequence[int], *, root_id: int, holder: int) -> set[int]:
    """The ids of the series that have numbers at or below an organization."""
    return {row[0] for row in await connection.fetch(_VISIBLE, ids=wanted, root_id=root_id, holder=holder)}


async def id_by_name(connection: DatabaseConnection, name: str, *, root_id: int) -> int | None:
    """The id of a root's series with a name that folds alike, or None."""
    row = await connection.fetch_one(_BY_NAME, name_folded=fold_for_lookup(name), root_id=root_id)
    return row[0] if row else None


_NAME_ORDER = Keyset(_S.id, _S.name_folded)


@lru_cache(maxsize=64)
def _list(*, search: bool, holder: bool, page: PageShape | None) -> Statement:
    """Select a page of series, or count all of them."""
    conditions: list[Any] = [_S.root_id == _ROOT]
    if search:
        conditions.append(func.replace(_S.name_folded, bindparam("search", type_=Ordered), "") != _S.name_folded)
    if holder:
        conditions.append(_HAS_NUMBERS)
    selected = (func.count(),) if page is None else COLUMNS
    query = select(*selected).select_from(_SERIES if holder else table(SeriesRow)).where(*conditions)
    return Statement(query if page is None else _NAME_ORDER.page(query, page))


class SeriesQuery(NamedTuple):
    """A query for the series of a root, or for those with numbers at or below a holder."""

    root_id: int
    holder: int | None = None
    search: str | None = None


async def page(connection: DatabaseConnection, query: SeriesQuery, page: PageRequest) -> ConnectionPage[SeriesRecord]:
    """A page of series, sorted by name."""
    values = _values(query)
    statement = _list(search=bool(values["search"]), holder=query.holder is not None, page=page.shape)
    rows = await connection.fetch(statement, **values, **page.parameters())
    return to_page([SeriesRecord(*row) for row in rows], page)


async def count(connection: DatabaseConnection, query: SeriesQuery) -> int:
    """The number of series that match a query."""
    values = _values(query)
    statement = _list(search=bool(values["search"]), holder=query.holder is not None, page=None)
    total: int = await connection.value(statement, **values)
    return total


def _values(query: SeriesQuery) -> dict[str, Any]:
    return {
        "root_id": query.root_id,
        "holder": query.holder,
        "search": fold_for_lookup(query.search or ""),
    }


def key(record: SeriesRecord) -> SortKey:
    """The sort key of a series in the order of names."""
    return SortKey(record.name_folded, record.id)


_VALUES = {
    "name": bindparam("name", type_=Ordered),
    "name_folded": bindparam("name_folded", type_=Ordered),
    "region": bindparam("region", type_=Text()),
}
_INSERT = Statement(insert(table(SeriesRow)).values(root_id=_ROOT, **_VALUES).returning(_S.id))
_UPDATE = Statement(update(table(SeriesRow)).where(_S.id == _ID).values(**_VALUES))


async def insert_one(connection: DatabaseConnection, *, root_id: int, name: str, region: str | None) -> int:
    """Insert a series and return its id."""
    series_id: int = await connection.value(_INSERT, root_id=root_id, name=name, name_folded=fold(name), region=region)
    return series_id


async def write(connection: DatabaseConnection, record: SeriesRecord) -> None:
    """Update a series' name and region."""
    await connection.execute(
        _UPDATE, id=record.id, name=record.name, name_folded=fold(record.name), region=record.region
    )
