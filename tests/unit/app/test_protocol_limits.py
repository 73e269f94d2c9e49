"""What a connection may take: bytes and time for a request's head, and time to read a response."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from app import protocol
from tests.support.live_server import serving
from tests.support.waiting import PATIENCE

_REQUEST = b"GET /short HTTP/1.1\r\nhost: dialtree.test\r\n\r\n"


async def _short(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("short")


async def _reading(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def _endless(_request: Request) -> StreamingResponse:
    async def chunks() -> Any:
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0)

    return StreamingResponse(chunks())


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    routes = [
        Route("/short", _short, methods=["GET", "POST"]),
        Route("/reading", _reading, methods=["POST"]),
        Route("/endless", _endless),
    ]
    with serving(Starlette(routes=routes)) as url:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        yield parts.hostname, parts.port


@contextmanager
def _connected(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        yield connection


def _read_all(connection: socket.socket) -> bytes:
    received = b""
    try:
        while part := connection.recv(65_536):
            received += part
    except ConnectionResetError:
        pass
    return received


@pytest.mark.parametrize(
    "head",
    [
        b"GET /short?" + b"x" * protocol.MAX_HEAD_BYTES + b" HTTP/1.1\r\n\r\n",
        b"GET /short HTTP/1.1\r\nx: " + b"x" * protocol.MAX_HEAD_BYTES + b"\r\n\r\n",
        b"GET /short HTTP/1.1\r\n" + b"a: b\r\n" * (protocol.MAX_HEAD_BYTES // len(b"a: b\r\n")),
        b"GET /short?" + b"x" * protocol.MAX_HEAD_BYTES,
        b"GET /short HTTP/1.1\r\nx: " + b"x" * protocol.MAX_HEAD_BYTES,
    ],
    ids=["url", "header", "headers", "endless url", "endless header"],
)
def test_a_large_head_is_refused(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    # Not for its time.
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 2 * PATIENCE)
    with _connected(address) as connection:
        connection.sendall(head)
        assert _read_all(connection).startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")


@pytest.mark.parametrize("parts", [1, 2])
def test_a_large_head_behind_another_request_is_refused(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch, parts: int
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 2 * PATIENCE)
    sent = _REQUEST + b"GET /short HTTP/1.1\r\n" + b"a: b\r\n" * (protocol.MAX_HEAD_BYTES // 6 + 1) + b"\r\n"
    with _connected(address) as connection:
        connection.sendall(sent[:-2] if parts == 2 else sent)
        if parts == 2:
            time.sleep(0.2)
            with suppress(ConnectionResetError, BrokenPipeError):
                connection.sendall(sent[-2:])
        received = _read_all(connection)
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    # A refusal is not sent into, or instead of, the response before it.
    assert (b"HTTP/1.1 431 Request Header Fields Too Large\r\n" in received) == (parts == 2)


def test_an_endless_header_is_read_no_further_than_the_limit(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 2 * PATIENCE)
    with _connected(address) as connection:
        connection.sendall(b"GET /short HTTP/1.1\r\nx: ")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            connection.sendall(b"x" * 500_000_000)


@pytest.mark.parametrize(
    ("start", "part"),
    [
        (b"2\r\n{}\r\n0\r\n", b"a: " + b"b" * 1_000 + b"\r\n"),
        (b"2\r\n{}\r\n0\r\na: ", b"b" * 1_000),
        (b"2;", b"b" * 1_000),
    ],
    ids=["trailers", "endless trailer", "endless chunk extension"],
)
@pytest.mark.parametrize("path", ["short", "reading"])
def test_trailers_are_read_no_further_than_the_limit(
    address: tuple[str, int], path: str, start: bytes, part: bytes
) -> None:
    with _connected(address) as connection:
        connection.sendall(f"POST /{path} HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n".encode() + start)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            connection.sendall(part * 50_000)


def test_a_body_may_be_larger_than_a_head_and_followed_by_part_of_a_request(address: tuple[str, int]) -> None:
    size = protocol.MAX_HEAD_BYTES + 1
    with _connected(address) as connection:
        head = f"POST /reading HTTP/1.1\r\ncontent-length: {size}\r\n\r\n".encode()
        connection.sendall(head + b"x" * size + _REQUEST[:10])
        assert connection.recv(65_536).endswith(b"%d" % size)
        connection.sendall(_REQUEST[10:])
        assert connection.recv(65_536).endswith(b"short")


def test_a_head_of_the_largest_size_is_served(address: tuple[str, int]) -> None:
    size = protocol.MAX_HEAD_BYTES - len(b"/shorthost: dialtree.test\r\nconnection: close\r\nu: \r\n")
    with _connected(address) as connection:
        connection.sendall(_REQUEST[:-2] + b"connection: close\r\nu: " + b"x" * size + b"\r\n\r\n")
        assert _read_all(connection).endswith(b"\r\n\r\nshort")


@pytest.mark.parametrize(
    ("before", "incomplete"),
    [(b"", b""), (b"", b"GET /sh"), (_REQUEST, b"GET /short HTTP/1.1\r\nx: y\r\n"), (_REQUEST, b"\r\n")],
    ids=["nothing", "part of the first", "part of the second", "a blank line"],
)
def test_an_incomplete_head_is_refused_after_a_while(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch, before: bytes, incomplete: bytes
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    with _connected(address) as connection:
        if before:
            connection.sendall(before)
            assert connection.recv(65_536).endswith(b"short")
        connection.sendall(incomplete)
        assert _read_all(connection).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_a_client_that_reads_nothing_is_disconnected(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "READ_SECONDS", 0.2)
    with _connected(address) as connection:
        connection.sendall(_REQUEST.replace(b"short", b"endless"))
        with socket.create_connection(address, timeout=PATIENCE) as other:
            # The server has noticed by the time another connection has waited as long.
            monkeypatch.setattr(protocol, "HEAD_SECONDS", 1)
            _read_all(other)
        assert not _read_all(connection).endswith(b"0\r\n\r\n")


def test_too_many_connections_are_closed(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    with _connected(address) as kept:
        kept.sendall(_REQUEST)
        assert kept.recv(65_536).endswith(b"short")
        monkeypatch.setattr(protocol, "MAX_CONNECTIONS", 1)
        with _connected(address) as refused:
            assert _read_all(refused) == b""
        kept.sendall(_REQUEST)
        assert kept.recv(65_536).endswith(b"short")
