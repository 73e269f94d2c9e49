"""Subscribers for tests: clients of graphql-transport-ws and of graphql-sse that block."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import httpx
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.support.server import Server
from tests.support.waiting import PATIENCE

SUBPROTOCOL = Subprotocol("graphql-transport-ws")


class Socket:
    """A WebSocket connection; messages of other operations than the awaited one are kept."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self._ids = itertools.count(1)
        self._kept: defaultdict[str, deque[dict[str, Any]]] = defaultdict(deque)

    def send(self, message: object) -> None:
        self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.connection.recv(timeout=PATIENCE))
        return message

    def begin(self, **payload: str) -> Self:
        self.send({"type": "connection_init", "payload": payload})
        assert self.receive() == {"type": "connection_ack"}
        return self

    def subscribe(self, query: str, variables: dict[str, Any] | None = None) -> str:
        id_ = str(next(self._ids))
        self.send({"type": "subscribe", "id": id_, "payload": {"query": query, "variables": variables}})
        return id_

    def message(self, id_: str) -> dict[str, Any]:
        """The next message of an operation."""
        while not self._kept[id_]:
            message = self.receive()
            self._kept[message["id"]].append(message)
        return self._kept[id_].popleft()

    def data(self, id_: str) -> Any:
        """The value of the root field in the next event of an operation."""
        message = self.message(id_)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        [value] = message["payload"]["data"].values()
        return value


@contextmanager
def socket(address: str, *, token: str | None = None, **options: Any) -> Iterator[Socket]:
    """Connect, and begin if there is a token."""
    options = {"subprotocols": [SUBPROTOCOL], **options}
    with connect(f"{address.replace('http', 'ws', 1)}/graphql", **options) as connection:
        client = Socket(connection)
        yield client if token is None else client.begin(Authorization=f"Bearer {token}")


@contextmanager
def events(address: str, body: dict[str, Any], *, token: str | None, **headers: str) -> Iterator[httpx.Response]:
    """Post an operation and accept events."""
    accepted = {"Accept": "text/event-stream", **headers}
    if token is not None:
        accepted["Authorization"] = f"Bearer {token}"
    with (
        httpx.Client(base_url=address, timeout=PATIENCE) as client,
        client.stream("POST", "/graphql", json=body, headers=accepted) as response,
    ):
        yield response


def parsed(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    """The events of a response: their names and data."""
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data:"):
            text = line.removeprefix("data:").strip()
            yield name, json.loads(text) if text else None


def first_event(server: Server, query: str, variables: dict[str, Any] | None, *, token: str | None) -> dict[str, Any]:
    """The first response of a subscription, of which an application is asked without a network."""
    return server.run(_first_event(server, query, variables, token))


async def _first_event(
    server: Server, query: str, variables: dict[str, Any] | None, token: str | None
) -> dict[str, Any]:
    headers = [(b"content-type", b"application/json"), (b"accept", b"text/event-stream"), (b"host", b"dialtree.test")]
    if token is not None:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    body = json.dumps({"query": query, "variables": variables}).encode()
    ended, sent = asyncio.Event(), bytearray()

    async def receive() -> dict[str, Any]:
        nonlocal body
        if body:
            message, body = {"type": "http.request", "body": body}, b""
            return message
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.extend(message.get("body", b""))
        if b"event: next" in sent:
            ended.set()

    await server.application(scope, receive, send)
    _, _, event = sent.decode().rpartition("event: next\ndata: ")
    response: dict[str, Any] = json.loads((event or sent.decode()).partition("\n\n")[0])
    return response
