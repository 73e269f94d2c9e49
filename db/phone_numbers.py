"""Reading numbers: one by id or number, many by id, and pages of a search in any order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    select,
    tuple_,
)

from db import scope, search
from db.database import Connection
from db.keyset import Key, Page, Slice, cut
from db.statements import Row, Statement, among, ids
from db.tables import OrganizationRow, PhoneNumberRow, SeriesRow
from db.types import Instant, Ordered
from domain.lifecycle import NumberStatus
from domain.search import NumberFilter, Order
from domain.search import PhoneNumberOrderField as Field

STATUSES = tuple(NumberStatus)


class NumberRecord(NamedTuple):
    """A number as the API shows it."""

    id: int
    number: str
    series_id: int
    organization_id: int
    status: NumberStatus
    reserved_tag: str | None
    forwarding_number: str | None
    user_id: int | None
    retired_at: datetime | None
    updated_at: datetime


class Found(NamedTuple):
    """A row of a search: the number and where it stands in the order."""

    record: NumberRecord
    key: Key


_N = PhoneNumberRow
COLUMNS: tuple[Any, ...] = tuple(getattr(PhoneNumberRow, name) for name in NumberRecord._fields)
_IN_SCOPE = scope.inside(OrganizationRow.path, "scope")
_SCOPED = select(*COLUMNS).join(OrganizationRow, OrganizationRow.id == _N.organization_id).where(_IN_SCOPE)

_BY_NUMBER = Statement(_SCOPED.where(_N.number == bindparam("number", type_=Ordered)))
_BY_IDS = Statement(_SCOPED.where(among(_N.id, ids("ids"))))


def _record(row: Row) -> NumberRecord:
    return NumberRecord(*row[:4], STATUSES[row[4]], *row[5:10])


async def by_number(connection: Connection, number: str, *, within: str) -> NumberRecord | None:
    """The number, retired or not, if its holder is inside the scope."""
    row = await connection.fetch_one(_BY_NUMBER, number=number, **scope.bounds("scope", within))
    return row and _record(row)


async def by_ids(connection: Connection, wanted: Sequence[int], *, within: str) -> dict[int, NumberRecord]:
    """The numbers among those ids whose holder is inside the scope, retired or not."""
    rows = await connection.fetch(_BY_IDS, ids=wanted, **scope.bounds("scope", within))
    return {row[0]: _record(row) for row in rows}


_KEYS: dict[Field, tuple[Any, Any]] = {
    Field.SERIES: (SeriesRow.name_folded, Ordered),
    Field.ORGANIZATION: (OrganizationRow.name_folded, Ordered),
    Field.STATUS: (_N.status, Integer()),
    Field.RESERVED_TAG: (_N.tag_folded, Ordered),
    Field.UPDATED_AT: (_N.updated_at, Instant()),
}
"""The sorted column and its type; the number, which every order ends with, needs neither."""

KEY_TYPES: dict[Field, type] = {
    Field.NUMBER: type(None),
    Field.SERIES: str,
    Field.ORGANIZATION: str,
    Field.STATUS: int,
    Field.RESERVED_TAG: str,
    Field.UPDATED_AT: datetime,
}


@lru_cache(maxsize=512)
def _page(shape: search.Shape, order: Order, *, backward: bool, after: bool, before: bool, blanks: bool) -> Statement:
    """A page of one stretch of the list: for the tag order, either the tagged numbers or the blank ones."""
    field = Field.NUMBER if blanks else order.field
    column, type_ = _KEYS.get(field, (None, None))
    descending = order.descending != backward
    query: Select[Any] = select(*COLUMNS, _N.number if column is None else column).where(search.predicate(shape))
    if field is Field.SERIES:
        query = query.join(SeriesRow, SeriesRow.id == _N.series_id)
    if field is Field.ORGANIZATION:
        query = query.join(OrganizationRow, OrganizationRow.id == _N.organization_id)
    if order.field is Field.RESERVED_TAG:
        tag: ColumnElement[Any] = _N.tag_folded  # type: ignore[assignment]
        query = query.where(tag.is_(None) if blanks else tag.is_not(None))
    key: Any = _N.number if column is None else tuple_(column, _N.number)
    for name, wanted, greater in (
        ("after", after, not order.descending),
        ("before", before, order.descending),
    ):
        if wanted:
            number = bindparam(f"{name}_number", type_=Ordered)
            bound: Any = number if column is None else tuple_(bindparam(f"{name}_value", type_=type_), number)
            query = query.where(key > bound if greater else key < bound)
    columns = [_N.number] if column is None else [column, _N.number]
    query = query.order_by(*((c.desc() if descending else c) for c in columns))  # type: ignore[attr-defined]
    return Statement(query.limit(bindparam("size", type_=BigInteger())))


async def page(connection: Connection, filter_: NumberFilter, *, order: Order, page: Page) -> Slice[Found]:
    """A page of the numbers that fulfil the filter. Blank tags come last, whichever the direction."""
    if order.field is not Field.RESERVED_TAG:
        return cut(await _stretch(connection, filter_, order=order, page=page, blanks=False), page)
    found: list[Found] = []
    for blanks in (True, False) if page.backward else (False, True):
        rest = _rest(page, found=len(found), blanks=blanks)
        if rest is not None:
            found += await _stretch(connection, filter_, order=order, page=rest, blanks=blanks)
    return cut(found, page)


def _rest(page: Page, *, found: int, blanks: bool) -> Page | None:
    """What of a page in tag order is still to be read from the tagged numbers or from the blank ones."""
    after, before = page.after, page.before
    if found > page.size or (after and after.value is None and not blanks) or (before and before.value and blanks):
        return None
    return Page(
        page.size - found,
        after if after and (after.value is None) is blanks else None,
        before if before and (before.value is None) is blanks else None,
        page.backward,
    )


async def _stretch(
    connection: Connection, filter_: NumberFilter, *, order: Order, page: Page, blanks: bool
) -> list[Found]:
    """One more row than the page holds, in the direction of the paging, where there are that many."""
    statement = _page(
        search.shape(filter_),
        order,
        backward=page.backward,
        after=page.after is not None,
        before=page.before is not None,
        blanks=blanks,
    )
    parameters = search.parameters(filter_)
    for name, key in (("after", page.after), ("before", page.before)):
        if key is not None:
            parameters |= {f"{name}_value": key.value, f"{name}_number": key.tie}
    rows = await connection.fetch(statement, **parameters, size=page.size + 1)
    valued = order.field is not Field.NUMBER and not blanks
    return [Found(_record(row), Key(row[10] if valued else None, row[1])) for row in rows]
