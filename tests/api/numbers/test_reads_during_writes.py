"""Reads continue while writers wait for each other."""

from __future__ import annotations

import asyncio
from typing import Any

from db.organizations.queries import root_ids
from tests.support.server import Server
from tests.support.waiting import PATIENCE


def test_reads_do_not_wait_for_writers(server: Server) -> None:
    server.import_organizations("path,time_zone,threshold\nBank,,\n")
    token = server.create_key(organization="Bank", role="OWNER")
    query = "mutation ($name: String!) { createSeries(input: {name: $name}) { userErrors { code } } }"

    async def ask_while_all_writers_wait() -> Any:
        async with server.database.write() as connection:
            await connection.lock_tree(await root_ids(connection), exclusive=True)
            writers = [asyncio.create_task(server.post(query, {"name": f"series {n}"}, token=token)) for n in range(20)]
            await asyncio.sleep(0.2)
            answer = await server.post("{ viewer { name } }", token=token)
            assert not any(writer.done() for writer in writers)
        return answer, await asyncio.gather(*writers)

    answer, created = server.run(asyncio.wait_for(ask_while_all_writers_wait(), PATIENCE))
    assert "errors" not in answer
    assert created == [{"data": {"createSeries": {"userErrors": []}}}] * 20
