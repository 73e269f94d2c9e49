"""Follow the changes of the database on behalf of a caller."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection

from db.subscriptions.positions import Progress
from domain.errors import Unavailable
from resolvers.core.change_feed import Batch
from resolvers.core.context import Context


async def follow(
    context: Context, organization_ids: Collection[int], *, after: Progress | None = None
) -> AsyncGenerator[Batch, None]:
    """Yield the batches of the process's feed, those with changes at or below the organizations at once.

    Raises Unavailable where there is no feed.
    """
    if context.feed is None:
        raise Unavailable("This server has no live updates.")
    async for batch in context.feed.follow(organization_ids, after=after):
        yield batch
