"""Pages of numbers in any order.

An index returns the numbers of one series, one organization or one tag in their order. Orders by name or by tag
therefore read a page range by range: the tagged numbers and then the untagged ones, or one name after the other.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.keyset import ConnectionPage, PageRequest, SortKey, to_page
from db.numbers import predicates, search_statements
from db.numbers.queries import NumberRecord, reader
from db.numbers.relations import Relations
from domain.search import NumberFilter, Order
from domain.search import PhoneNumberOrderField as Field


class NumberList(NamedTuple):
    """A sorted list of numbers, and what is read with each of them."""

    filter: NumberFilter
    order: Order
    relations: Relations


async def page_in_one_statement(
    connection: DatabaseConnection, numbers: NumberList, page: PageRequest
) -> ConnectionPage[NumberRecord]:
    """Read a page in one statement."""
    return to_page(await _range(connection, numbers, page), page)


async def page_with_total(
    connection: DatabaseConnection, numbers: NumberList, page: PageRequest
) -> tuple[ConnectionPage[NumberRecord], int]:
    """Read a page without cursors and the length of the list in one statement, which scans the matches once."""
    filter_, order, relations = numbers
    shape = predicates.shape(filter_)
    statement = search_statements.page_with_total(shape, order, relations, backward=page.backward)
    rows = await connection.fetch(statement, **predicates.parameters(filter_), size=page.size + 1)
    return to_page(reader(relations)(rows), page), rows[0][-1] if rows else 0


async def page_by_tag(
    connection: DatabaseConnection, numbers: NumberList, page: PageRequest
) -> ConnectionPage[NumberRecord]:
    """Read a page of the tagged numbers, then of the untagged ones: these come last in both directions."""
    found: list[NumberRecord] = []
    for untagged in (True, False) if page.backward else (False, True):
        rest = page.part(found=len(found), nulls=untagged)
        if rest is not None:
            found += await _range(connection, numbers, rest, untagged=untagged)
    return to_page(found, page)


async def page_by_name(
    connection: DatabaseConnection, numbers: NumberList, page: PageRequest
) -> ConnectionPage[NumberRecord]:
    """Read a page one name after the other, and after the limit of names the rest in one statement."""
    found: list[NumberRecord] = []
    names, is_complete = await _names(connection, numbers, page)
    rest = page
    for name, ids in names:
        rows = await _range(connection, _with_name(numbers, ids), _rest_of_name(rest, name, found=len(found)))
        found += [record._replace(sorted_by=name) for record in rows]
        if len(found) > page.size:
            return to_page(found, page)
        last = SortKey(name, _end_of_name(numbers.order, page))
        rest = replace(rest, before=last) if page.backward else replace(rest, after=last)
    if not is_complete:
        found += await _range(connection, numbers, replace(rest, size=page.size - len(found)))
    return to_page(found, page)


def _with_name(numbers: NumberList, ids: tuple[int, ...]) -> NumberList:
    """Return the list of the numbers in these series or organizations, which share a name."""
    filter_, order, relations = numbers
    filter_ = (
        filter_._replace(series_ids=ids)
        if order.field is Field.SERIES
        else filter_._replace(organization_ids=ids, scopes=None)
    )
    return NumberList(filter_, replace(order, field=Field.NUMBER), relations)


def _rest_of_name(page: PageRequest, name: str, *, found: int) -> PageRequest:
    """Return the part of the page to read from the numbers of one name."""
    after, before = page.after, page.before
    return PageRequest(
        page.size - found,
        after if after and after.value == name else None,
        before if before and before.value == name else None,
        page.backward,
    )


def _end_of_name(order: Order, page: PageRequest) -> str:
    """Return a text that sorts after every number, in the direction of the paging (`~` follows `+` in ASCII)."""
    return "" if order.descending != page.backward else "~"


async def _names(
    connection: DatabaseConnection, numbers: NumberList, page: PageRequest
) -> tuple[list[tuple[str, tuple[int, ...]]], bool]:
    """Return the next names with the ids of their series or organizations, and whether there are no more."""
    filter_, order, _ = numbers
    first, last = (page.before, page.after) if order.descending else (page.after, page.before)
    scopes = () if order.field is Field.SERIES else filter_.scopes or ()
    chosen = filter_.series_ids if order.field is Field.SERIES else filter_.organization_ids
    statement = search_statements.names(
        order.field,
        of_root=filter_.root_id is not None,
        scopes=scope.counted(scopes),
        chosen=chosen is not None,
        descending=order.descending != page.backward,
        lowest=first is not None,
        highest=last is not None,
    )
    values: dict[str, Any] = {
        "root_id": filter_.root_id,
        "lowest_name": first and first.value,
        "highest_name": last and last.value,
        "chosen": chosen,
        **scope.bounds_of_any(scopes),
    }
    rows = await connection.fetch(statement, **values)
    names = [(name, tuple(sorted(id_ for _, id_ in group))) for name, group in groupby(rows, key=lambda row: row[0])]
    if len(rows) < search_statements.NAMES_LIMIT:
        return names, True
    # More ids may share the last name.
    return names[:-1], False


async def _range(
    connection: DatabaseConnection, numbers: NumberList, page: PageRequest, *, untagged: bool = False
) -> list[NumberRecord]:
    """Read up to one row more than the page holds, in the direction of the paging."""
    filter_, order, relations = numbers
    statement = search_statements.page(
        predicates.shape(filter_),
        order,
        relations,
        page.shape,
        untagged=untagged,
    )
    rows = await connection.fetch(statement, **predicates.parameters(filter_), **page.parameters())
    return reader(relations)(rows)
