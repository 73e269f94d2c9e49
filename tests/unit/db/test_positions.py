"""Which operations are between two positions, in whatever order their transactions began and ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import pytest

from db.core.database import Database, DatabaseConnection
from db.core.engines import open_database
from db.history.operations import NewOperation, begin_operation
from db.subscriptions import positions
from db.subscriptions.positions import Position, PositionExpired
from domain.statuses import EventKind
from tests.support.databases import Databases, PostgresDatabases
from tests.support.postgres import PostgresServer

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)


@asynccontextmanager
async def _opened(databases: Databases) -> AsyncIterator[Database]:
    url = databases.create()
    opened = await open_database(url)
    yield opened
    await opened.close()
    databases.drop(url)


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    async with _opened(databases) as opened:
        yield opened


@pytest.fixture
async def postgresql(postgres: PostgresServer) -> AsyncIterator[Database]:
    """A database in which several transactions can write at the same time."""
    async with _opened(await asyncio.to_thread(PostgresDatabases, postgres)) as opened:
        yield opened


async def begin(connection: DatabaseConnection) -> int:
    return await begin_operation(connection, NewOperation(EventKind.MOVED, AT, "test", 1))


async def record(database: Database) -> int:
    async with database.write() as connection:
        return await begin(connection)


async def present(database: Database) -> Position:
    async with database.read() as connection:
        return await positions.present(connection)


async def between(database: Database, since: Position, until: Position) -> Sequence[int]:
    async with database.read() as connection:
        return await positions.operations_between(connection, since, until)


async def test_operations_are_between_the_positions_around_their_commit(database: Database) -> None:
    empty = await present(database)
    assert await between(database, empty, empty) == []
    first = await record(database)
    one = await present(database)
    second, third = await record(database), await record(database)
    three = await present(database)
    assert await between(database, empty, one) == [first]
    assert await between(database, one, three) == [second, third]
    assert await between(database, empty, three) == [first, second, third]
    assert await between(database, three, await present(database)) == []


async def test_a_transaction_that_commits_late_is_new_then(postgresql: Database) -> None:
    database = postgresql
    start = await present(database)
    async with AsyncExitStack() as slow:
        connection = await slow.enter_async_context(database.write())
        late = await begin(connection)
        early = await record(database)
        assert early > late
        before = await present(database)
        assert await between(database, start, before) == [early]
        # Begun and committed while the slow one runs, after the position.
        another = await record(database)
        middle = await present(database)
        assert await between(database, before, middle) == [another]
    after = await present(database)
    assert await between(database, middle, after) == [late]
    assert await between(database, before, after) == [late, another]
    assert await between(database, start, after) == [late, early, another]


async def test_a_rolled_back_operation_is_never_new(database: Database) -> None:
    start = await present(database)

    async def fail(connection: DatabaseConnection) -> None:
        await begin(connection)
        raise LookupError

    with pytest.raises(LookupError):
        await database.transact(fail, 1, bulk=True)
    kept = await record(database)
    assert await between(database, start, await present(database)) == [kept]


async def test_positions_of_other_databases_have_expired(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await record(database)
    known = await present(database)
    await record(database)
    now = await present(database)
    foreign = {
        "another server": known._replace(server=f"{known.server}x"),
        "an operation that is not there": known._replace(newest_id=known.newest_id + 100),
        "another operation of this id": known._replace(newest_at=datetime(2026, 11, 22, tzinfo=UTC)),
    }
    if known.server:
        foreign["later transactions"] = known._replace(snapshot=f"{now.xmax + 5}:{now.xmax + 5}:")
    for position in foreign.values():
        with pytest.raises(PositionExpired):
            await between(database, position, now)
    monkeypatch.setattr(positions, "MAX_MISSED", 0)
    with pytest.raises(PositionExpired):
        await between(database, known, now)
