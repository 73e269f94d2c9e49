"""Bulk work and tree changes at one root do not keep another root from changing its numbers."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import text

from db.core.statements import Statement
from db.organizations.queries import root_ids
from tests.api.numbers.pool import RESERVE
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


def test_a_single_change_waits_for_the_tree_and_for_its_number(postgres: PostgresServer) -> None:
    """It takes part in the tree lock, so that nothing is appended to counters after a move has folded them."""
    with opened(PostgresDatabases(postgres), request_seconds=0.5) as server:
        acme, _ = _tokens(server)
        assert server.import_numbers("number,series,organization\n+14185550100,+1 418,Acme\n").imported == 1
        shown = "{ phoneNumbers { nodes { id status } statusCounts { status count } } }"
        before = server.ask(shown, token=acme)
        wanted = {"input": {"numberIds": [before["phoneNumbers"]["nodes"][0]["id"]], "tag": "late"}}

        async def reserve_while_locked(*, tree: bool) -> Any:
            async with server.database.write(bulk=True) as connection:
                if tree:
                    await connection.lock_tree(await root_ids(connection), exclusive=True)
                else:
                    await connection.fetch(Statement(text("SELECT FROM phone_numbers FOR UPDATE")))
                return await server.post(RESERVE, wanted, token=acme)

        for tree in (True, False):
            answer = server.run(asyncio.wait_for(reserve_while_locked(tree=tree), PATIENCE))
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["TIMEOUT"]
            assert server.ask(shown, token=acme) == before
        assert server.ask(RESERVE, wanted, token=acme)["reserveNumbers"]["changedCount"] == 1
