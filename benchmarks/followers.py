"""Subscribers that keep what they were told, and compare it with the changes that were made."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from benchmarks.processes import BenchmarkError

NUMBERS_CHANGED = """subscription ($id: ID!, $after: String) {
  phoneNumbersChanged(filter: { organizationIds: [$id] }, after: $after) {
    cursor changedCount goneIds phoneNumbers { id status reservedTag }
  }
}"""
UTILIZATION_CHANGED = "subscription ($id: ID!) { utilizationChanged(organizationId: $id) { reserved total } }"

_MAX_EVENTS_CONNECTED = 30
"""Followers that lose their connection do so after this many changes at most."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was answered with success: its number, and how many its organization has reserved afterwards."""

    number_id: str
    reserved: int
    sent_at: float


@dataclass(slots=True)
class Unit:
    """An organization, whose numbers are reserved and unreserved one after another, again and again."""

    id: str
    number_ids: list[str]
    cursor: str
    changes: list[Change] = field(default_factory=list)

    @property
    def reserved(self) -> int:
        """How many of its numbers are reserved."""
        return self.changes[-1].reserved if self.changes else 0

    def following(self) -> tuple[str, bool]:
        """Return the number to change next, and whether it is to be reserved."""
        rounds, position = divmod(len(self.changes), len(self.number_ids))
        return self.number_ids[position], rounds % 2 == 0


class Follower:
    """A subscriber on a connection of its own."""

    def __init__(self, url: str, token: str, unit: Unit) -> None:
        self._url = url
        self._token = token
        self.unit = unit
        self.connections = 0
        self.latencies: list[float] = []
        self.is_following = asyncio.Event()

    async def run(self) -> None:
        """Follow until cancelled, on a new connection whenever one was lost."""
        while True:
            with suppress(ConnectionClosed):
                await self._follow()

    async def _begin(self, connection: ClientConnection, query: str, **variables: str) -> None:
        self.connections += 1
        payload = {"authorization": f"Bearer {self._token}"}
        await connection.send(orjson.dumps({"type": "connection_init", "payload": payload}).decode())
        await connection.recv()
        operation = {"query": query, "variables": {"id": self.unit.id, **variables}}
        await connection.send(orjson.dumps({"type": "subscribe", "id": "1", "payload": operation}).decode())
        self.is_following.set()

    def _connection(self) -> connect:
        return connect(self._url, subprotocols=[Subprotocol("graphql-transport-ws")], ping_interval=None)

    async def _follow(self) -> None:
        raise NotImplementedError

    @property
    def is_complete(self) -> bool:
        """Whether everything that has changed was told."""
        raise NotImplementedError


class NumberFollower(Follower):
    """Follows the numbers of an organization by cursor; may lose its connection now and then."""

    def __init__(self, url: str, token: str, unit: Unit, *, disconnects: bool, seed: int) -> None:
        super().__init__(url, token, unit)
        self._disconnects = disconnects
        self._random = random.Random(seed)  # noqa: S311 - when to disconnect, not a secret
        self._cursor = unit.cursor
        self.told: list[str] = []

    async def _follow(self) -> None:
        async with self._connection() as connection:
            await self._begin(connection, NUMBERS_CHANGED, after=self._cursor)
            for _ in self._events():
                change = _event(await connection.recv())["phoneNumbersChanged"]
                self._cursor = change["cursor"]
                # One that is no longer in the list would be in `goneIds`, and more than one in `changedCount`.
                self.told += [node["id"] for node in change["phoneNumbers"]] + change["goneIds"]
                self._note_latency()
            connection.transport.abort()

    def _events(self) -> Iterator[int]:
        if not self._disconnects:
            return itertools.count()
        return iter(range(self._random.randrange(1, _MAX_EVENTS_CONNECTED)))

    def _note_latency(self) -> None:
        position = len(self.told) - 1
        if position < len(self.unit.changes):
            self.latencies.append(time.monotonic() - self.unit.changes[position].sent_at)

    @property
    def is_complete(self) -> bool:
        """Whether as many changes were told as made."""
        return len(self.told) >= len(self.unit.changes)

    @property
    def faults(self) -> tuple[int, int]:
        """How many changes were missed, and how many were repeated or told in another order."""
        made = [change.number_id for change in self.unit.changes]
        if self.told == made:
            return 0, 0
        return max(0, len(made) - len(self.told)), max(1, len(self.told) - len(made))


class UtilizationFollower(Follower):
    """Follows the figures of an organization."""

    def __init__(self, url: str, token: str, unit: Unit) -> None:
        super().__init__(url, token, unit)
        self._matched = -1
        self.told: int | None = None

    async def _follow(self) -> None:
        async with self._connection() as connection:
            await self._begin(connection, UTILIZATION_CHANGED)
            while True:
                self.told = _event(await connection.recv())["utilizationChanged"]["reserved"]
                self._note_latency()

    def _note_latency(self) -> None:
        """Find the newest change that the figure may be that of; those before it were told with it."""
        for position in range(len(self.unit.changes) - 1, self._matched, -1):
            change = self.unit.changes[position]
            if change.reserved == self.told:
                self._matched = position
                self.latencies.append(time.monotonic() - change.sent_at)
                return

    @property
    def is_complete(self) -> bool:
        """Whether the present figure was told."""
        return self.told == self.unit.reserved


def _event(message: str | bytes) -> Any:
    received = orjson.loads(message)
    if received["type"] != "next" or "errors" in received["payload"]:
        raise BenchmarkError(f"A subscription has failed: {received}")
    return received["payload"]["data"]
