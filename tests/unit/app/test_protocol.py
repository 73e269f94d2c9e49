"""The writes of the HTTP protocol to its transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from uvicorn.server import ServerState

from app import protocol
from app.event_streams import Events, send_events
from app.protocol import MAX_HEAD_BYTES, LimitedProtocol
from tests.support.waiting import PATIENCE


class Wire(asyncio.Transport):
    """A transport that records each write."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.sent.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


async def answer(scope: Any, receive: Any, send: Any) -> None:
    request = Request(scope, receive)
    response: Response = PlainTextResponse(f"told {request.url.path}")
    if request.url.path == "/echo":
        response = PlainTextResponse(b"%a " % request.headers.get("x-key") + await request.body())
    if request.url.path == "/stream":
        response = StreamingResponse(pieces())
    if request.url.path == "/subscription":
        await request.body()
        await send_events(scope, receive, send, no_events())
        scope["state"]["ended"].set()
        return
    await response(scope, receive, send)


async def pieces() -> AsyncIterator[bytes]:
    for piece in (b"one", b"two", b"three"):
        yield piece
        await asyncio.sleep(0.001)


async def no_events() -> Events:
    await asyncio.Event().wait()
    yield {}


def connected(wire: Wire, ended: asyncio.Event | None = None) -> LimitedProtocol:
    """Return the protocol of a connection; the event tells that a subscription has ended."""
    config = uvicorn.Config(answer, http=LimitedProtocol, lifespan="off", log_config=None)
    config.load()
    protocol = LimitedProtocol(config, ServerState(), {"ended": ended or asyncio.Event()})
    protocol.connection_made(wire)
    return protocol


