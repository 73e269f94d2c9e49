"""Compare every stored total with the rows it summarizes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from db.check import counters, jobs, rollups
from db.core.database import Database


async def differences(database: Database) -> AsyncIterator[str]:
    """Yield a sentence for every stored total that disagrees with a recount, all from one snapshot."""
    async with database.snapshot() as connection:
        for recount in (counters.differences, rollups.differences, jobs.differences):
            async for difference in recount(connection):
                yield difference
