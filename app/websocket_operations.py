"""The operations of one WebSocket connection: each is run in a task, and answered under its id."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from app.operations import EVERY_TYPE, OperationRunner, Ran, Responses, StreamFailed, error_response, timeout_response
from app.rate_limits import Allowance
from app.requests import Disconnected, GraphQLRequest
from app.subscribers import Subscribers
from app.websocket_messages import CloseCode, Closed, Message, operation_in
from domain.errors import LimitExceeded, RateLimitExceeded, RequestFailed, Unauthenticated
from resolvers.core.context import Context
from schema.core.errors import INTERNAL_SERVER_ERROR, SERVER_ERROR

MAX_OPERATIONS = 100
"""How many operations run on one connection."""

MAX_AT_ONCE = 10
"""How many of them run, or keep their response for a client that does not read it. Streams do not count."""

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


class Operations:
    """The operations that run on one connection."""

    def __init__(
        self,
        services: ConnectionServices,
        *,
        client: str | None,
        load_context: Callable[[], Awaitable[Context]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
        close: Callable[[Closed], Awaitable[None]],
    ) -> None:
        self._services = services
        self._client = client
        self._load_context = load_context
        self._send = send
        self._close = close
        self._operations: dict[str, _Operation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(MAX_AT_ONCE)

    async def begin(self, message: Message) -> None:
        """Begin the operation in a `subscribe` message. Raises Closed."""
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

    def end(self, id_: str) -> None:
        """End an operation at the client's request. A change goes on without its client."""
        operation = self._operations.pop(id_, None)
        if operation is None or operation.task is None:
            return
        if operation.context is None or not operation.context.mutates:
            operation.task.cancel()

    async def end_all(self) -> None:
        """End all operations, and wait for the changes among them, whose ids may be in use again."""
        for id_ in list(self._operations):
            self.end(id_)
        await asyncio.gather(*self._tasks, return_exceptions=True)

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
        async with self._turns:
            seconds = self._services.request_seconds
            try:
                async with asyncio.timeout(seconds):
                    context = operation.context = await self._load_context()
                    allowance = self._services.allowance_of(context.caller, address=self._client)
                    ran = await self._services.operations.run(
                        operation.request, context, allowance, allowed_types=EVERY_TYPE
                    )
            except TimeoutError:
                return await self._fail(operation, timeout_response(operation.context, seconds))
            if ran.stream is None:
                return await self._answer(operation, ran)
        return await self._send_stream(operation, ran.stream, context)

    async def _answer(self, operation: _Operation, ran: Ran) -> bool:
        if not ran.is_executed:
            return await self._fail(operation, ran.response)
        await self._send_next(operation, ran.response)
        await self._complete(operation)
        return False

    async def _send_stream(self, operation: _Operation, stream: Responses, context: Context) -> bool:
        subscribers = self._services.subscribers
        try:
            with subscribers.admit(context.caller, "websocket", name=operation.request.operation_name):
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
