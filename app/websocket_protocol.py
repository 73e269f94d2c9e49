"""uvicorn's WebSocket protocol with limits on what a connection may take.

uvicorn parses all that a client has sent at once, however many frames that is, answers every ping, waits for ever for a
client that reads nothing, and leaves a connection open whose handshake it could not parse.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app import protocol
from app.pace import Pace
from app.websocket_messages import CloseCode

MAX_MESSAGE_BYTES = 1024 * 1024
"""Of a WebSocket message, which has an operation and its variables."""

PING_SECONDS = 20
"""How often a WebSocket is checked, and how long its client may take to answer."""

PARSED_AT_ONCE = 4096
"""How many bytes are parsed before other connections have their turn: up to 682 of the smallest frames, or 10 ms."""

CLOSE_SECONDS = 2.0
"""How long a client may take to answer the end of a connection."""

FRAMES_PER_SECOND = 200
FRAMES_AT_ONCE = 1_000
"""How many frames a client may send on average, and how many in a burst. Pings and parts of messages are frames."""

_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class LimitedWebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol with limits, and with the close code of a server that stops."""

    _read_timer: asyncio.TimerHandle | None = None
    _will_parse = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.close_timeout = CLOSE_SECONDS
        self._unparsed = bytearray()
        self._pace = Pace(per_second=FRAMES_PER_SECOND, at_once=FRAMES_AT_ONCE, now=self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_read_timer()
        self._unparsed.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the data, a little at a time."""
        self._unparsed += data
        if not self._will_parse:
            self._parse()

    def handle_events(self) -> None:
        """Handle the frames that were parsed, unless there are too many."""
        if self._pace.is_kept_by(len(self.conn.events), now=self.loop.time()):
            super().handle_events()
            return
        self._fail(CloseCode.TOO_MANY, f"Send at most {FRAMES_PER_SECOND} frames per second.")

    def send_receive_event_to_app(self) -> None:
        """Hand over a message, unless it is not UTF-8; uvicorn would log that as a fault of ours."""
        try:
            if self.curr_msg_data_type == "text":
                b"".join(self.frames).decode()
        except UnicodeDecodeError:
            self.frames = []
            self._fail(CloseCode.INVALID_DATA, "Messages are UTF-8.")
        else:
            super().send_receive_event_to_app()

    async def receive(self) -> Any:
        """Return the next message; after the last one that was parsed, go on parsing."""
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            if not self._will_parse:
                self._parse()
        return message

    def pause_writing(self) -> None:
        """Wait for the client to read, for a while."""
        super().pause_writing()
        self._read_timer = self.loop.call_later(protocol.READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on writing."""
        self._stop_read_timer()
        super().resume_writing()

    def shutdown(self) -> None:
        """Tell the client to connect elsewhere, or again later."""
        if not self.handshake_complete or self.close_sent:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": CloseCode.GOING_AWAY})
        self.conn.send_close(CloseCode.GOING_AWAY, "The server stops.")
        self._write_and_close()

    def _parse(self) -> None:
        """Parse some of what has arrived, and read on once all of it is parsed and its messages are handled."""
        self._will_parse = False
        if self.read_paused or self.transport.is_closing():
            return
        part = bytes(self._unparsed[:PARSED_AT_ONCE])
        del self._unparsed[:PARSED_AT_ONCE]
        super().data_received(part)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self._refuse_handshake()
        elif self._unparsed:
            self.transport.pause_reading()
            if not self.read_paused:
                self._will_parse = True
                self.loop.call_soon(self._parse)
        elif not self.read_paused:
            self.transport.resume_reading()

    def _refuse_handshake(self) -> None:
        """Answer a request that has too many or too long headers, or a body."""
        self.handshake_complete = self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()) or _BAD_REQUEST)
        self.transport.close()

    def _fail(self, code: CloseCode, reason: str) -> None:
        self.conn.fail(code, reason)
        self.close_sent = True
        self._write_and_close()

    def _write_and_close(self) -> None:
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def _stop_read_timer(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None
