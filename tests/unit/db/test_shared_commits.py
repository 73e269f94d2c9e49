"""Changes that wait for SQLite's writer share a transaction, and each succeeds or fails by itself."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from db.core.database import DatabaseConnection, TransactionAborted
from db.core.shared_commits import MAX_CHANGES
from db.core.sqlite import SQLiteDatabase
from db.core.sqlite_connection import Change, Outcome, SQLiteConnection
from db.core.statements import Statement
from tests.support.waiting import PATIENCE

_COUNT = Statement(text("SELECT count(*) FROM notes"))
_INSERT = Statement(text("INSERT INTO notes VALUES (1)"))
_ENDLESS = Statement(text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"))
_ROLLBACK = Statement(text("ROLLBACK"))

Work = Callable[[DatabaseConnection], Coroutine[object, object, int]]


class RefusedError(Exception):
    """A change raises it."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SQLiteDatabase]:
    opened = await asyncio.to_thread(SQLiteDatabase, str(path))
    async with opened.write() as connection:
        await connection.fetch(Statement(text("CREATE TABLE notes (id bigint)")))
    yield opened
    await opened.close()


async def _insert(connection: DatabaseConnection) -> int:
    await connection.execute(_INSERT)
    count: int = await connection.value(_COUNT)
    return count


async def _insert_and_fail(connection: DatabaseConnection) -> int:
    await connection.execute(_INSERT)
    raise RefusedError


async def _made(database: SQLiteDatabase, *works: Work) -> list[int | BaseException]:
    made = (database.transact(work, 1, bulk=False) for work in works)
    return await asyncio.gather(*made, return_exceptions=True)


async def test_changes_that_wait_are_committed_together(database: SQLiteDatabase, path: Path) -> None:
    async def committed(connection: DatabaseConnection) -> int:
        await connection.execute(_INSERT)
        elsewhere = sqlite3.connect(path)
        (count,) = elsewhere.execute("SELECT count(*) FROM notes").fetchone()
        elsewhere.close()
        return int(count)

    assert await _made(database, committed, _insert, committed, _insert) == [0, 2, 0, 4]
    assert await database.fetch(_COUNT) == [(4,)]


async def test_a_change_that_fails_leaves_nothing_and_the_others_succeed(database: SQLiteDatabase) -> None:
    first, failed, last = await _made(database, _insert, _insert_and_fail, _insert)
    assert (first, type(failed), last) == (1, RefusedError, 2)
    assert await database.fetch(_COUNT) == [(2,)]


async def test_a_change_alone_that_fails_leaves_nothing(database: SQLiteDatabase) -> None:
    with pytest.raises(RefusedError):
        await database.transact(_insert_and_fail, 1, bulk=False)
    assert await database.fetch(_COUNT) == [(0,)]
    assert await database.transact(_insert, 1, bulk=False) == 1


async def test_a_lost_transaction_can_be_tried_again_by_the_others(database: SQLiteDatabase) -> None:
    async def lose(connection: DatabaseConnection) -> int:
        # As SQLite does by itself when the disk is full.
        await connection.fetch(_ROLLBACK)
        raise RefusedError

    outcomes = await _made(database, _insert, _insert_and_fail, lose, _insert)
    aborted = TransactionAborted
    assert [type(outcome) for outcome in outcomes] == [aborted, aborted, RefusedError, aborted]
    assert await database.fetch(_COUNT) == [(0,)]
    assert await database.transact(_insert, 1, bulk=False) == 1


async def test_a_change_cancelled_while_it_waits_is_not_made(database: SQLiteDatabase) -> None:
    made, cancelled = (asyncio.create_task(database.transact(_insert, 1, bulk=False)) for _ in range(2))
    await asyncio.sleep(0)
    cancelled.cancel()
    assert await made == 1
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert await database.fetch(_COUNT) == [(1,)]


async def test_a_running_change_that_is_cancelled_leaves_nothing(database: SQLiteDatabase) -> None:
    started = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def run(connection: DatabaseConnection) -> int:
        await connection.execute(_INSERT)
        loop.call_soon_threadsafe(started.set)
        return int(await connection.value(_ENDLESS))

    before, task, after = (
        asyncio.create_task(database.transact(work, 1, bulk=False)) for work in (_insert, run, _insert)
    )
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await before, await after) == (1, 2)
    assert await database.fetch(_COUNT) == [(2,)]


def test_the_end_of_the_event_loop_interrupts_a_running_change(path: Path) -> None:
    async def begin() -> None:
        database = SQLiteDatabase(str(path))
        async with database.write() as connection:
            await connection.fetch(Statement(text("CREATE TABLE notes (id bigint)")))
        started, loop = asyncio.Event(), asyncio.get_running_loop()

        async def run(connection: DatabaseConnection) -> int:
            await connection.execute(_INSERT)
            loop.call_soon_threadsafe(started.set)
            return int(await connection.value(_ENDLESS))

        tasks.append(asyncio.create_task(database.transact(run, 1, bulk=False)))
        await started.wait()

    tasks: list[asyncio.Task[int]] = []
    ended = threading.Thread(target=lambda: asyncio.run(begin()), daemon=True)
    ended.start()
    ended.join(PATIENCE)
    assert not ended.is_alive()
    assert tasks[0].cancelled()
    with closing(sqlite3.connect(path)) as elsewhere:
        assert elsewhere.execute("SELECT count(*) FROM notes").fetchall() == [(0,)]


async def test_a_cancelled_change_does_not_wait_for_other_processes(database: SQLiteDatabase, path: Path) -> None:
    async with database.write(9, bulk=True):
        task = asyncio.create_task(database.transact(_insert, 1, bulk=False))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(0.1)
        assert database.pool_usage()[1].in_use == 0


async def test_a_transaction_that_was_left_open_is_rolled_back_first(database: SQLiteDatabase, path: Path) -> None:
    left = await asyncio.to_thread(SQLiteConnection, str(path), "left", writes=True)
    await left.run_sql("BEGIN")
    await left.execute(_INSERT)
    (outcome,) = await left.make_together([Change(_insert)])
    await asyncio.to_thread(left.close)
    assert outcome == Outcome(1)
    assert await database.fetch(_COUNT) == [(1,)]


async def test_roots_take_turns(database: SQLiteDatabase) -> None:
    order: list[int] = []

    def noting(root_id: int) -> Work:
        async def note(connection: DatabaseConnection) -> int:
            order.append(root_id)
            return await _insert(connection)

        return note

    busy = [database.transact(noting(1), 1, bulk=False) for _ in range(2 * MAX_CHANGES)]
    other = [database.transact(noting(2), 2, bulk=False) for _ in range(2)]
    await asyncio.gather(*busy, *other)
    assert order[:5] == [1, 2, 1, 2, 1]
    assert len(order) == 2 * MAX_CHANGES + 2
    assert await database.fetch(_COUNT) == [(len(order),)]
