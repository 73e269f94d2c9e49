"""uvicorn's HTTP protocol with limits on what a connection may take, and with buffered writes.

uvicorn limits neither the size of a request's head nor the time for it, and waits for ever for a client that reads no
response. It skips the body of a request that asks for an upgrade, and takes it for the next request.

uvicorn writes the headers and the body of a response separately, and uvloop sends each write at once, in the middle of
the work for other requests. Sending them together at the end of the tick takes fewer system calls and wakes up the
clients less often.
"""

from __future__ import annotations

import asyncio
import resource
from http import HTTPStatus
from typing import Any, cast

import httptools
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.event_streams import stop_event

MAX_HEAD_BYTES = 64 * 1024
"""Of the URL and all headers; a query in the URL is part of it."""

HEADER_SEPARATORS = len(": \r\n")

HEAD_SECONDS = 10
"""Time limit for the head of a request: from the opening of the connection, or from its first byte."""

READ_SECONDS = 60
"""Time limit for a client to read what waits for it."""

MAX_CONNECTIONS = 4_096
"""Per process, and fewer where the operating system allows fewer open files."""

RESERVED_FILES = 128
"""Open files that are kept for databases, mail and the log."""

_MAX_BUFFERED_WRITES = 16
"""The buffer is flushed after this many writes, so that flow control still applies to large responses."""


