"""Delete old jobs."""

from __future__ import annotations

from db.jobs import queue, signals
from domain.jobs import RETENTION
from resolvers.core.context import Context


async def delete_old_jobs(context: Context) -> None:
    """Delete the jobs that ended long ago, and what was left of their signals."""
    before = context.clock() - RETENTION
    async with context.write() as connection:
        await queue.delete_finished(connection, before=before)
        oldest = await queue.oldest(connection)
    async with context.database.aside(writes=True) as connection:
        await signals.forget_before(connection, before if oldest is None else min(before, oldest))
