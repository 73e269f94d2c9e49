"""The operations of a WebSocket connection: which of them a message of the client or of the server is about."""

from __future__ import annotations

import asyncio
import json
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

from app.operations import Ran
from app.requests import Headers
from app.websocket_connection import Connection
from app.websocket_operations import MAX_AT_ONCE, ConnectionServices

ID = "1"


class Changes:
    """Runs changes, by name: each begins at once, and is made when the test says so."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.made: list[str] = []
        self.go_on = {"first": asyncio.Event(), "second": asyncio.Event()}

    async def run(self, request: Any, context: Any, _allowance: object, **_: object) -> Ran:
        context.mutates = True
        self.begun.append(request.query)
        await self.go_on[request.query].wait()
        self.made.append(request.query)
        return Ran({"data": {"made": request.query}})


async def until_idle() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


async def context(*_: object, **__: object) -> Any:
    return SimpleNamespace(caller="a caller", mutates=False)


def connected(runner: object, received: asyncio.Queue[dict[str, Any]], send: Any) -> Connection:
    subscribers = SimpleNamespace(admit_connection=lambda _: nullcontext())
    services = ConnectionServices(context, cast("Any", runner), cast("Any", subscribers), lambda *_, **__: None, 30)
    return Connection(services, Headers(), cast("Any", received.get), send, client=None)


async def test_changes_go_on_without_their_client_who_uses_the_id_again() -> None:
    changes, received, sent = Changes(), asyncio.Queue[dict[str, Any]](), list[dict[str, Any]]()

    async def send(message: Any) -> None:
        sent.append(json.loads(message["text"]))

    async def say(**message: Any) -> None:
        received.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})
        await until_idle()

    serving = asyncio.create_task(connected(changes, received, send).serve())
    await say(type="connection_init")
    for name in changes.go_on:
        await say(type="subscribe", id=ID, payload={"query": name})
        if name == "first":
            await say(type="complete", id=ID)
    assert changes.begun == ["first", "second"]
    changes.go_on["first"].set()
    await until_idle()
    assert sent == [{"type": "connection_ack"}]
    await say(type="complete", id=ID)
    received.put_nowait({"type": "websocket.disconnect"})
    await until_idle()
    assert not serving.done()
    changes.go_on["second"].set()
    await serving
    assert changes.made == ["first", "second"]
    assert sent == [{"type": "connection_ack"}]


async def test_a_client_that_reads_nothing_gets_few_answers_ready() -> None:
    received, reads, begun = asyncio.Queue[dict[str, Any]](), asyncio.Event(), list[str]()

    async def run(request: Any, *_: object, **__: object) -> Ran:
        begun.append(request.query)
        return Ran({"data": {}})

    async def send(message: Any) -> None:
        if "connection_ack" not in message["text"]:
            await reads.wait()

    serving = asyncio.create_task(connected(SimpleNamespace(run=run), received, send).serve())
    messages: list[dict[str, Any]] = [{"type": "connection_init"}]
    messages += [{"type": "subscribe", "id": str(n), "payload": {"query": str(n)}} for n in range(2 * MAX_AT_ONCE)]
    for message in messages:
        received.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})
    await until_idle()
    assert begun == [str(n) for n in range(MAX_AT_ONCE)]
    reads.set()
    await until_idle()
    assert begun == [str(n) for n in range(2 * MAX_AT_ONCE)]
    received.put_nowait({"type": "websocket.disconnect"})
    await serving
