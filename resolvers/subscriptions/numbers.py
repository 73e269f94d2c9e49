"""Follow the changes of the numbers that match a filter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import NamedTuple

from db.numbers.queries import NumberRecord
from db.numbers.relations import Relation
from db.organizations.queries import OrganizationRecord
from db.subscriptions.positions import Progress
from domain.number_changes import MatchedChanges, NumberState, matched_changes, matches, with_sets
from domain.scope import path_ids
from domain.search import NumberFilter
from domain.texts import fold
from resolvers.access.sign_in import authenticate_again
from resolvers.core import change_cursors
from resolvers.core.change_feed import SCOPE_EVENTS, TREE_EVENTS, Batch
from resolvers.core.context import Context
from resolvers.numbers.filters import FilterInput, narrow
from resolvers.subscriptions.following import follow

WITH_HOLDER = frozenset({Relation.ORGANIZATION})


class PhoneNumbersChange(NamedTuple):
    """The changes of one operation. Who passes the cursor later misses nothing."""

    cursor: str
    numbers: tuple[NumberRecord, ...]
    """With their holders."""

    gone_ids: tuple[int, ...]
    changed_count: int


async def phone_numbers_changed(
    context: Context, wanted: FilterInput, *, after: str | None
) -> AsyncIterator[PhoneNumbersChange]:
    """Yield the changes of numbers that match the filter before or after, since a cursor or from now on."""
    filter_ = await _narrowed(context, wanted)
    start = None if after is None else change_cursors.decode(after, root_id=context.root_id)
    organization_ids = wanted.organization_ids or (path_ids(context.scope)[-1],)
    async with aclosing(follow(context, organization_ids, after=start)) as batches:
        async for batch in batches:
            kinds = {operation.action for operation in batch.operations}
            if not batch.operations or kinds & SCOPE_EVENTS:
                await authenticate_again(context)
            if kinds & TREE_EVENTS:
                filter_ = await _narrowed(context, wanted)
            for progress, changes in _matched(batch, filter_, scope=context.scope):
                # Before each event, as the client may have taken its time to read the one before.
                await authenticate_again(context)
                numbers, gone = await _as_they_are_now(context, changes, filter_)
                cursor = change_cursors.encode(progress, root_id=context.root_id)
                yield PhoneNumbersChange(cursor, numbers, gone, changes.number_count)


async def _as_they_are_now(
    context: Context, changes: MatchedChanges, filter_: NumberFilter
) -> tuple[tuple[NumberRecord, ...], tuple[int, ...]]:
    """Return the numbers that are in the scope, and the ids of those that do not match.

    Operations may be told in another order than they were made, so their own values do not say how a number ended.
    """
    loaded = await context.loaders.phone_numbers(WITH_HOLDER).load_many(changes.number_ids)
    found = {record.id: record for record in loaded if record is not None and record.retired_at is None}
    shown = tuple(found[number_id] for number_id in changes.number_ids if number_id in found)
    gone = [number_id for number_id in changes.number_ids if not _matches_now(found.get(number_id), filter_)]
    if changes.number_count > len(changes.number_ids):
        # A number that is in both lists would hide that there are others.
        gone = [number_id for number_id in gone if number_id not in found]
    return shown, tuple(gone)


def _matches_now(record: NumberRecord | None, filter_: NumberFilter) -> bool:
    if record is None or not isinstance(record.organization, OrganizationRecord):
        return False
    tag = None if record.reserved_tag is None else fold(record.reserved_tag)
    state = NumberState(record.organization.path, record.organization_id, record.series_id, record.status, tag)
    return matches(filter_, record.number, state, updated_at=record.updated_at)


async def _narrowed(context: Context, wanted: FilterInput) -> NumberFilter:
    found = await narrow(
        context.loaders.organizations.load_many, wanted, scope=context.scope, load_region=context.region
    )
    return with_sets(found)


def _matched(batch: Batch, filter_: NumberFilter, *, scope: str) -> list[tuple[Progress, MatchedChanges]]:
    """Return the changes of a batch that concern the filter; the last one ends the batch."""
    found = [
        (batch.progress(operation.id), changes)
        for operation in batch.operations
        if (changes := matched_changes(operation, filter_, scope=scope)) is not None
    ]
    if found and batch.is_last:
        found[-1] = (Progress(batch.until), found[-1][1])
    return found
