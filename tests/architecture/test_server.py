"""The server that tests talk to: between two calls it holds nothing open, and it leaves nothing behind."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from pathlib import Path

import pytest

from db.core.database import Database
from tests.support.databases import Databases
from tests.support.server import Server, opened


def sqlite_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("sqlite-")]


def test_what_a_call_sets_off_is_through_when_the_call_is(server: Server) -> None:
    begun, ended = [], []

    async def hold(database: Database) -> None:
        async with database.write() as connection:
            await connection.lock_tree(exclusive=True)
            for _ in range(100):
                await asyncio.sleep(0)
            ended.append("the transaction")

    async def set_off() -> None:
        begun.append(asyncio.create_task(hold(server.database)))

    server.run(set_off())
    assert ended == ["the transaction"]


def test_also_what_a_failing_call_sets_off_is_through(server: Server) -> None:
    ended, going_on = [], set()

    async def go_on() -> None:
        for _ in range(100):
            await asyncio.sleep(0)
        ended.append("the task")

    async def fail() -> None:
        going_on.add(asyncio.create_task(go_on()))
        raise LookupError

    with pytest.raises(LookupError):
        server.run(fail())
    assert ended == ["the task"]


def test_an_application_does_not_wait_for_one_that_stands_still(server: Server) -> None:
    server.import_organizations("path\nBank\n")
    with closing(Server(server.url)) as other:
        for n in range(10):
            token = (server, other)[n % 2].create_key(organization="Bank", role="VIEWER", name=f"key {n}")
            # Its use is noted beside the answer.
            assert other.ask("{ viewer { role } }", token=token) == {"viewer": {"role": "VIEWER"}}
            assert server.ask("{ viewer { role } }", token=token) == {"viewer": {"role": "VIEWER"}}


def test_a_server_that_can_not_start_leaves_nothing_behind(tmp_path: Path) -> None:
    before = sqlite_threads()
    with pytest.raises(Exception, match="no such table: secrets"):
        Server(f"sqlite:///{tmp_path / 'without-tables.db'}")
    assert sqlite_threads() == before


def test_a_server_is_closed_also_when_its_test_fails(databases: Databases) -> None:
    found = []

    def fail() -> None:
        with opened(databases) as server:
            found.append(server)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert found[0].client.is_closed