def request(path: str, method: str = "GET", *headers: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: dialtree.test", *headers, "", ""]).encode()


async def asked(*data: bytes) -> Wire:
    """Return the transport after these requests arrived together and were answered."""
    wire = Wire()
    protocol = connected(wire)
    protocol.data_received(b"".join(data))
    await asyncio.sleep(0.05)
    return wire


async def test_a_response_is_one_write() -> None:
    wire = await asked(request("/one"))
    [sent] = wire.sent
    assert sent.startswith(b"HTTP/1.1 200 OK\r\n")
    assert sent.endswith(b"\r\n\r\ntold /one")
    assert not wire.closed


async def test_responses_to_pipelined_requests_keep_their_order() -> None:
    wire = await asked(request("/one"), request("/two"), request("/three"))
    assert [sent.rpartition(b"/")[2] for sent in wire.sent] == [b"one", b"two", b"three"]
    assert all(sent.startswith(b"HTTP/1.1 200 OK") for sent in wire.sent)


async def test_a_response_without_a_body_is_sent() -> None:
    wire = await asked(request("/one", "HEAD"))
    [sent] = wire.sent
    assert sent.startswith(b"HTTP/1.1 200 OK\r\n")
    assert sent.endswith(b"\r\n\r\n")


async def test_a_streamed_response_is_sent_chunk_by_chunk() -> None:
    wire = await asked(request("/stream"))
    assert len(wire.sent) >= 3
    assert wire.sent[0].endswith(b"3\r\none\r\n")
    assert b"".join(wire.sent).endswith(b"3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n")


async def test_closing_the_connection_flushes_the_buffer() -> None:
    wire = await asked(request("/one", "GET", "connection: close"))
    assert wire.sent[-1].endswith(b"told /one")
    assert wire.closed


async def test_a_single_write_is_sent_in_the_next_tick() -> None:
    wire = Wire()
    connected(wire).transport.write(b"alone")
    assert wire.sent == []
    await asyncio.sleep(0)
    assert wire.sent == [b"alone"]


async def test_the_buffer_is_flushed_after_many_writes() -> None:
    wire = Wire()
    protocol = connected(wire)
    for _ in range(40):
        protocol.transport.write(b"+")
    assert wire.sent == [b"+" * 16, b"+" * 16]
    await asyncio.sleep(0)
    assert wire.sent == [b"+" * 16, b"+" * 16, b"+" * 8]


async def test_nothing_is_written_to_a_lost_connection() -> None:
    wire = Wire()
    connected(wire).transport.write(b"late")
    wire.closed = True
    await asyncio.sleep(0)
    assert wire.sent == []


async def test_a_malformed_request_is_answered_with_400_and_the_connection_closed() -> None:
    wire = await asked(b"nonsense\r\n\r\n")
    assert b"".join(wire.sent).startswith(b"HTTP/1.1 400 Bad Request")
    assert wire.closed


@pytest.mark.parametrize("upgrade", ["foo", "h2c", "TLS/1.2, HTTP/2.0", "websocket"])
@pytest.mark.parametrize("parts", [1, 3])
async def test_the_body_of_a_request_that_asks_for_an_upgrade_is_no_request(upgrade: str, parts: int) -> None:
    body = request("/smuggled")
    head = request("/echo", "POST", "Connection: upgrade", f"Upgrade: {upgrade}", f"Content-Length: {len(body)}")
    wire = Wire()
    protocol = connected(wire)
    sent = head + body + request("/one")
    for part in [sent[:20], sent[20 : len(head)], sent[len(head) :]] if parts == 3 else [sent]:
        protocol.data_received(part)
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    first, second = wire.sent
    assert first.endswith(b"None " + body)
    assert second.endswith(b"told /one")


async def test_a_chunked_body_behind_an_upgrade_is_read() -> None:
    head = request("/echo", "POST", "connection: Upgrade", "upgrade: h2c", "transfer-encoding: chunked")
    wire = await asked(request("/one"), head, b"3\r\nabc\r\n0\r\n\r\n", request("/two"))
    assert [sent.rpartition(b"\r\n")[2] for sent in wire.sent] == [b"told /one", b"None abc", b"told /two"]


async def test_many_pipelined_requests_may_ask_for_an_upgrade() -> None:
    wire = await asked(*[request("/one", "GET", "connection: upgrade", "upgrade: h2c")] * 2_000, request("/two"))
    async with asyncio.timeout(PATIENCE):
        while b"told /two" not in wire.sent[-1]:  # noqa: ASYNC110 - a transport sets no event
            await asyncio.sleep(0.01)
    assert b"".join(wire.sent).count(b"told /one") == 2_000


async def test_a_websocket_behind_an_unanswered_request_is_not_opened() -> None:
    wire = await asked(request("/stream"), request("/two", "GET", "connection: upgrade", "upgrade: websocket"))
    sent = b"".join(wire.sent)
    assert sent.index(b"three") < sent.index(b"told /two")


async def test_a_tunnel_is_refused() -> None:
    wire = await asked(request("dialtree.test:80", "CONNECT", "content-length: 60"), request("/one"))
    [sent] = wire.sent
    assert sent.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert wire.closed


@pytest.mark.parametrize("parts", [1, 2])
async def test_trailers_are_no_headers(parts: int) -> None:
    head = request("/echo", "POST", "transfer-encoding: chunked")
    sent = [head, b"3\r\nabc\r\n0\r\nx-key: secret\r\n\r\n", request("/one")]
    wire = Wire()
    protocol = connected(wire)
    for part in sent if parts == 2 else [b"".join(sent)]:
        protocol.data_received(part)
    await asyncio.sleep(0.05)
    assert [sent.rpartition(b"\r\n")[2] for sent in wire.sent] == [b"None abc", b"told /one"]


@pytest.mark.parametrize("end", ["disconnect", "shutdown"])
async def test_a_subscription_ends_although_another_request_waits_behind_it(end: str) -> None:
    wire, ended = Wire(), asyncio.Event()
    protocol = connected(wire, ended)
    protocol.data_received(request("/subscription") + request("/one"))
    await asyncio.sleep(0.01)
    assert not ended.is_set()
    if end == "disconnect":
        wire.closed = True
        protocol.connection_lost(None)
    else:
        protocol.shutdown()
    await asyncio.wait_for(ended.wait(), 1)
    if end == "shutdown":
        await asyncio.sleep(0.01)
        assert wire.sent[-1].endswith(b"told /one")
        assert wire.closed


@pytest.mark.parametrize("before", [b"", request("/subscription")], ids=["alone", "pipelined"])
async def test_a_subscription_whose_body_arrives_after_the_stop_ends_at_once(before: bytes) -> None:
    wire, ended = Wire(), asyncio.Event()
    protocol = connected(wire, ended)
    protocol.data_received(before + request("/subscription", "POST", "content-length: 1"))
    await asyncio.sleep(0.01)
    protocol.shutdown()
    protocol.data_received(b"x")
    await asyncio.wait_for(ended.wait(), 1)
    await asyncio.sleep(0.01)
    assert b"".join(wire.sent).count(b"\r\n0\r\n\r\n") == (2 if before else 1)
    assert wire.closed


async def test_a_subscription_by_head_ends_at_once() -> None:
    wire = await asked(request("/subscription", "HEAD"), request("/one"))
    head, second = b"".join(wire.sent).split(b"\r\n\r\n", 1)
    assert b"content-type: text/event-stream" in head
    assert second.endswith(b"told /one")


@pytest.mark.parametrize(
    "behind",
    [
        b"nonsense\r\n\r\n",
        request("/one", "GET", "x: " + "y" * MAX_HEAD_BYTES),
        b"GET /one?" + b"x" * MAX_HEAD_BYTES,
        request("/echo", "POST", "transfer-encoding: chunked") + b"nonsense\r\n",
    ],
    ids=["nonsense", "large head", "incomplete large head", "nonsense in a body"],
)
@pytest.mark.parametrize("path", ["/one", "/stream"])
async def test_a_refused_request_leaves_the_responses_before_it_alone(path: str, behind: bytes) -> None:
    allowed = await asked(request(path), request("/two", "GET", "connection: close"))
    wire = Wire()
    protocol = connected(wire)
    protocol.data_received(request(path) + request("/two"))
    protocol.data_received(behind)
    protocol.data_received(request("/three"))
    await asyncio.sleep(0.05)
    assert b"".join(wire.sent) == b"".join(allowed.sent)
    assert wire.closed


async def test_the_time_for_a_head_ends_after_the_response_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.001)
    wire = await asked(request("/stream"), b"GET /one HTT")
    stream, refusal = b"".join(wire.sent).split(b"0\r\n\r\n", 1)
    assert stream.endswith(b"5\r\nthree\r\n")
    assert refusal.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
