"""The connection pool: each connection has one user at a time, and broken connections are not reused."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from sqlalchemy import text

from db.core.connection_pool import ConnectionPool
from db.core.postgresql import CONNECTIONS, PostgreSQLDatabase
from db.core.statements import Statement
from tests.support.postgres import PostgresServer


class FakeConnection:
    """A connection that records whether it was closed."""

    def __init__(self) -> None:
        self.is_closed = False

    async def close(self, *, timeout: float) -> None:  # noqa: ASYNC109 - as the drivers' have it
        assert timeout > 0
        self.is_closed = True


class PoolOfTwo:
    """A pool of two connections; `opened` has every connection that it opened."""

    def __init__(self) -> None:
        self.opened: list[FakeConnection] = []
        self.pool = ConnectionPool(self.connect, size=2, translate=lambda _error: None)

    async def connect(self) -> FakeConnection:
        self.opened.append(FakeConnection())
        return self.opened[-1]

    async def use(self, release: asyncio.Event, using: list[FakeConnection]) -> None:
        async with self.pool.acquire() as connection:
            assert connection not in using
            using.append(connection)
            await release.wait()
            using.remove(connection)


async def test_acquire_waits_for_a_free_connection_and_connections_are_opened_lazily() -> None:
    fake, using, release = PoolOfTwo(), list[FakeConnection](), asyncio.Event()
    async with fake.pool.acquire() as first:
        pass
    assert fake.opened == [first]
    borrowers = [asyncio.create_task(fake.use(release, using)) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(using) == 2
    release.set()
    await asyncio.gather(*borrowers)
    assert len(fake.opened) == 2


async def test_a_lost_connection_is_replaced_and_a_failed_read_keeps_its_connection() -> None:
    fake = PoolOfTwo()
    with pytest.raises(LookupError):
        async with fake.pool.acquire():
            raise LookupError
    async with fake.pool.acquire() as connection:
        assert connection is fake.opened[0]
        connection.is_closed = True
    async with fake.pool.acquire() as connection:
        assert connection is fake.opened[1]


async def test_cancelling_closes_the_connection_and_the_next_acquire_opens_another() -> None:
    fake = PoolOfTwo()
    borrower = asyncio.create_task(fake.use(asyncio.Event(), []))
    await asyncio.sleep(0)
    borrower.cancel()
    with pytest.raises(asyncio.CancelledError):
        await borrower
    async with fake.pool.acquire() as connection:
        assert [other.is_closed for other in fake.opened] == [True, False]
        assert connection is fake.opened[1]


async def test_closing_the_pool_waits_for_acquired_connections() -> None:
    fake, release = PoolOfTwo(), asyncio.Event()
    borrower = asyncio.create_task(fake.use(release, []))
    await asyncio.sleep(0)
    closing = asyncio.create_task(fake.pool.close())
    await asyncio.sleep(0)
    assert not fake.opened[0].is_closed
    release.set()
    await asyncio.gather(borrower, closing)
    assert fake.opened[0].is_closed


async def test_reads_recover_after_postgresql_closes_every_connection(postgres: PostgresServer) -> None:
    postgres.create_database("pool")
    url = postgres.url("pool")
    database = await PostgreSQLDatabase.connect(url)
    try:
        one = Statement(text("SELECT 1"))
        assert await asyncio.gather(*(database.fetch(one) for _ in range(CONNECTIONS))) == [[(1,)]] * CONNECTIONS
        other = await asyncpg.connect(url)
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await other.close()
        await asyncio.sleep(0.1)
        assert await asyncio.gather(*(database.fetch(one) for _ in range(CONNECTIONS))) == [[(1,)]] * CONNECTIONS
    finally:
        await database.close()
        postgres.drop_database("pool")


async def test_a_cancelled_read_is_cancelled_in_postgresql(postgres: PostgresServer) -> None:
    postgres.create_database("cancelled")
    database = await PostgreSQLDatabase.connect(postgres.url("cancelled"))
    sleeping = Statement(
        text("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'")
    )

    async def until(count: int) -> None:
        while await database.fetch(sleeping) != [(count,)]:  # noqa: ASYNC110 - only PostgreSQL knows
            await asyncio.sleep(0.01)

    try:
        sleeper = asyncio.create_task(database.fetch(Statement(text("SELECT pg_sleep(60)"))))
        await until(1)
        sleeper.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeper
        await until(0)
    finally:
        await database.close()
        postgres.drop_database("cancelled")
