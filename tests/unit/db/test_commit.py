"""A COMMIT that was sent is never cancelled, and one whose connection is lost has an unknown outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text

from db.core.database import Database, LockTimeout
from db.core.engines import open_database
from db.core.postgresql import PostgreSQLDatabase
from db.core.statements import Statement
from domain.errors import OutcomeUnknown, Unavailable
from tests.support.databases import Databases
from tests.support.postgres import PostgresServer

_COUNT = Statement(text("SELECT count(*) FROM notes"))
COMMITS = f"commits_{uuid4().hex}"
"""Each worker has a database of its own."""

_INSERT = Statement(text("INSERT INTO notes VALUES (1)"))


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    url = await asyncio.to_thread(databases.create)
    opened = await open_database(url)
    async with opened.write() as connection:
        await connection.fetch(Statement(text("CREATE TABLE notes (id bigint)")))
    yield opened
    await opened.close()
    await asyncio.to_thread(databases.drop, url)


async def test_a_transaction_cancelled_before_its_commit_changes_nothing(database: Database) -> None:
    inserted = asyncio.Event()

    async def insert() -> None:
        async with database.write() as connection:
            await connection.execute(_INSERT)
            inserted.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(insert())
    await inserted.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await database.fetch(_COUNT) == [(0,)]
    async with database.write() as connection:
        await connection.execute(_INSERT)
    assert await database.fetch(_COUNT) == [(1,)]


async def test_a_commit_is_finished_although_its_task_is_cancelled(database: Database) -> None:
    inserted = asyncio.Event()

    async def insert() -> None:
        async with database.write() as connection:
            await connection.execute(_INSERT)
            inserted.set()

    task = asyncio.create_task(insert())
    await inserted.wait()
    # The task has sent its COMMIT and waits for the answer.
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await database.fetch(_COUNT) == [(1,)]


@pytest.fixture
async def postgresql(postgres: PostgresServer) -> AsyncIterator[PostgreSQLDatabase]:
    postgres.create_database(COMMITS)
    opened = await PostgreSQLDatabase.connect(postgres.url(COMMITS))
    yield opened
    await opened.close()
    postgres.drop_database(COMMITS)


async def _terminate_others(postgres: PostgresServer, *, running: str) -> None:
    other = await asyncpg.connect(postgres.url(COMMITS))
    terminate = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE $1"
    )
    while not await other.fetch(terminate, f"{running}%"):  # noqa: ASYNC110 - only PostgreSQL knows
        await asyncio.sleep(0.01)
    await other.close()


async def test_a_connection_lost_during_commit_leaves_the_outcome_unknown(
    postgresql: PostgreSQLDatabase, postgres: PostgresServer
) -> None:
    async with postgresql.write() as connection:
        trigger = "AFTER INSERT ON notes INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()"
        for sql in (
            "CREATE TABLE notes (id bigint)",
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END'",
            f"CREATE CONSTRAINT TRIGGER slow {trigger}",
        ):
            await connection.fetch(Statement(text(sql)))

    async def insert() -> None:
        async with postgresql.write() as connection:
            await connection.execute(_INSERT)

    writing = asyncio.create_task(insert())
    await _terminate_others(postgres, running="COMMIT")
    with pytest.raises(OutcomeUnknown, match="idempotencyKey"):
        await writing


async def test_a_connection_lost_before_commit_is_unavailable(
    postgresql: PostgreSQLDatabase, postgres: PostgresServer
) -> None:
    async def sleep() -> None:
        async with postgresql.write() as connection:
            await connection.fetch(Statement(text("SELECT pg_sleep(60)")))

    writing = asyncio.create_task(sleep())
    await _terminate_others(postgres, running="SELECT pg_sleep")
    with pytest.raises(Unavailable, match="not available at the moment"):
        await writing


async def test_a_connection_that_ends_between_statements_is_unavailable_and_not_reused(
    postgresql: PostgreSQLDatabase, postgres: PostgresServer
) -> None:
    other = await asyncpg.connect(postgres.url(COMMITS))
    pids = set()

    async def read() -> None:
        async with postgresql.read() as connection:
            [[pid]] = await connection.fetch(Statement(text("SELECT pg_backend_pid()")))
            pids.add(pid)
            await other.fetch("SELECT pg_terminate_backend($1, 5000)", pid)
            await connection.fetch(Statement(text("SELECT 1")))

    for _ in range(20):
        with pytest.raises(Unavailable, match="not available at the moment"):
            await read()
    await other.close()
    assert len(pids) == 20


async def test_a_small_change_waits_for_a_lock_only_for_a_moment(postgresql: PostgreSQLDatabase) -> None:
    async with postgresql.write(bulk=True) as holder:
        await holder.lock_tree([1], exclusive=True)
        with pytest.raises(LockTimeout):
            async with postgresql.write() as connection:
                await connection.lock_tree([1], exclusive=False)
        async with postgresql.write() as connection:
            assert await connection.lock_tree([2], exclusive=True)


async def test_a_statement_that_commits_by_itself_changes_nothing_on_a_standby(
    postgresql: PostgreSQLDatabase, postgres: PostgresServer
) -> None:
    async with postgresql.write() as connection:
        for sql in (
            "CREATE TABLE notes (id bigint)",
            f"ALTER DATABASE {COMMITS} SET default_transaction_read_only = on",
        ):
            await connection.fetch(Statement(text(sql)))
    standby = await PostgreSQLDatabase.connect(postgres.url(COMMITS))
    with pytest.raises(Unavailable, match="not available at the moment"):
        async with standby.autocommit(1) as connection:
            await connection.fetch(_INSERT)
    await standby.close()
