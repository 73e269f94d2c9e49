"""Follow the changes of the database on behalf of a caller."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from db.subscriptions.positions import Progress
from domain.errors import Unavailable
from resolvers.core.change_feed import Batch
from resolvers.core.context import Context


async def follow(context: Context, after: Progress | None = None) -> AsyncGenerator[Batch, None]:
    """Yield the batches of the process's feed. Raises Unavailable where there is none."""
    if context.feed is None:
        raise Unavailable("This server has no live updates.")
    async for batch in context.feed.follow(after):
        yield batch
