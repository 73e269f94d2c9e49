"""How busy a database's connections are."""

from __future__ import annotations

import asyncio

import pytest

from db.core.database import Database
from db.core.pool_usage import PoolUsage
from tests.support.server import Server


def usage(database: Database, pool: str) -> PoolUsage:
    (found,) = [usage for usage in database.pool_usage() if usage.pool == pool]
    return found


async def hold(database: Database, kind: str, release: asyncio.Event) -> None:
    async with database.write(1) if kind == "writes" else database.read(generic_plan=True):
        await release.wait()


@pytest.mark.parametrize("pool", ["reads", "writes"])
def test_used_connections_and_waiting_tasks_are_counted(server: Server, pool: str) -> None:
    database = server.database

    async def crowd() -> tuple[PoolUsage, PoolUsage, PoolUsage]:
        size, release = usage(database, pool).size, asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            waiting = [tasks.create_task(hold(database, pool, release)) for _ in range(size + 3)]
            while usage(database, pool).waiting < 3:  # noqa: ASYNC110 - there is no event
                await asyncio.sleep(0.01)
            crowded = usage(database, pool)
            # The last one gives up.
            waiting[-1].cancel()
            while usage(database, pool).waiting == 3:  # noqa: ASYNC110 - there is no event
                await asyncio.sleep(0.01)
            fewer = usage(database, pool)
            release.set()
        return crowded, fewer, usage(database, pool)

    size = usage(database, pool).size
    assert server.run(crowd()) == (
        PoolUsage(pool, size, size, 3),
        PoolUsage(pool, size, size, 2),
        PoolUsage(pool, size, 0, 0),
    )
