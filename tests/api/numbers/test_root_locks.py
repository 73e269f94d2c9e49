"""Bulk work and tree changes at one root do not keep another root from changing its numbers."""

from __future__ import annotations

import asyncio
from typing import Any

from db.organizations.queries import root_ids
from tests.support.databases import Databases, PostgresDatabases
from tests.support.postgres import PostgresServer
from tests.support.server import Server, opened
from tests.support.waiting import PATIENCE

_CREATE_SERIES = "mutation ($name: String!) { createSeries(input: {name: $name}) { userErrors { code } } }"
_CREATED: dict[str, Any] = {"data": {"createSeries": {"userErrors": []}}}


def _tokens(server: Server) -> tuple[str, str]:
    server.import_organizations("path,time_zone,threshold\nAcme,,\nBank,,\n")
    return server.create_key(organization="Acme", role="OWNER"), server.create_key(organization="Bank", role="OWNER")


def test_changes_at_another_root_do_not_wait_on_postgresql(postgres: PostgresServer) -> None:
    with opened(PostgresDatabases(postgres)) as server:
        acme, bank = _tokens(server)

        async def change_both() -> Any:
            async with server.database.write(bulk=True) as connection:
                await connection.lock_tree((await root_ids(connection))[:1], exclusive=True)
                waiting = [
                    asyncio.create_task(server.post(_CREATE_SERIES, {"name": f"series {n}"}, token=acme))
                    for n in range(30)
                ]
                await asyncio.sleep(0)
                answers = [await server.post(_CREATE_SERIES, {"name": f"series {n}"}, token=bank) for n in range(10)]
                assert not any(task.done() for task in waiting)
            return answers, await asyncio.gather(*waiting)

        answers, waited = server.run(asyncio.wait_for(change_both(), PATIENCE))
        assert answers == [_CREATED] * 10
        assert waited == [_CREATED] * 30


def test_waiting_for_a_lock_ends_in_timeout_and_changes_nothing(databases: Databases) -> None:
    with opened(databases, request_seconds=0.5) as server:
        acme, _ = _tokens(server)

        async def change_while_locked() -> Any:
            async with server.database.write(bulk=True) as connection:
                await connection.lock_tree(await root_ids(connection), exclusive=True)
                return await server.post(_CREATE_SERIES, {"name": "late"}, token=acme)

        answer = server.run(asyncio.wait_for(change_while_locked(), PATIENCE))
        assert answer == {
            "errors": [
                {
                    "message": "The request took longer than 0.5 seconds. It was cancelled; nothing was changed.",
                    "extensions": {"code": "TIMEOUT"},
                }
            ]
        }
        assert server.ask("{ series { totalCount } }", token=acme) == {"series": {"totalCount": 0}}
        assert server.ask(_CREATE_SERIES, {"name": "late"}, token=acme) == _CREATED["data"]
