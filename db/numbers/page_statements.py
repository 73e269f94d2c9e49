"""The statements that read pages of numbers: built once for each shape of a filter, order and set of relations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, or_, select, tuple_

from db.core import scope
from db.core.statements import Statement, among, ids
from db.core.tables import OrganizationRow, PhoneNumberRow, SeriesRow, UtilizationRow, columns, table
from db.core.types import Instant, Ordered
from db.numbers import predicates as search
from db.numbers.queries import own_columns
from db.numbers.relations import Relation, Relations, joined, related_columns
from domain.search import Order
from domain.search import PhoneNumberOrderField as Field

NAMES_READ = 100
"""How many series or organizations are tried name by name before the rest of the list is sorted in one statement."""

_N, _O, _S = columns(PhoneNumberRow), columns(OrganizationRow), columns(SeriesRow)

_KEYS: dict[Field, tuple[Any, Any]] = {
    Field.SERIES: (_S.name_folded, Ordered),
    Field.ORGANIZATION: (_O.name_folded, Ordered),
    Field.STATUS: (_N.status, BigInteger()),
    Field.RESERVED_TAG: (_N.tag_folded, Ordered),
    Field.UPDATED_AT: (_N.updated_at, Instant()),
}
"""The sorted column and its type; the number, which every order ends with, needs neither."""

KEY_TYPES: dict[Field, tuple[type, ...]] = {
    Field.NUMBER: (type(None),),
    Field.SERIES: (str,),
    Field.ORGANIZATION: (str,),
    Field.STATUS: (int,),
    Field.RESERVED_TAG: (str, type(None)),
    Field.UPDATED_AT: (datetime,),
}
"""What the value of a cursor can be in each order."""


@lru_cache(maxsize=512)
def page(
    shape: search.Shape,
    order: Order,
    relations: Relations,
    *,
    backward: bool,
    after: bool,
    before: bool,
    blanks: bool,
) -> Statement:
    """A page of one stretch of the list: for the tag order, either the tagged numbers or the blank ones."""
    field = Field.NUMBER if blanks else order.field
    column, type_ = _KEYS.get(field, (None, None))
    descending = order.descending != backward
    sorted_column = _N.number if column is None else column
    query: Select[Any] = select(*own_columns(relations), sorted_column.label("sorted")).where(search.predicate(shape))
    if field is Field.SERIES:
        query = query.join(table(SeriesRow), _S.id == _N.series_id)
    if field is Field.ORGANIZATION:
        query = query.join(table(OrganizationRow), _O.id == _N.organization_id)
    if order.field is Field.RESERVED_TAG:
        query = query.where(_N.tag_folded.is_(None) if blanks else _N.tag_folded.is_not(None))
    key: Any = _N.number if column is None else tuple_(column, _N.number)
    for name, wanted, greater in (
        ("after", after, not order.descending),
        ("before", before, order.descending),
    ):
        if wanted:
            number = bindparam(f"{name}_number", type_=Ordered)
            bound: Any = number if column is None else tuple_(bindparam(f"{name}_value", type_=type_), number)
            query = query.where(key > bound if greater else key < bound)
    sorted_by = [_N.number] if column is None else [column, _N.number]
    query = query.order_by(*_directed(sorted_by, descending=descending))
    query = query.limit(bindparam("size", type_=BigInteger()))
    if relations - {Relation.TIMELESS}:
        query = _with_relations(query, relations, descending=descending)
    return Statement(query)


def _with_relations(query: Select[Any], relations: Relations, *, descending: bool) -> Any:
    """The rows of a page, found before anything is joined to them, in the same order."""
    found = query.subquery("page").c
    wide = select(*list(found)[:-1], *related_columns(relations, found), found.sorted)
    return joined(wide, relations, found).order_by(*_directed([found.sorted, found.number], descending=descending))


def _directed(columns_: Sequence[Any], *, descending: bool) -> list[Any]:
    return [column.desc() if descending else column for column in columns_]


@lru_cache(maxsize=256)
def counted_page(shape: search.Shape, order: Order, relations: Relations, *, backward: bool) -> Statement:
    """A page from the start or the end of the list, and the list's length: what is searched is gone through once.

    What is found is kept on the way. Were it not, the database would go through all numbers in their order for the sake
    of the page, instead of using the index for texts.
    """
    column = _KEYS[order.field][0] if order.field in _KEYS else _N.number
    directed = partial(_directed, descending=order.descending != backward)
    found = select(_N.id, _N.number, column.label("sorted")).where(search.predicate(shape)).cte("found")
    first = select(found).order_by(*directed([found.c.sorted, found.c.number]))
    page = first.limit(bindparam("size", type_=BigInteger())).subquery("page").c
    total = select(func.count()).select_from(found).scalar_subquery()
    wide = select(*own_columns(relations), *related_columns(relations, _N), page.sorted, total)
    wide = joined(wide.where(_N.id == page.id), relations, _N)
    return Statement(wide.order_by(*directed([page.sorted, page.number])))


@lru_cache(maxsize=64)
def names(field: Field, *, scopes: int, chosen: bool, descending: bool, lowest: bool, highest: bool) -> Statement:
    """The next names of series or organizations that may hold numbers, with their ids."""
    if field is Field.SERIES:
        query = select(_S.name_folded, _S.id)
        name, key = _S.name_folded, _S.id
    else:
        held = columns(UtilizationRow)
        query = (
            select(_O.name_folded, _O.id)
            .join(table(UtilizationRow), held.organization_id == _O.id)
            .where(held.available + held.reserved + held.assigned + held.registered > 0)
        )
        name, key = _O.name_folded, _O.id
        if scopes:
            query = query.where(or_(*(scope.inside(_O.path, f"scope_{n}") for n in range(scopes))))
    if chosen:
        query = query.where(among(key, ids("chosen")))
    if lowest:
        query = query.where(name >= bindparam("lowest_name", type_=Ordered))
    if highest:
        query = query.where(name <= bindparam("highest_name", type_=Ordered))
    sorted_by = (name.desc(), key.desc()) if descending else (name, key)
    return Statement(query.order_by(*sorted_by).limit(NAMES_READ))
