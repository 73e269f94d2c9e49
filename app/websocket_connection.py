"""One WebSocket connection and its operations, by the protocol graphql-transport-ws."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple

import orjson
from starlette.types import Message as ASGIMessage
from starlette.types import Receive, Send

from app.json_size import MAX_VALUES, has_too_many_values
from app.operations import EVERY_TYPE, OperationRunner, Responses, StreamFailed, error_response, timeout_response
from app.pace import Pace
from app.rate_limits import Allowance
from app.requests import Disconnected, GraphQLRequest, Headers
from app.subscribers import Subscribers
from app.websocket_messages import CloseCode, Closed, Message, authenticated_by, operation_in, read_message
from domain.errors import LimitExceeded, NotFound, RateLimitExceeded, RequestFailed, Unauthenticated
from resolvers.core.context import Context
from schema.core.errors import INTERNAL_SERVER_ERROR, SERVER_ERROR

INIT_SECONDS = 5
"""How long a client may take to send `connection_init`."""

MAX_OPERATIONS = 100
"""How many operations run on one connection."""

MESSAGES_PER_SECOND = 50
MESSAGES_AT_ONCE = 250
"""How many messages a client may send on average, and how many in a burst."""

logger = logging.getLogger("dialtree")

LoadContext = Callable[..., Awaitable[Context]]
"""`GraphQLEndpoint.context`."""

AllowanceOf = Callable[..., Allowance | None]
"""`GraphQLEndpoint.allowance`."""


class ConnectionServices(NamedTuple):
    """What all connections share."""

    load_context: LoadContext
    operations: OperationRunner
    subscribers: Subscribers
    allowance_of: AllowanceOf
    request_seconds: float


class _Operation:
    """An operation that a client has begun. Its id may be used again once the client has ended it."""

    def __init__(self, id_: str, request: GraphQLRequest) -> None:
        self.id = id_
        self.request = request
        self.context: Context | None = None
        self.task: asyncio.Task[None] | None = None


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
        self._operations: dict[str, _Operation] = {}
        self._tasks: set[asyncio.Task[None]] = set()

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
            await self._end_operations()

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
            await self._subscribe(message)
        elif message.type == "complete":
            self._end(message.id or "")

    async def _begin(self, message: Message) -> None:
        """Acknowledge the connection of a caller with a valid token."""
        if self._has_begun:
            raise Closed(CloseCode.TOO_MANY, "Too many initialisation requests")
        self._has_begun = True
        self._headers = authenticated_by(self._headers, message.payload)
        await self._context()
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

    async def _subscribe(self, message: Message) -> None:
        if not self._is_acknowledged:
            raise Closed(CloseCode.UNAUTHORIZED, "Unauthorized")
        id_, request = message.id or "", operation_in(message)
        if id_ in self._operations:
            raise Closed(CloseCode.ID_IN_USE, f"Subscriber for {id_} already exists")
        operation = _Operation(id_, request)
        self._operations[id_] = operation
        if sum(not task.cancelling() for task in self._tasks) >= MAX_OPERATIONS:
            reason = f"At most {MAX_OPERATIONS} operations run on a connection."
            await self._fail(operation, error_response(reason, LimitExceeded.code.value))
            return
        operation.task = asyncio.create_task(self._run(operation))
        self._tasks.add(operation.task)
        operation.task.add_done_callback(self._tasks.discard)

    async def _run(self, operation: _Operation) -> None:
        """Run an operation, and send its responses."""
        try:
            if await self._respond_or_fail(operation):
                await self._close(Closed(CloseCode.FORBIDDEN, "Forbidden: the token is no longer valid."))
        except Disconnected:
            pass
        except Closed as closed:
            await self._close(closed)
        finally:
            self._forget(operation)

    async def _respond_or_fail(self, operation: _Operation) -> bool:
        """As `_respond`, with an error where the operation fails for a reason outside of GraphQL."""
        try:
            return await self._respond(operation)
        except (Disconnected, Closed):
            raise
        except RequestFailed as error:
            return await self._fail(operation, error_response(str(error), error.code))
        except Exception:
            logger.exception("an operation failed")
            return await self._fail(operation, error_response(SERVER_ERROR, INTERNAL_SERVER_ERROR))

    async def _respond(self, operation: _Operation) -> bool:
        """Run an operation and send its responses; whether the connection has to be closed."""
        context = operation.context = await self._context()
        allowance = self._services.allowance_of(context.caller, address=self._client)
        seconds = self._services.request_seconds
        try:
            async with asyncio.timeout(seconds):
                ran = await self._services.operations.run(
                    operation.request, context, allowance, allowed_types=EVERY_TYPE
                )
        except TimeoutError:
            return await self._fail(operation, timeout_response(context, seconds))
        if ran.stream is not None:
            return await self._send_stream(operation, ran.stream, context)
        if not ran.is_executed:
            return await self._fail(operation, ran.response)
        await self._send_next(operation, ran.response)
        await self._complete(operation)
        return False

    async def _send_stream(self, operation: _Operation, stream: Responses, context: Context) -> bool:
        subscribers = self._services.subscribers
        try:
            subscribers.check(context.caller)
            with subscribers.counted(context.caller, "websocket", name=operation.request.operation_name):
                async for response in stream:
                    await self._send_next(operation, response)
        except RateLimitExceeded as error:
            return await self._fail(operation, error_response(str(error), error.code))
        except StreamFailed as failed:
            return await self._fail(operation, failed.response)
        finally:
            await stream.aclose()
        await self._complete(operation)
        return False

    async def _complete(self, operation: _Operation) -> None:
        if self._forget(operation):
            await self._send({"type": "complete", "id": operation.id})

    async def _fail(self, operation: _Operation, response: dict[str, Any]) -> bool:
        """End an operation with errors; whether they say that the caller's token has ended."""
        if self._forget(operation):
            await self._send({"type": "error", "id": operation.id, "payload": response["errors"]})
        return bool(response["errors"][0]["extensions"]["code"] == Unauthenticated.code)

    async def _send_next(self, operation: _Operation, response: dict[str, Any]) -> None:
        if self._operations.get(operation.id) is operation:
            await self._send({"type": "next", "id": operation.id, "payload": response})

    def _forget(self, operation: _Operation) -> bool:
        """Free the id of an operation, before its client knows; whether the client still waited for it."""
        waited = self._operations.get(operation.id) is operation
        if waited:
            del self._operations[operation.id]
        return waited

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

    def _end(self, id_: str) -> None:
        """End an operation at the client's request. A change goes on without its client."""
        operation = self._operations.pop(id_, None)
        if operation is None or operation.task is None:
            return
        if operation.context is None or not operation.context.mutates:
            operation.task.cancel()

    async def _end_operations(self) -> None:
        """End all operations, and wait for the changes among them, whose ids may be in use again."""
        for id_ in list(self._operations):
            self._end(id_)
        await asyncio.gather(*self._tasks, return_exceptions=True)
