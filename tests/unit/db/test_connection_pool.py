"""Connections are lent to one at a time; what is lost or left in the middle of something is not lent again."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from sqlalchemy import text

from db.core.connection_pool import ConnectionPool
from db.core.postgresql import CONNECTIONS, PostgreSQLDatabase
from db.core.statements import Statement
from tests.support.postgres import PostgresServer


class Line:
    """A connection that notes what becomes of it."""

    def __init__(self) -> None:
        self.is_closed = False

    async def close(self, *, timeout: float) -> None:  # noqa: ASYNC109 - as the drivers' have it
        assert timeout > 0
        self.is_closed = True


class Lines:
    """A lender of two lines, and all that it opened."""

    def __init__(self) -> None:
        self.opened: list[Line] = []
        self.lender = ConnectionPool(self.connect, size=2, translate=lambda _error: None)

    async def connect(self) -> Line:
        self.opened.append(Line())
        return self.opened[-1]

    async def use(self, release: asyncio.Event, using: list[Line]) -> None:
        async with self.lender.acquire() as line:
            assert line not in using
            using.append(line)
            await release.wait()
            using.remove(line)


async def test_a_third_borrower_waits_and_lines_are_opened_only_when_they_are_needed() -> None:
    lines, using, release = Lines(), list[Line](), asyncio.Event()
    async with lines.lender.acquire() as first:
        pass
    assert lines.opened == [first]
    borrowers = [asyncio.create_task(lines.use(release, using)) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(using) == 2
    release.set()
    await asyncio.gather(*borrowers)
    assert len(lines.opened) == 2


async def test_a_lost_line_is_replaced_and_a_failed_read_keeps_its_line() -> None:
    lines = Lines()
    with pytest.raises(LookupError):
        async with lines.lender.acquire():
            raise LookupError
    async with lines.lender.acquire() as line:
        assert line is lines.opened[0]
        line.is_closed = True
    async with lines.lender.acquire() as line:
        assert line is lines.opened[1]


async def test_who_is_cancelled_has_his_line_closed_and_the_next_gets_another() -> None:
    lines = Lines()
    borrower = asyncio.create_task(lines.use(asyncio.Event(), []))
    await asyncio.sleep(0)
    borrower.cancel()
    with pytest.raises(asyncio.CancelledError):
        await borrower
    async with lines.lender.acquire() as line:
        assert [other.is_closed for other in lines.opened] == [True, False]
        assert line is lines.opened[1]


async def test_a_lender_that_closes_waits_for_what_is_lent() -> None:
    lines, release = Lines(), asyncio.Event()
    borrower = asyncio.create_task(lines.use(release, []))
    await asyncio.sleep(0)
    closing = asyncio.create_task(lines.lender.close())
    await asyncio.sleep(0)
    assert not lines.opened[0].is_closed
    release.set()
    await asyncio.gather(borrower, closing)
    assert lines.opened[0].is_closed


async def test_reads_go_on_after_postgresql_has_ended_every_connection(postgres: PostgresServer) -> None:
    postgres.create_database("lending")
    url = postgres.url("lending")
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
        postgres.drop_database("lending")


async def test_a_read_that_is_given_up_ends_in_postgresql_too(postgres: PostgresServer) -> None:
    postgres.create_database("given_up")
    database = await PostgreSQLDatabase.connect(postgres.url("given_up"))
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
        postgres.drop_database("given_up")
