"""Searching numbers: planning which statements answer a request, and running them.

`plan` decides everything that depends on the filter, the order and the page. No other module chooses a statement or a
kind of query plan.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from db.core.database import Database, DatabaseConnection
from db.core.keyset import ConnectionPage, PageRequest, to_page
from db.numbers import pages, predicates, search_statements
from db.numbers.pages import NumberList
from db.numbers.predicates import UNRESTRICTED, RootCondition, Shape
from db.numbers.queries import NumberRecord
from db.numbers.relations import Relations
from db.utilization import holders
from db.utilization import queries as utilization
from domain.search import NumberFilter, Order
from domain.search import PhoneNumberOrderField as Field
from domain.statuses import NumberStatus

T = TypeVar("T")


class SearchParts(NamedTuple):
    """Which parts of a search are requested."""

    rows: Relations | None = None
    """What to read together with each number of the page, or None for no page."""

    total: bool = False
    facets: bool = False


class SearchRequest(NamedTuple):
    """A search: which numbers, in which order, which page of them, and which parts of the result."""

    filter: NumberFilter
    order: Order
    page: PageRequest
    parts: SearchParts


class Facet(NamedTuple):
    """How many numbers of a list are in one series and in one status."""

    series_id: int
    status: NumberStatus
    number_count: int


class SearchResult(NamedTuple):
    """The requested parts of a search; the others are None."""

    page: ConnectionPage[NumberRecord] | None = None
    total: int | None = None
    facets: list[Facet] | None = None


class PageMethod(Enum):
    """How a page is read."""

    ONE_STATEMENT = "in one statement"
    WITH_TOTAL = "in one statement that counts the whole list in the same scan"
    BY_TAG = "the tagged numbers, then the untagged ones"
    BY_NAME = "the numbers of one name after the other"


class CountMethod(Enum):
    """How numbers are counted."""

    COUNTERS = "by adding up the utilization counters"
    STATEMENT = "by counting the numbers that match"


class PageRead(NamedTuple):
    """How to read the page, and what together with its numbers.

    `generic_plan` tells whether one query plan suits all values of the filter. Without it, PostgreSQL plans every
    execution for its values.
    """

    method: PageMethod
    relations: Relations
    generic_plan: bool


class CountRead(NamedTuple):
    """How to count; `generic_plan` as in `PageRead`."""

    method: CountMethod
    generic_plan: bool


class SearchPlan(NamedTuple):
    """How each requested part is read. `total` is also None where reading the page gives it."""

    page: PageRead | None
    total: CountRead | None
    facets: CountRead | None


def plan(request: SearchRequest) -> SearchPlan:
    """Decide how to answer a search."""
    filter_, order, page, (relations, wants_total, wants_facets) = request
    shape = predicates.shape(filter_)
    trigram_index_suffices = predicates.trigram_index_suffices(filter_)
    total = _count_read(shape, generic_plan=trigram_index_suffices) if wants_total else None
    facets = _count_read(shape, generic_plan=False) if wants_facets else None
    if relations is None:
        return SearchPlan(None, total, facets)
    method = _PAGE_METHODS.get(order.field, PageMethod.ONE_STATEMENT)
    scans_matches = total is not None and total.method is CountMethod.STATEMENT
    if scans_matches and method is PageMethod.ONE_STATEMENT and page.after is None and page.before is None:
        return SearchPlan(PageRead(PageMethod.WITH_TOTAL, relations, trigram_index_suffices), None, facets)
    generic_plan = order.field is Field.NUMBER and _index_has_order(shape)
    return SearchPlan(PageRead(method, relations, generic_plan), total, facets)


_PAGE_METHODS = {
    Field.RESERVED_TAG: PageMethod.BY_TAG,
    Field.SERIES: PageMethod.BY_NAME,
    Field.ORGANIZATION: PageMethod.BY_NAME,
}


def _count_read(shape: Shape, *, generic_plan: bool) -> CountRead:
    """Return how to count; `generic_plan` is for the statement, as the counters are found by their keys."""
    if _counters_suffice(shape):
        return CountRead(CountMethod.COUNTERS, generic_plan=True)
    return CountRead(CountMethod.STATEMENT, generic_plan)


@lru_cache(maxsize=256)
def _counters_suffice(shape: Shape) -> bool:
    """Whether the filter restricts only what the counters distinguish: organization, series and status."""
    others = shape._replace(
        root=RootCondition.NONE, scopes=None, organizations="", series="", statuses="", nothing=False
    )
    return others == UNRESTRICTED


@lru_cache(maxsize=256)
def _index_has_order(shape: Shape) -> bool:
    """Whether one index range holds the matches in the order of their numbers, for all filters of this shape."""
    is_one_range = {shape.organizations, shape.series, shape.statuses} <= {"", "one"}
    others = shape._replace(root=RootCondition.NONE, organizations="", series="", statuses="")
    return is_one_range and others == UNRESTRICTED


async def search(database: Database, request: SearchRequest) -> SearchResult:
    """Read the requested parts of a search, each on a connection of its own, and once for equal requests."""
    if request.filter.nothing or request.filter.scopes == ():
        return SearchResult(to_page([], request.page), 0, [])
    page, total, facets = plan(request)
    reads: list[Coroutine[Any, Any, dict[str, Any]]] = []
    if page is not None:
        reads.append(_share(database, _read_page, request, page))
    if total is not None:
        reads.append(_share(database, _read_total, request.filter, total))
    if facets is not None:
        reads.append(_share(database, _read_facets, request.filter, facets))
    parts = [await reads[0]] if len(reads) == 1 else await asyncio.gather(*reads)
    return SearchResult(**{name: value for part in parts for name, value in part.items()})


def _share(
    database: Database, read: Callable[..., Awaitable[T]], subject: Hashable, plan: PageRead | CountRead
) -> Coroutine[Any, Any, T]:
    loader = database.batch_loader if plan.generic_plan else database.search_loader
    return loader.share(read, subject, plan)


async def organization_counts(database: Database, filter_: NumberFilter, *, size: int) -> list[tuple[int, int]]:
    """Read the organizations that hold most of the numbers that match, with their counts."""
    if filter_.nothing or filter_.scopes == ():
        return []
    shape = predicates.shape(filter_)
    async with database.read(generic_plan=False) as connection:
        if _counters_suffice(shape):
            return await holders.largest_holders(connection, filter_, limit=size)
        statement = search_statements.organization_counts(shape)
        rows = await connection.fetch(statement, **predicates.parameters(filter_), size=size)
    return [(organization_id, count) for organization_id, count in rows]


_PAGE_READERS = {
    PageMethod.ONE_STATEMENT: pages.page_in_one_statement,
    PageMethod.BY_TAG: pages.page_by_tag,
    PageMethod.BY_NAME: pages.page_by_name,
}


async def _read_page(connection: DatabaseConnection, request: SearchRequest, read: PageRead) -> dict[str, Any]:
    numbers = NumberList(request.filter, request.order, read.relations)
    if read.method is PageMethod.WITH_TOTAL:
        page, total = await pages.page_with_total(connection, numbers, request.page)
        return {"page": page, "total": total}
    return {"page": await _PAGE_READERS[read.method](connection, numbers, request.page)}


async def _read_total(connection: DatabaseConnection, filter_: NumberFilter, read: CountRead) -> dict[str, Any]:
    if read.method is CountMethod.COUNTERS:
        return {"total": sum(sum(row.counts) for row in await utilization.by_series(connection, filter_))}
    statement = search_statements.count(predicates.shape(filter_))
    return {"total": await connection.value(statement, **predicates.parameters(filter_))}


async def _read_facets(connection: DatabaseConnection, filter_: NumberFilter, read: CountRead) -> dict[str, Any]:
    rows: Iterable[Sequence[Any]]
    if read.method is CountMethod.COUNTERS:
        by_series = await utilization.by_series(connection, filter_)
        rows = [(row.series_id, status, count) for row in by_series for status, count in enumerate(row.counts)]
    else:
        statement = search_statements.facets(predicates.shape(filter_))
        rows = await connection.fetch(statement, **predicates.parameters(filter_))
    return {"facets": [Facet(series_id, NumberStatus(status), count) for series_id, status, count in rows]}
