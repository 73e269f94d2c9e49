"""HTTP as uvicorn speaks it, with the answers of one tick of the event loop written at its end.

uvicorn writes the head and the body of an answer one after the other, and uvloop sends each at once, in the middle of
the work for other requests. Sent together, and after that work, they cost fewer system calls and wake up the clients
less often.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HELD = 16
"""How many pieces are held at most; one who writes more is to feel it when the client does not take them."""


class HoldingProtocol(HttpToolsProtocol):
    """uvicorn's protocol, on a transport that holds what is written until the tick ends."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin with a connection."""
        super().connection_made(cast("asyncio.Transport", _Holding(transport, self.loop)))


class _Holding:
    """A transport that writes what it was given in a tick at once."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._call_soon = loop.call_soon
        self._held: list[bytes] = []
        # Asked with every request.
        self.is_closing = transport.is_closing
        self.resume_reading = transport.resume_reading

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write at the end of the tick."""
        if not self._held:
            self._call_soon(self._flush)
        self._held.append(data)
        if len(self._held) == _HELD:
            self._flush()

    def close(self) -> None:
        """Write what is held, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        held, self._held = self._held, []
        if held and not self._transport.is_closing():
            self._transport.write(b"".join(held))
