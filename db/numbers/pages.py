"""Pages of numbers in any order.

An order is a row of stretches, each of which an index gives in the order of the numbers: one stretch for the orders
that an index covers whole, the tagged numbers and then the blank ones, or one for each name of a series or an
organization.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from db.core import scope
from db.core.database import DatabaseConnection
from db.core.keyset import ConnectionPage, Key, Page, cut
from db.numbers import page_statements as number_page_statements
from db.numbers import predicates as search
from db.numbers.queries import NumberRecord, reader
from db.numbers.relations import NONE, Relations
from domain.search import NumberFilter, Order
from domain.search import PhoneNumberOrderField as Field


class SortedNumber(NamedTuple):
    """A row of a search: a number and where it stands in the order."""

    record: NumberRecord
    value: Any
    """What it is sorted by, besides its number."""

    @property
    def key(self) -> Key:
        """Where it stands."""
        return Key(self.value, self.record.number)


_found: Callable[[tuple[Any, ...]], SortedNumber] = partial(tuple.__new__, SortedNumber)


class _List(NamedTuple):
    """A list of numbers on a connection: which, in which order, and what is read with them."""

    connection: DatabaseConnection
    filter: NumberFilter
    order: Order
    relations: Relations


def counts_along(filter_: NumberFilter, order: Order, page: Page) -> bool:
    """Whether a page can count the whole list on the way: in one stretch, from its start or its end."""
    one_stretch = order.field in {Field.NUMBER, Field.STATUS, Field.UPDATED_AT}
    return one_stretch and not filter_.counted and page.after is None and page.before is None


async def page(
    connection: DatabaseConnection,
    filter_: NumberFilter,
    *,
    order: Order,
    page: Page,
    relations: Relations = NONE,
    counted: bool = False,
) -> ConnectionPage[SortedNumber]:
    """A page of the numbers that fulfil the filter. Blank tags come last, whichever the direction.

    `counted`, where it `counts_along`, gives the total, too: for a search the rows are gone through once, not twice.
    """
    if filter_.scopes == ():
        return replace(cut([], page), total=0)
    numbers = _List(connection, filter_, order, relations)
    if order.field is Field.RESERVED_TAG:
        found = await _by_tag(numbers, page)
    elif order.field in {Field.SERIES, Field.ORGANIZATION}:
        found = await _by_name(numbers, page)
    elif counted:
        return await _counted(numbers, page)
    else:
        found = await _stretch(numbers, page)
    return cut(found, page)


async def _counted(numbers: _List, page: Page) -> ConnectionPage[SortedNumber]:
    connection, filter_, order, relations = numbers
    statement = number_page_statements.counted_page(search.shape(filter_), order, relations, backward=page.backward)
    rows = await connection.fetch(statement, **search.parameters(filter_), size=page.size + 1)
    record, valued = reader(relations), order.field is not Field.NUMBER
    found = [_found((record(row), row[-2] if valued else None)) for row in rows]
    return replace(cut(found, page), total=rows[0][-1] if rows else 0)


async def _by_tag(numbers: _List, page: Page) -> list[SortedNumber]:
    found: list[SortedNumber] = []
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


async def _by_name(numbers: _List, page: Page) -> list[SortedNumber]:
    """Name by name, each in the order of the numbers; where that takes too long, the rest in one statement."""
    found: list[SortedNumber] = []
    order, filter_ = numbers.order, numbers.filter
    names, all_of_them = await _names(numbers, page)
    for name, owners in names:
        stretch = _of_name(page, name, found=len(found))
        narrowed = (
            filter_._replace(series_ids=owners)
            if order.field is Field.SERIES
            else filter_._replace(organization_ids=owners, scopes=None)
        )
        by_number = numbers._replace(filter=narrowed, order=replace(order, field=Field.NUMBER))
        rows = await _stretch(by_number, stretch)
        found += [SortedNumber(row.record, name) for row in rows]
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


async def _names(numbers: _List, page: Page) -> tuple[list[tuple[str, tuple[int, ...]]], bool]:
    """The next names in the direction of the paging, each with its series or organizations; and whether that is all."""
    connection, filter_, order, _ = numbers
    first, last = (page.before, page.after) if order.descending else (page.after, page.before)
    scopes = () if order.field is Field.SERIES or filter_.whole else filter_.scopes or ()
    chosen = filter_.series_ids if order.field is Field.SERIES else filter_.organization_ids
    statement = number_page_statements.names(
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
    if len(rows) < number_page_statements.NAMES_READ:
        return names, True
    # The last name may go on beyond what was read.
    return names[:-1], False


async def _stretch(numbers: _List, page: Page, *, blanks: bool = False) -> list[SortedNumber]:
    """One more row than the page holds, in the direction of the paging, where there are that many."""
    connection, filter_, order, relations = numbers
    statement = number_page_statements.page(
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
    return [_found((record(row), row[-1] if valued else None)) for row in rows]
