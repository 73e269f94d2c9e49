"""Everything works through PgBouncer in transaction mode, with fewer connections to the server than tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import httpx
import pytest

from tests.support.concurrency import Call, ConcurrentServers, outcomes
from tests.support.databases import PostgresDatabases
from tests.support.inventory import Inventory
from tests.support.pgbouncer import PROGRAM, Pooler, pooler
from tests.support.postgres import PostgresServer
from tests.support.server import Server

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        PROGRAM is None, reason="pgbouncer is not installed (Debian and Ubuntu: apt-get install pgbouncer)"
    ),
]

SERVERS = 4
CONNECTIONS = 2
"""From the pooler to PostgreSQL; each of the servers wants eleven."""

NUMBERS = 64
RESERVE = """mutation ($input: ReserveNumbersInput!) {
  reserveNumbers(input: $input) { changedCount job { id } userErrors { code message } }
}"""
COUNT = "{ phoneNumbers(filter: {statuses: [RESERVED]}) { totalCount } }"
IN_TRANSACTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND state LIKE 'idle in transaction%'"


@pytest.fixture
def running(postgres: PostgresServer) -> Iterator[Pooler]:
    with pooler(postgres, size=CONNECTIONS) as started:
        yield started


@pytest.fixture
def servers(postgres: PostgresServer, running: Pooler) -> Iterator[list[Server]]:
    databases = PostgresDatabases(postgres)
    url = databases.create()
    with ExitStack() as stack:
        options: dict[str, Any] = {"pooler_url": running.url(url), "request_seconds": 5}
        yield [stack.enter_context(closing(Server(url, **options))) for _ in range(SERVERS)]
    databases.drop(url)


@pytest.fixture
def bank(servers: list[Server]) -> Inventory:
    lines = (f"+1418555{number:04},+1 418,Bank,AVAILABLE,,,,\n" for number in range(100, 100 + NUMBERS))
    return Inventory(servers[0], "Bank\nBank/Sales\n", "".join(lines))


def every_number(bank: Inventory) -> list[str]:
    return bank.numbers(*(f"+1418555{number:04}" for number in range(100, 100 + NUMBERS)))


def test_servers_share_few_connections(servers: list[Server], bank: Inventory) -> None:
    """Single changes, changes of many, with and without keys, and reads, all at once."""
    ids, token = every_number(bank), bank.token()

    def reserving(chosen: list[str], **more: Any) -> Call:
        return Call(RESERVE, {"input": {"numberIds": chosen, "tag": "desk", **more}}, token)

    calls = [reserving([id_]) for id_ in ids[:24]] + [
        reserving([id_], idempotencyKey=f"key {place // 2}") for place, id_ in enumerate(sorted(ids[24:36] * 2))
    ]
    calls += [reserving(ids[36 + 7 * part : 43 + 7 * part]) for part in range(4)]
    payloads = ConcurrentServers(servers).send_together(calls)
    assert outcomes(payloads) == {"done": len(calls)}
    assert [found["changedCount"] for found in payloads] == [1] * 48 + [7] * 4
    assert bank.ask(COUNT)["phoneNumbers"]["totalCount"] == NUMBERS
    assert bank.server.differences() == []


def test_a_cancelled_request_leaves_no_transaction(bank: Inventory, postgres: PostgresServer) -> None:
    ids = every_number(bank)

    async def wait_for_a_lock() -> dict[str, Any]:
        async with bank.server.database.write(bulk=True) as holder:
            await holder.lock_tree([1], exclusive=True)
            return await bank.server.post(RESERVE, {"input": {"numberIds": ids[:1], "tag": "desk"}}, token=bank.token())

    answer = bank.server.run(wait_for_a_lock())
    assert answer["errors"][0]["extensions"]["code"] == "TIMEOUT"
    name = bank.server.url.rpartition("/")[2]
    assert [tuple(row) for row in postgres.execute(IN_TRANSACTIONS.format(name))] == [(0,)]
    assert bank.ask(COUNT)["phoneNumbers"]["totalCount"] == 0
    assert bank.mutate("reserveNumbers", "changedCount", {"numberIds": ids[:1], "tag": "x"})["changedCount"] == 1


def test_without_its_pooler_a_server_is_unavailable(bank: Inventory, running: Pooler) -> None:
    async def ask() -> httpx.Response:
        headers = {"Authorization": f"Bearer {bank.token()}"}
        return await bank.server.client.post("/graphql", json={"query": COUNT}, headers=headers)

    running.kill()
    response = bank.server.run(ask())
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
    assert bank.server.run(bank.server.client.get("/health/ready")).status_code == 503
    running.start_again()
    assert bank.server.run(ask()).json() == {"data": {"phoneNumbers": {"totalCount": 0}}}
