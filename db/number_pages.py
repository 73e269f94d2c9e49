"""Pages of numbers in any order.

An order is a row of stretches, each of which an index gives in the order of the numbers: one stretch for the orders
that an index covers whole, the tagged numbers and then the blank ones, or one for each name of a series or an
organization.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, bindparam, or_, select, tuple_

from db import scope, search
from db.database import Connection
from db.keyset import Key, Page, Slice, cut
from db.number_relations import NONE, Relations, joined, related_columns
from db.phone_numbers import COLUMNS, NumberRecord, reader
from db.statements import Statement, among, ids
from db.tables import OrganizationRow, PhoneNumberRow, SeriesRow, UtilizationRow, columns, table
from db.types import Instant, Ordered
from domain.search import NumberFilter, Order
from domain.search import PhoneNumberOrderField as Field

NAMES_READ = 100
"""How many series or organizations are tried name by name before the rest of the list is sorted in one statement."""


class Found(NamedTuple):
    """A row of a search: a number and where it stands in the order."""

    record: NumberRecord
    value: Any
    """What it is sorted by, besides its number."""

    @property
    def key(self) -> Key:
        """Where it stands."""
        return Key(self.value, self.record.number)


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
def _page(
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
    query: Select[Any] = select(*COLUMNS, sorted_column.label("sorted")).where(search.predicate(shape))
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
    query = query.order_by(*((c.desc() if descending else c) for c in sorted_by))
    query = query.limit(bindparam("size", type_=BigInteger()))
    return Statement(_with_relations(query, relations, descending=descending) if relations else query)


def _with_relations(query: Select[Any], relations: Relations, *, descending: bool) -> Select[Any]:
    """The rows of a page, found before anything is joined to them, in the same order."""
    found = query.subquery("page").c
    wide = select(*list(found)[:-1], *related_columns(relations, found), found.sorted)
    sorted_by = (found.sorted, found.number)
    return joined(wide, relations, found).order_by(*((c.desc() if descending else c) for c in sorted_by))


class _List(NamedTuple):
    """A list of numbers on a connection: which, in which order, and what is read with them."""

    connection: Connection
    filter: NumberFilter
    order: Order
    relations: Relations


async def page(
    connection: Connection, filter_: NumberFilter, *, order: Order, page: Page, relations: Relations = NONE
) -> Slice[Found]:
    """A page of the numbers that fulfil the filter. Blank tags come last, whichever the direction."""
    numbers = _List(connection, filter_, order, relations)
    if order.field is Field.RESERVED_TAG:
        found = await _by_tag(numbers, page)
    elif order.field in {Field.SERIES, Field.ORGANIZATION}:
        found = await _by_name(numbers, page)
    else:
        found = await _stretch(numbers, page)
    return cut(found, page)


async def _by_tag(numbers: _List, page: Page) -> list[Found]:
    found: list[Found] = []
    for blanks in (True, False) if page.backward else (False, True):
        rest = _rest(page, found=len(found), blanks=blanks)
        if rest is not None:
            found += await _stretch(numbers, rest, blanks=blanks)
    return found


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


async def _by_name(numbers: _List, page: Page) -> list[Found]:
    """Name by name, each in the order of the numbers; where that takes too long, the rest in one statement."""
    found: list[Found] = []
    order, filter_ = numbers.order, numbers.filter
    names, all_of_them = await _names(numbers, page)
    for name, owners in names:
        stretch = _of_name(page, name, found=len(found))
        narrowed = (
            replace(filter_, series_ids=owners)
            if order.field is Field.SERIES
            else replace(filter_, organization_ids=owners, scopes=None)
        )
        by_number = numbers._replace(filter=narrowed, order=replace(order, field=Field.NUMBER))
        rows = await _stretch(by_number, stretch)
        found += [Found(row.record, name) for row in rows]
        last = Key(name, _beyond(order, page))
        if len(found) > page.size:
            return found
        page = replace(page, before=last) if page.backward else replace(page, after=last)
    if all_of_them:
        return found
    rest = replace(page, size=page.size - len(found))
    return found + await _stretch(numbers, rest)


def _of_name(page: Page, name: str, *, found: int) -> Page:
    """What of a page is still to be read from the numbers of one name."""
    after, before = page.after, page.before
    return Page(
        page.size - found,
        after if after and after.value == name else None,
        before if before and before.value == name else None,
        page.backward,
    )


def _beyond(order: Order, page: Page) -> str:
    """What sorts after every number of a name, in the direction of the paging (`~` follows `+` in ASCII)."""
    return "" if order.descending != page.backward else "~"


@lru_cache(maxsize=64)
def _names_statement(
    field: Field, *, scopes: int, chosen: bool, descending: bool, lowest: bool, highest: bool
) -> Statement:
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


async def _names(numbers: _List, page: Page) -> tuple[list[tuple[str, tuple[int, ...]]], bool]:
    """The next names in the direction of the paging, each with its series or organizations; and whether that is all."""
    connection, filter_, order, _ = numbers
    first, last = (page.before, page.after) if order.descending else (page.after, page.before)
    scopes = () if order.field is Field.SERIES or filter_.whole else filter_.scopes or ()
    chosen = filter_.series_ids if order.field is Field.SERIES else filter_.organization_ids
    statement = _names_statement(
        order.field,
        scopes=len(scopes),
        chosen=chosen is not None,
        descending=order.descending != page.backward,
        lowest=first is not None,
        highest=last is not None,
    )
    values: dict[str, Any] = {
        "lowest_name": first and first.value,
        "highest_name": last and last.value,
        "chosen": chosen,
    }
    for n, path in enumerate(scopes):
        values |= scope.bounds(f"scope_{n}", path)
    rows = await connection.fetch(statement, **values)
    names = [
        (name, tuple(sorted(owner for _, owner in group))) for name, group in groupby(rows, key=lambda row: row[0])
    ]
    if len(rows) < NAMES_READ:
        return names, True
    # The last name may go on beyond what was read.
    return names[:-1], False


async def _stretch(numbers: _List, page: Page, *, blanks: bool = False) -> list[Found]:
    """One more row than the page holds, in the direction of the paging, where there are that many."""
    connection, filter_, order, relations = numbers
    statement = _page(
        search.shape(filter_),
        order,
        relations,
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
    record = reader(relations)
    return [Found(record(row), row[-1] if valued else None) for row in rows]
