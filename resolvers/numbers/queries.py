"""Reading numbers: one by its number, and searches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from db.core.keyset import PageRequest, check_size
from db.numbers import queries, search
from db.numbers.queries import NumberRecord
from db.numbers.relations import Relations
from db.numbers.search import Facet, SearchParts, SearchRequest, SearchResult
from domain.lifecycle import available_actions
from domain.numbers import needs_region, try_parse
from domain.search import NumberFilter, Order
from domain.statuses import NumberAction, NumberStatus
from resolvers.core.context import Context
from resolvers.numbers.filters import FilterInput, narrow


async def find_number(context: Context, number: str, *, relations: Relations) -> NumberRecord | None:
    """Return the number if it is in scope, retired or not; None for other numbers and for invalid ones."""
    e164 = try_parse(number, region=await context.region() if needs_region(number) else None)
    if e164 is None:
        return None
    found: NumberRecord | None = await context.database.batch_loader.load(
        queries.by_numbers, e164, within=context.scope, relations=relations
    )
    return found


async def search_numbers(
    context: Context, wanted: FilterInput, *, order: Order, page: PageRequest, parts: SearchParts
) -> tuple[NumberFilter, SearchResult]:
    """Return the filter inside the scope, and the requested parts of its search."""
    filter_ = await narrow(
        context.loaders.organizations.load_many, wanted, scope=context.scope, load_region=context.region
    )
    return filter_, await search.search(context.database, SearchRequest(filter_, order, page, parts))


def status_counts(facets: Iterable[Facet]) -> dict[NumberStatus, int]:
    """Return the count of numbers in each status, zeros included."""
    counts = dict.fromkeys(NumberStatus, 0)
    for facet in facets:
        counts[facet.status] += facet.number_count
    return counts


def series_counts(facets: Iterable[Facet]) -> dict[int, int]:
    """Return the count of numbers in each series that has any, by the series' id."""
    counts: Counter[int] = Counter()
    for facet in facets:
        counts[facet.series_id] += facet.number_count
    return dict(+counts)


async def organization_counts(context: Context, filter_: NumberFilter, *, first: int) -> list[tuple[int, int]]:
    """Return the organizations that hold most of the numbers that match, each with their count."""
    return await search.organization_counts(context.database, filter_, size=check_size(first, name="first"))


def number_actions(context: Context, record: NumberRecord) -> list[NumberAction]:
    """Return the actions that the caller may take on the number."""
    return available_actions(
        record.status,
        context.actor.role,
        forwarded=record.forwarding_number is not None,
        retired=record.retired_at is not None,
        at_root=context.at_root,
    )
