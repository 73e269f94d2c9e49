"""A slow read delays only its own request."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import BigInteger, bindparam, text

from db.core.engines import open_database
from db.core.statements import Statement
from tests.support.postgres import PostgresServer
from tests.support.server import Server

ENDLESS = Statement(
    text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT (i + 1) % 1000 FROM n) SELECT count(*) FROM n")
)
CREATE = 'mutation { createOrganization(input: {name: "Sales"}) { organization { name } userErrors { code } } }'


def test_a_slow_read_does_not_block_the_event_loop(server: Server) -> None:
    server.import_organizations("path\nAcme\n")
    token = server.create_key(organization="Acme", role="OWNER")

    async def meanwhile() -> tuple[int, bool]:
        slow = asyncio.create_task(server.database.fetch(ENDLESS))
        ticks = 0
        for _ in range(200):
            await asyncio.sleep(0.001)
            ticks += 1
        answer = await server.post(CREATE, token=token)
        assert answer["data"]["createOrganization"] == {"organization": {"name": "Sales"}, "userErrors": []}
        async with server.database.read() as connection:
            assert await connection.value(Statement(text("SELECT 7"))) == 7
        running = not slow.done()
        slow.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await slow
        return ticks, running

    assert server.run(meanwhile()) == (200, True)


def test_a_cancelled_read_leaves_a_usable_connection(server: Server) -> None:
    async def give_up_often() -> list[int]:
        found = []
        for _ in range(12):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(server.database.fetch(ENDLESS), 0.02)
            found.append((await server.database.fetch(Statement(text("SELECT 7"))))[0][0])
        return found

    assert server.run(give_up_often()) == [7] * 12


def test_a_repeatedly_cancelled_read_is_awaited_without_warnings(server: Server) -> None:
    complaints: list[dict[str, Any]] = []

    async def give_up() -> int:
        asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
        slow = asyncio.create_task(server.database.fetch(ENDLESS))
        await asyncio.sleep(0.05)
        # As often as the loop turns: so do the servers' task groups when a client has gone.
        while not slow.done():
            slow.cancel()
            await asyncio.sleep(0)
        assert slow.cancelled()
        return int((await server.database.fetch(Statement(text("SELECT 7"))))[0][0])

    assert server.run(give_up()) == 7
    gc.collect()
    assert complaints == []


async def test_many_rows_are_sent_in_batches_of_one_transaction(postgres: PostgresServer) -> None:
    sizes: list[int] = []
    send = asyncpg.Connection.executemany

    async def record(self: Any, sql: str, rows: list[Any]) -> None:
        sizes.append(len(rows))
        await send(self, sql, rows)

    name = f"batches_{uuid4().hex}"
    await asyncio.to_thread(postgres.create_database, name)
    database = await open_database(postgres.url(name))
    async with database.write() as connection:
        await connection.execute(Statement(text("CREATE TABLE notes (id bigint)")))
    insert = Statement(text("INSERT INTO notes VALUES (:id)").bindparams(bindparam("id", type_=BigInteger())))
    with patch.object(asyncpg.Connection, "executemany", record):
        async with database.write() as connection:
            await connection.execute_many(insert, ({"id": n} for n in range(2_500)))
        with pytest.raises(ZeroDivisionError):
            async with database.write() as connection:
                await connection.execute_many(insert, ({"id": n // (n - 2_000)} for n in range(2_500)))
    assert sizes == [1_000, 1_000, 500, 1_000, 1_000]
    assert await database.fetch(Statement(text("SELECT count(*), sum(id) FROM notes"))) == [(2_500, 3_123_750)]
    await database.close()
    await asyncio.to_thread(postgres.drop_database, name)
