"""Follow the changes of the numbers that match a filter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import NamedTuple

from domain.access import ACCESS_EVENTS
from domain.number_changes import MatchedChanges, matched_changes
from domain.search import NumberFilter
from domain.statuses import EventKind
from resolvers.access.sign_in import authenticate_again
from resolvers.core import change_cursors
from resolvers.core.change_feed import Batch
from resolvers.core.context import Context
from resolvers.numbers.filters import FilterInput, narrow
from resolvers.subscriptions.following import follow

_TREE_EVENTS = frozenset({EventKind.ORGANIZATION_MOVED, EventKind.ORGANIZATION_DELETED, EventKind.ORGANIZATION_CREATED})


class PhoneNumbersChange(NamedTuple):
    """The changes of one operation. Who passes the cursor later misses nothing."""

    cursor: str
    number_ids: tuple[int, ...]
    gone_ids: tuple[int, ...]
    changed_count: int


async def phone_numbers_changed(
    context: Context, wanted: FilterInput, *, after: str | None
) -> AsyncIterator[PhoneNumbersChange]:
    """Yield the changes of numbers that match the filter before or after, since a cursor or from now on."""
    filter_ = await _narrowed(context, wanted)
    start = None if after is None else change_cursors.decode(after, root_id=context.root_id)
    async with aclosing(follow(context, start)) as batches:
        async for batch in batches:
            kinds = {operation.action for operation in batch.operations}
            if not batch.operations or kinds & ACCESS_EVENTS:
                await authenticate_again(context)
            if kinds & _TREE_EVENTS:
                await authenticate_again(context)
                filter_ = await _narrowed(context, wanted)
            matched = _matched(batch, filter_, scope=context.scope)
            if matched:
                await authenticate_again(context)
            for index, change in enumerate(matched, 1):
                # Until the last change of a batch is read, its cursor is that of the batch before.
                position = batch.until if index == len(matched) else batch.since
                cursor = change_cursors.encode(position, root_id=context.root_id)
                yield PhoneNumbersChange(cursor, change.number_ids, change.gone_ids, change.number_count)


async def _narrowed(context: Context, wanted: FilterInput) -> NumberFilter:
    return await narrow(
        context.loaders.organizations.load_many, wanted, scope=context.scope, load_region=context.region
    )


def _matched(batch: Batch, filter_: NumberFilter, *, scope: str) -> list[MatchedChanges]:
    matched = (matched_changes(operation, filter_, scope=scope) for operation in batch.operations)
    return [changes for changes in matched if changes is not None]
