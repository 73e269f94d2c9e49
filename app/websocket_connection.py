"""One WebSocket connection and its operations, by the protocol graphql-transport-ws."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack, suppress
from typing import Any

import orjson
from starlette.types import Message as ASGIMessage
from starlette.types import Receive, Send

from app.json_size import MAX_VALUES, has_too_many_values
from app.pace import Pace
from app.request_limit import time_limit
from app.requests import Disconnected, Headers
from app.websocket_messages import CloseCode, Closed, Message, authenticated_by, read_message
from app.websocket_operations import ConnectionServices, Operations
from domain.errors import NotFound, RateLimitExceeded, RequestFailed
from resolvers.core.context import Context
from schema.core.errors import SERVER_ERROR

INIT_SECONDS = 5
"""How long a client may take to send `connection_init`."""

MESSAGES_PER_SECOND = 50
MESSAGES_AT_ONCE = 250
"""How many messages a client may send on average, and how many in a burst."""

logger = logging.getLogger("dialtree")


class Connection:
    """One connection and its operations."""

    def __init__(
        self, services: ConnectionServices, headers: Headers, receive: Receive, send: Send, *, client: str | None
    ) -> None:
        self._services = services
        self._headers = headers
        self._receive = receive
        self._raw_send = send
        self._client = client
        self._is_open = True
        self._has_begun = False
        self._is_acknowledged = False
        self._operations = Operations(
            services, client=client, load_context=self._context, send=self._send, close=self._close
        )
        self._stack = ExitStack()

    async def serve(self) -> None:
        """Answer messages until the connection is closed, by either side."""
        try:
            await self._serve()
        except Disconnected:
            pass
        except Closed as closed:
            await self._close(closed)
        except RequestFailed as error:
            await self._close(Closed(CloseCode.TRY_AGAIN, str(error)))
        except Exception:
            logger.exception("a WebSocket connection failed")
            await self._close(Closed(CloseCode.INTERNAL_ERROR, SERVER_ERROR))
        finally:
            self._is_open = False
            await self._operations.end_all()
            self._stack.close()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        pace = Pace(per_second=MESSAGES_PER_SECOND, at_once=MESSAGES_AT_ONCE, now=loop.time())
        end = loop.time() + INIT_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(None if self._is_acknowledged else end):
                    received = await self._receive()
            except TimeoutError:
                raise Closed(CloseCode.INIT_TIMEOUT, "Connection initialisation timeout") from None
            if received["type"] == "websocket.disconnect":
                return
            if not pace.is_kept_by(1, now=loop.time()):
                raise Closed(CloseCode.TOO_MANY, f"Send at most {MESSAGES_PER_SECOND} messages per second.")
            await self._handle(await self._read(received))

    async def _read(self, received: ASGIMessage) -> Message:
        text = received.get("text")
        if text is not None and len(text) > MAX_VALUES and await has_too_many_values(text.encode()):
            raise Closed(CloseCode.BAD_MESSAGE, f"The message has more than {MAX_VALUES} JSON values.")
        return read_message(text)

    async def _handle(self, message: Message) -> None:
        if message.type == "connection_init":
            await self._begin(message)
        elif message.type == "ping":
            pong: dict[str, Any] = {"type": "pong"}
            await self._send(pong if message.payload is None else {**pong, "payload": message.payload})
        elif message.type == "subscribe":
            if not self._is_acknowledged:
                raise Closed(CloseCode.UNAUTHORIZED, "Unauthorized")
            await self._operations.begin(message)
        elif message.type == "complete":
            self._operations.end(message.id or "")

    async def _begin(self, message: Message) -> None:
        """Acknowledge the connection of a caller with a valid token."""
        if self._has_begun:
            raise Closed(CloseCode.TOO_MANY, "Too many initialisation requests")
        self._has_begun = True
        self._headers = authenticated_by(self._headers, message.payload)
        async with time_limit(self._services.request_seconds):
            context = await self._context()
        try:
            self._stack.enter_context(self._services.subscribers.admit_connection(context.caller))
        except RateLimitExceeded as error:
            raise Closed(CloseCode.TOO_MANY, str(error)) from None
        await self._send({"type": "connection_ack"})
        self._is_acknowledged = True

    async def _context(self) -> Context:
        """Authenticate the caller, who may have changed since. Raises Closed."""
        try:
            context = await self._services.load_context(self._headers, client_address=self._client)
        except NotFound as error:
            raise Closed(CloseCode.FORBIDDEN, error.message) from None
        if context.caller is None:
            raise Closed(CloseCode.FORBIDDEN, "Forbidden: send a valid token as `Authorization` in `connection_init`.")
        return context

    async def _send(self, message: dict[str, Any]) -> None:
        if not self._is_open:
            raise Disconnected
        try:
            await self._raw_send({"type": "websocket.send", "text": orjson.dumps(message).decode()})
        except OSError:
            # The client has left.
            self._is_open = False
            raise Disconnected from None

    async def _close(self, closed: Closed) -> None:
        if self._is_open:
            self._is_open = False
            # The client may have left at the same moment.
            with suppress(Exception):
                await self._raw_send({"type": "websocket.close", "code": int(closed.code), "reason": closed.reason})