class _HeadTooLargeError(Exception):
    """Stops the parser."""


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits, on a transport that buffers writes until the end of the tick."""

    _head_bytes = 0
    """At least the size of the head that is being read: all data that has arrived with parts of it."""
    _data_bytes = 0
    _unreported_bytes = 0
    """Of data since the last head or part of a body: of parts of a header, a trailer or a chunk extension."""

    _head_timer: asyncio.TimerHandle | None = None
    _read_timer: asyncio.TimerHandle | None = None
    _reads_head = True
    _is_upgraded = False
    _running_cycle: RequestResponseCycle | None = None
    """The request that is being answered. uvicorn's `cycle` is the last one, which may wait in the pipeline."""
    _is_refused = False
    """Whether data is ignored, because a request was refused while another one is being answered."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wrap the transport of a new connection, or refuse it if there are too many."""
        super().connection_made(cast("asyncio.Transport", _BufferedTransport(transport, self.loop)))
        if len(self.connections) > max_connections():
            transport.abort()
        else:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_timed_out)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers, and tell the request that is being answered."""
        self._stop_head_timer()
        if self._read_timer is not None:
            self._read_timer.cancel()
        super().connection_lost(exc)
        running = self._running_cycle
        if running is not None and not running.response_complete:
            running.disconnected = True
            running.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Parse the data; start the timer if no complete head has arrived, such as after a blank line."""
        if self._is_refused:
            return
        read_head = self._reads_head
        self._data_bytes = len(data)
        self._head_bytes = self._data_bytes + (self._head_bytes if read_head else 0)
        self._unreported_bytes += self._data_bytes
        self._unset_keepalive_if_required()
        try:
            self._parse(data)
        except httptools.HttpParserError:
            message = "Invalid HTTP request received."
            self.logger.warning(message)
            self.send_400_response(message)
        if self._is_upgraded:
            return
        if self._unreported_bytes > MAX_HEAD_BYTES:
            # The parser keeps a header or trailer that is incomplete, and says nothing of it.
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        waits = self._reads_head or not self._is_responding()
        if waits and self._head_timer is None and not self.transport.is_closing():
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_timed_out)

    def on_message_begin(self) -> None:
        """Begin the head of a request."""
        super().on_message_begin()
        self._reads_head = True

    def on_headers_complete(self) -> None:
        """End the head of a request."""
        if self._head_bytes > MAX_HEAD_BYTES and self._is_head_too_large():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            raise _HeadTooLargeError
        self._reads_head = False
        self._unreported_bytes = 0
        # The head of the next request may be in the same data.
        self._head_bytes = self._data_bytes
        self._stop_head_timer()
        super().on_headers_complete()
        # Trailers are no headers of the request: they are dropped.
        self.headers = []

    def on_body(self, body: bytes) -> None:
        """Read a part of a body."""
        self._unreported_bytes = 0
        super().on_body(body)

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; a WebSocket has its own timers."""
        self._is_upgraded = True
        self._stop_head_timer()
        super().handle_websocket_upgrade()

    def _parse(self, data: bytes | memoryview) -> None:
        """Parse the data. A server may ignore an upgrade (RFC 9110), so only one to a WebSocket is made."""
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                if self._opens_websocket():
                    self.handle_websocket_upgrade()
                    return
                data = memoryview(data)[upgrade.args[0] :]
                self._parse_head_without_upgrade()
            else:
                return

    def _opens_websocket(self) -> bool:
        headers = dict(self.scope["headers"])
        is_asked_for = self.scope["method"] == "GET" and headers.get(b"upgrade", b"").lower() == b"websocket"
        # A response that is still being sent would end up in the WebSocket.
        return is_asked_for and not self._is_responding()

    def _should_upgrade(self) -> bool:
        """Begin no response to any request with an upgrade; what it becomes is decided after its head."""
        return True

    def _parse_head_without_upgrade(self) -> None:
        """Parse the head again: the parser takes what follows an upgrade for another protocol, not for a body."""
        method, version = self.scope["method"], self.scope["http_version"]
        if method == "CONNECT":
            raise httptools.HttpParserError("CONNECT is for proxies.")
        head = [method.encode(), b" ", self.url, b" HTTP/", version.encode(), b"\r\n"]
        for name, value in self.scope["headers"]:
            if name != b"upgrade":
                head += [name, b": ", value, b"\r\n"]
        self.parser = httptools.HttpRequestParser(self)
        # As uvicorn does, to answer a request although another one follows its `Connection: close`.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(b"".join([*head, b"\r\n"]))

    def shutdown(self) -> None:
        """Close an idle connection, and end streams of events, even those that have not begun."""
        super().shutdown()
        for cycle in (self._running_cycle, *(waiting for waiting, _ in self.pipeline)):
            if cycle is not None:
                stop_event(cast("Scope", cycle.scope)).set()

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that could not be parsed, unless it was refused while it was."""
        if self._may_refuse():
            super().send_400_response(msg)

    def pause_writing(self) -> None:
        """Wait for the client to read, for a while."""
        super().pause_writing()
        self._read_timer = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on writing."""
        if self._read_timer is not None:
            self._read_timer.cancel()
        super().resume_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running_cycle = cycle
        super()._start_asgi_task(cycle, app)

    def _is_responding(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _is_head_too_large(self) -> bool:
        headers = sum(len(name) + len(value) + HEADER_SEPARATORS for name, value in self.headers)
        return len(self.url) + headers > MAX_HEAD_BYTES

    def _head_timed_out(self) -> None:
        self._head_timer = None
        if self._is_responding():
            # What is missing may have arrived: nothing is read while requests wait.
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_timed_out)
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _may_refuse(self) -> bool:
        """Whether a refusal can be sent now; otherwise the connection is closed after the response to come."""
        if self._is_refused or self.transport.is_closing():
            return False
        running = self._running_cycle
        if running is None or running.response_complete or (running.more_body and not running.response_started):
            return True
        # It would be taken for that response, or for a part of it.
        if self.pipeline and self.cycle.more_body:
            self.pipeline.popleft()
        last = self.pipeline[0][0] if self.pipeline else running
        last.keep_alive = False
        self._is_refused = True
        self._stop_head_timer()
        return False

    def _refuse(self, status: HTTPStatus) -> None:
        if self._may_refuse():
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode())
            self.transport.close()


def max_connections() -> int:
    """How many connections a process accepts."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(MAX_CONNECTIONS, max(files - RESERVED_FILES, files // 2))


class _BufferedTransport:
    """A transport that joins the writes of one tick into one."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._call_soon = loop.call_soon
        self._buffer: list[bytes] = []
        # Called for every request, so worth more than a lookup through __getattr__.
        self.is_closing = transport.is_closing
        self.resume_reading = transport.resume_reading

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Buffer the data until the end of the tick."""
        if not self._buffer:
            self._call_soon(self._flush)
        self._buffer.append(data)
        if len(self._buffer) == _MAX_BUFFERED_WRITES:
            self._flush()

    def close(self) -> None:
        """Flush the buffer and close the transport."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        buffer, self._buffer = self._buffer, []
        if buffer and not self._transport.is_closing():
            self._transport.write(b"".join(buffer))
