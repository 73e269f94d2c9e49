"""Reading numbers: one, a page of a search, its count and its facets."""

from __future__ import annotations

from db.core.keyset import ConnectionPage, Page
from db.numbers import pages as number_pages
from db.numbers import predicates as search
from db.numbers import queries as phone_numbers
from db.numbers.pages import SortedNumber
from db.numbers.queries import NumberRecord
from db.numbers.relations import Relations
from db.utilization import counters
from domain.lifecycle import available_actions
from domain.numbers import parsed
from domain.search import NumberFilter, Order, PhoneNumberOrderField
from domain.statuses import NumberAction, NumberStatus
from resolvers.core.context import Context
from resolvers.numbers.filters import FilterInput, narrow


async def find_number(context: Context, number: str, *, relations: Relations) -> NumberRecord | None:
    """The number in the scope, retired or not; None for what is elsewhere or no number at all."""
    scope = context.scope
    e164 = parsed(number)
    if e164 is None:
        return None
    found: NumberRecord | None = await context.database.batch_loader.load(
        phone_numbers.by_numbers, e164, within=scope, relations=relations
    )
    return found


async def search_filter(context: Context, wanted: FilterInput) -> NumberFilter:
    """What a search asks for, inside the scope."""
    return await narrow(context.loaders.organizations.load_many, wanted, scope=context.scope, whole=context.whole)


async def search_page(
    context: Context, filter_: NumberFilter, *, order: Order, page: Page, relations: Relations, counted: bool
) -> ConnectionPage[SortedNumber]:
    """A page of a search, with what is related to its numbers; `counted` where it `counts_along`."""
    in_order = order.field is PhoneNumberOrderField.NUMBER and search.in_order(filter_)
    once = search.by_trigrams(filter_) if counted else in_order
    async with context.database.read(generic_plan=once) as connection:
        return await number_pages.page(
            connection, filter_, order=order, page=page, relations=relations, counted=counted
        )


async def search_count(context: Context, filter_: NumberFilter) -> int:
    """How many numbers the search finds: from the counters where they can tell."""
    async with context.database.read(generic_plan=search.by_trigrams(filter_)) as connection:
        if filter_.counted:
            return sum(sum(row.counts) for row in await counters.by_series(connection, filter_))
        return await search.count(connection, filter_)


async def status_counts(context: Context, filter_: NumberFilter) -> dict[NumberStatus, int]:
    """How many numbers of the search are in each status, zeros included."""
    counts = dict.fromkeys(NumberStatus, 0)
    for _, status, count in await _facets(context, filter_):
        counts[status] += count
    return counts


async def series_counts(context: Context, filter_: NumberFilter) -> dict[int, int]:
    """How many numbers of the search are in each series, by the series' id; series without any left out."""
    counts: dict[int, int] = {}
    for series_id, _, count in await _facets(context, filter_):
        if count:
            counts[series_id] = counts.get(series_id, 0) + count
    return counts


async def _facets(context: Context, filter_: NumberFilter) -> list[tuple[int, NumberStatus, int]]:
    async with context.database.read() as connection:
        if not filter_.counted:
            return await search.facets(connection, filter_)
        return [
            (row.series_id, NumberStatus(status), count)
            for row in await counters.by_series(connection, filter_)
            for status, count in enumerate(row.counts)
        ]


def number_actions(context: Context, record: NumberRecord) -> list[NumberAction]:
    """What the caller may do with the number."""
    return available_actions(
        record.status,
        context.actor.role,
        forwarded=record.forwarding_number is not None,
        retired=record.retired_at is not None,
        at_root=context.at_root,
    )
