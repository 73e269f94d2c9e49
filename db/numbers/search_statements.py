"""The statements of a search, each built once per filter shape, order and set of relations."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, select

from db.core import scope
from db.core.keyset import Keyset, PageShape, directed
from db.core.statements import Statement, among, ids
from db.core.tables import OrganizationRow, PhoneNumberRow, SeriesRow, columns, table
from db.core.types import Identifier, Instant, Ordered
from db.numbers import predicates
from db.numbers.predicates import Shape
from db.numbers.queries import own_columns
from db.numbers.relations import Relation, Relations, joined, related_columns
from db.utilization.queries import HELD, with_counters
from domain.search import Order
from domain.search import PhoneNumberOrderField as Field

NAMES_LIMIT = 100
"""How many series or organizations are read one by one before one statement sorts the rest of the list."""

_N, _O, _S = columns(PhoneNumberRow), columns(OrganizationRow), columns(SeriesRow)

_SORTED_BY: dict[Field, tuple[Any, Any]] = {
    Field.SERIES: (_S.name_folded, Ordered),
    Field.ORGANIZATION: (_O.name_folded, Ordered),
    Field.STATUS: (_N.status, BigInteger()),
    Field.RESERVED_TAG: (_N.tag_folded, Ordered),
    Field.UPDATED_AT: (_N.updated_at, Instant()),
}
"""The column that an order sorts by, and its type. Every order ends with the number itself."""

KEY_TYPES: dict[Field, tuple[type, ...]] = {
    Field.NUMBER: (type(None),),
    Field.SERIES: (str,),
    Field.ORGANIZATION: (str,),
    Field.STATUS: (int,),
    Field.RESERVED_TAG: (str, type(None)),
    Field.UPDATED_AT: (datetime,),
}
"""The types that a cursor's value can have in each order."""


@lru_cache(maxsize=512)
def page(
    shape: Shape,
    order: Order,
    relations: Relations,
    page: PageShape,
    *,
    untagged: bool,
) -> Statement:
    """Select a page in one statement; in tag order, a page of either the tagged or the untagged numbers."""
    field = Field.NUMBER if untagged else order.field
    column, type_ = _SORTED_BY.get(field, (None, None))
    query: Select[Any] = select(*own_columns(relations, column)).where(predicates.predicate(shape))
    if field is Field.SERIES:
        query = query.join(table(SeriesRow), _S.id == _N.series_id)
    if field is Field.ORGANIZATION:
        query = query.join(table(OrganizationRow), _O.id == _N.organization_id)
    if order.field is Field.RESERVED_TAG:
        query = query.where(_N.tag_folded.is_(None) if untagged else _N.tag_folded.is_not(None))
    query = Keyset(_N.number, column, order.descending, type_, Ordered).page(query, page)
    if relations - {Relation.WITHOUT_TIMESTAMPS}:
        query = _with_relations(query, relations, _keys(column), descending=order.descending != page.backward)
    return Statement(query)


def _keys(sorted_by: Any) -> list[str]:
    """The columns of a page that it is sorted by."""
    return ["number"] if sorted_by is None else ["sorted_by", "number"]


def _with_relations(query: Select[Any], relations: Relations, keys: list[str], *, descending: bool) -> Any:
    """Join the relations to the rows of a page only, and keep the page's order."""
    found = query.subquery("page").c
    wide = joined(select(*found, *related_columns(relations, found)), relations, found)
    return wide.order_by(*directed([found[key] for key in keys], descending=descending))


@lru_cache(maxsize=256)
def page_with_total(shape: Shape, order: Order, relations: Relations, *, backward: bool) -> Statement:
    """Select a page at the start or the end of the list, with the length of the list as the last column.

    The CTE materializes the matches. Without it, PostgreSQL would walk all numbers in order to fill the page, instead
    of using the trigram index.
    """
    column, _ = _SORTED_BY.get(order.field, (None, None))
    keys = _keys(column)
    in_order = partial(directed, descending=order.descending != backward)
    sorted_by = [] if column is None else [column.label("sorted_by")]
    found = select(_N.id, _N.number, *sorted_by).where(predicates.predicate(shape)).cte("found")
    first = select(found).order_by(*in_order([found.c[key] for key in keys]))
    page = first.limit(bindparam("size", type_=BigInteger())).subquery("page").c
    total = select(func.count()).select_from(found).scalar_subquery()
    own = own_columns(relations, page.get("sorted_by"))
    wide = select(*own, *related_columns(relations, _N), total).where(_N.id == page.id)
    return Statement(joined(wide, relations, _N).order_by(*in_order([page[key] for key in keys])))


@lru_cache(maxsize=64)
def names(
    field: Field, *, of_root: bool, scopes: int, chosen: bool, descending: bool, lowest: bool, highest: bool
) -> Statement:
    """Select the next names of series, or of organizations that hold numbers, with their ids."""
    if field is Field.SERIES:
        query: Select[Any] = select(_S.name_folded, _S.id)
        name, key = _S.name_folded, _S.id
        if of_root:
            query = query.where(_S.root_id == bindparam("root_id", type_=Identifier))
    else:
        query = with_counters(select(_O.name_folded, _O.id).select_from(table(OrganizationRow))).where(HELD > 0)
        name, key = _O.name_folded, _O.id
        if scopes:
            query = query.where(scope.inside_any(_O.path, scopes))
    if chosen:
        query = query.where(among(key, ids("chosen")))
    if lowest:
        query = query.where(name >= bindparam("lowest_name", type_=Ordered))
    if highest:
        query = query.where(name <= bindparam("highest_name", type_=Ordered))
    sorted_by = (name.desc(), key.desc()) if descending else (name, key)
    return Statement(query.order_by(*sorted_by).limit(NAMES_LIMIT))


@lru_cache(maxsize=256)
def count(shape: Shape) -> Statement:
    """Count the numbers that match."""
    return Statement(select(func.count()).select_from(table(PhoneNumberRow)).where(predicates.predicate(shape)))


@lru_cache(maxsize=256)
def organization_counts(shape: Shape) -> Statement:
    """Count the numbers that match by organization, the largest counts first."""
    count = func.count().label("count")
    counted = select(_N.organization_id, count).where(predicates.predicate(shape)).group_by(_N.organization_id)
    found = counted.subquery("counted").c
    query = select(found.organization_id, found.count).join(table(OrganizationRow), _O.id == found.organization_id)
    query = query.order_by(found.count.desc(), _O.name_folded, _O.id)
    return Statement(query.limit(bindparam("size", type_=BigInteger())))


@lru_cache(maxsize=256)
def facets(shape: Shape) -> Statement:
    """Count the numbers that match by series and status."""
    groups = (_N.series_id, _N.status)
    return Statement(select(*groups, func.count()).where(predicates.predicate(shape)).group_by(*groups))
