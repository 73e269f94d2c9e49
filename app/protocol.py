"""uvicorn's HTTP protocol with writes buffered until the end of the event-loop tick.

uvicorn writes the headers and the body of a response separately, and uvloop sends each write at once, in the middle of
the work for other requests. Sending them together at the end of the tick takes fewer system calls and wakes up the
clients less often.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MAX_BUFFERED_WRITES = 16
"""The buffer is flushed after this many writes, so that flow control still applies to large responses."""


class WriteBufferingProtocol(HttpToolsProtocol):
    """uvicorn's protocol on a transport that buffers writes until the end of the tick."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wrap the transport of a new connection."""
        super().connection_made(cast("asyncio.Transport", _BufferedTransport(transport, self.loop)))


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
