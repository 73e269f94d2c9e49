"""What a WebSocket connection may take: frames, handshakes, and time of the event loop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from app.protocol import LimitedProtocol
from app.websocket_protocol import FRAMES_AT_ONCE, MAX_MESSAGE_BYTES, PARSED_AT_ONCE, LimitedWebSocketProtocol
from tests.unit.app.test_protocol import Wire

MASK = b"\x00\x00\x00\x00"
"""Leaves the data as it is."""

HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: dialtree.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
FLOODS = {
    "texts": b"\x81\x80" + MASK,
    "pings": b"\x89\x80" + MASK,
    "pongs": b"\x8a\x80" + MASK,
    "parts of a message": b"\x00\x80" + MASK,
}


class Application:
    """Accepts a WebSocket, and keeps the messages that it receives."""

    def __init__(self) -> None:
        self.received: list[Any] = []

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            self.received.append(message["text"])


class Pausable(Wire):
    """A transport that knows whether it is read from."""

    reads = True

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True


async def connected(application: Application) -> tuple[LimitedWebSocketProtocol, Pausable]:
    config = uvicorn.Config(
        application,
        http=LimitedProtocol,
        lifespan="off",
        log_config=None,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
    )
    config.load()
    protocol, wire = LimitedWebSocketProtocol(config, ServerState(), {}), Pausable()
    protocol.connection_made(wire)
    protocol.data_received(HANDSHAKE + b"\r\n")
    await asyncio.sleep(0.01)
    wire.sent.clear()
    return protocol, wire


async def until_idle() -> None:
    for _ in range(2 * MAX_MESSAGE_BYTES // PARSED_AT_ONCE):
        await asyncio.sleep(0)


@pytest.mark.parametrize("kind", FLOODS)
async def test_a_flood_of_frames_is_parsed_in_turns_and_ended(kind: str) -> None:
    frame = FLOODS[kind]
    protocol, wire = await connected(Application())
    protocol.data_received(b"\x01\x80" + MASK + frame if kind == "parts of a message" else frame)
    await until_idle()
    wire.sent.clear()
    protocol.data_received(frame * 40_000)
    at_once = PARSED_AT_ONCE // len(frame)
    assert (wire.reads, wire.closed) == (False, False)
    assert b"".join(wire.sent).count(b"\x8a\x00") == (at_once if kind == "pings" else 0)
    await until_idle()
    protocol.connection_lost(None)
    assert wire.closed
    assert wire.sent[-1].endswith(b"Send at most 200 frames per second.")
    assert b"".join(wire.sent).count(b"\x8a\x00") <= FRAMES_AT_ONCE + at_once


async def test_a_large_message_arrives_whole_and_reading_goes_on() -> None:
    application = Application()
    protocol, wire = await connected(application)
    text = b"x" * (MAX_MESSAGE_BYTES - 1)
    protocol.data_received(b"\x81\xff" + len(text).to_bytes(8, "big") + MASK + text + b"\x81\x82" + MASK + b"hi")
    paused = not wire.reads
    await until_idle()
    assert application.received == [text.decode(), "hi"]
    assert (paused, wire.reads) == (True, True)
    protocol.connection_lost(None)


async def test_a_message_that_is_not_utf8_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    application = Application()
    protocol, wire = await connected(application)
    protocol.data_received(b"\x81\x81" + MASK + b"\xff")
    await until_idle()
    protocol.connection_lost(None)
    assert (wire.sent[-1], wire.closed) == (b"\x88\x15\x03\xefMessages are UTF-8.", True)
    assert (application.received, caplog.records) == ([], [])


@pytest.mark.parametrize(
    ("more", "status"),
    [
        (b"content-length: 10\r\n", 400),
        (b"transfer-encoding: chunked\r\n", 400),
        (b"".join(b"x%d: y\r\n" % number for number in range(130)), 431),
        (b"x: " + b"y" * 9_000 + b"\r\n", 431),
    ],
    ids=["a body", "chunks", "headers", "a long header"],
)
async def test_a_handshake_that_cannot_be_read_is_answered(more: bytes, status: int) -> None:
    config = uvicorn.Config(Application(), http=LimitedProtocol, lifespan="off", log_config=None)
    config.load()
    protocol, wire = LimitedWebSocketProtocol(config, ServerState(), {}), Pausable()
    protocol.connection_made(wire)
    protocol.data_received(HANDSHAKE + more + b"\r\n")
    await until_idle()
    assert b"".join(wire.sent).startswith(b"HTTP/1.1 %d " % status)
    assert wire.closed
    protocol.connection_lost(None)
