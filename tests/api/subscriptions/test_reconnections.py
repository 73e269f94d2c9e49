"""Clients that disconnect at random and continue by cursor are told every change, while many are made at a time."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.api.subscriptions.conftest import Live
from tests.support.subscribing import SUBPROTOCOL
from tests.support.waiting import PATIENCE

NUMBERS = 300
CLIENTS = 12
WRITERS = 8
CHANGES = """subscription ($after: String) {
  phoneNumbersChanged(filter: { tagContains: "vip" }, after: $after) {
    cursor changedCount phoneNumbers { id } goneIds
  }
}"""
RESERVE = """mutation ($ids: [ID!]!) {
  reserveNumbers(input: { numberIds: $ids, tag: "vip" }) { changedCount userErrors { message } }
}"""

pytestmark = pytest.mark.long


class Follower:
    """A client with a bad connection."""

    def __init__(self, address: str, token: str, *, after: str, seed: int) -> None:
        self._address = f"{address.replace('http', 'ws', 1)}/graphql"
        self._token = token
        self._random = random.Random(seed)  # noqa: S311 - a test
        self.cursor = after
        self.seen: set[str] = set()
        self.connections = 0

    async def follow(self, wanted: set[str]) -> None:
        while self.seen < wanted:
            await self._follow_for_a_while(wanted)

    async def _follow_for_a_while(self, wanted: set[str]) -> None:
        self.connections += 1
        async with connect(self._address, subprotocols=[SUBPROTOCOL]) as connection:
            init = {"type": "connection_init", "payload": {"authorization": f"Bearer {self._token}"}}
            await connection.send(json.dumps(init))
            await connection.recv()
            payload = {"query": CHANGES, "variables": {"after": self.cursor}}
            await connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
            for _ in range(self._random.randrange(1, 12)):
                if self.seen >= wanted:
                    return
                self._note(json.loads(await connection.recv()))
            connection.transport.abort()

    def _note(self, message: dict[str, Any]) -> None:
        assert message["type"] == "next", message
        change = message["payload"]["data"]["phoneNumbersChanged"]
        assert change["changedCount"] == len(change["phoneNumbers"])
        self.seen |= {node["id"] for node in change["phoneNumbers"]}
        self.cursor = change["cursor"]


async def reserve(address: str, token: str, ids: list[str]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE) as client:
        for id_ in ids:
            answer = await client.post("/graphql", json={"query": RESERVE, "variables": {"ids": [id_]}})
            assert answer.json()["data"]["reserveNumbers"]["userErrors"] == []


def test_clients_that_disconnect_at_random_miss_nothing(live: Live) -> None:
    bank = live.bank
    bank.add("".join(f"+1418555{n:04},+1 418,Bank,AVAILABLE,,,,\n" for n in range(2_000, 2_000 + NUMBERS)))
    query = "{ phoneNumbers(filter: { statuses: [AVAILABLE] }, first: 500) { changesCursor nodes { id } } }"
    found = bank.ask(query)["phoneNumbers"]
    ids, token = [node["id"] for node in found["nodes"]], bank.token()
    followers = [Follower(live.address, token, after=found["changesCursor"], seed=seed) for seed in range(CLIENTS)]

    async def everything() -> None:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
            for follower in followers:
                tasks.create_task(follower.follow(set(ids)))
            for writer in range(WRITERS):
                tasks.create_task(reserve(live.address, token, ids[writer::WRITERS]))

    asyncio.run(everything())
    assert all(follower.seen == set(ids) for follower in followers)
    assert min(follower.connections for follower in followers) > 5
