"""The `/graphql` endpoint: authenticate the caller, run the operation, send the response."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from time import perf_counter
from typing import Any

from graphql import OperationType
from starlette.types import Receive, Scope, Send

from app.masking import mask_secrets
from app.metrics import Metrics, Outcome
from app.request_limit import RequestLimit
from app.request_log import current_request_id
from app.requests import (
    BadRequest,
    Disconnected,
    GraphQLRequest,
    Headers,
    read_headers,
    read_request,
    respond,
    status_of,
)
from app.services import Services
from domain.errors import NotFound, RequestFailed, TimeLimitExceeded
from execution.engine import OperationResult, OperationTypeNotAllowed
from resolvers.access.sign_in import Authentication, authenticate, record_key_use
from resolvers.core.context import Context
from resolvers.users.expiry import expire_invitations
from schema.core.errors import SERVER_ERROR, shown
from schema.core.ids import row_id

logger = logging.getLogger("dialtree")

ERRORS_SHOWN = 5
"""The maximum number of errors in a response."""

RunOperation = Callable[..., Awaitable[OperationResult]]
"""`Engine.run`, or a wrapper around it."""

_QUERIES = frozenset({OperationType.QUERY})
_QUERIES_AND_MUTATIONS = frozenset({OperationType.QUERY, OperationType.MUTATION})


def _error_response(message: str, code: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


class GraphQLEndpoint:
    """Serves GraphQL over HTTP."""

    def __init__(
        self,
        services: Services,
        run_operation: RunOperation,
        metrics: Metrics,
        *,
        introspection_for_all: bool,
        record_exception: Callable[[Exception], None] | None = None,
    ) -> None:
        self._services = services
        self._introspection_for_all = introspection_for_all
        self._run_operation = run_operation
        self._record_exception = record_exception
        self._background_tasks: set[asyncio.Task[None]] = set()
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle an HTTP request, as an ASGI application."""
        headers, started_at, is_query = read_headers(scope), perf_counter(), False
        try:
            response, status, is_query = await self._respond(scope, headers, receive)
        except Disconnected:
            self._metrics.record_request(Outcome.DISCONNECTED, seconds=perf_counter() - started_at)
            return
        except RequestFailed as error:
            response = _error_response(str(error), error.code)
            status = status_of(headers, response)
        except Exception as error:
            logger.exception("a request failed")
            if self._record_exception is not None:
                self._record_exception(error)
            response, status = _error_response(SERVER_ERROR, "INTERNAL_SERVER_ERROR"), 500
            response["errors"][0]["extensions"]["requestId"] = current_request_id()
        outcome = Outcome.OK
        if "errors" in response:
            outcome = Outcome.ERRORS if status == HTTPStatus.OK else Outcome.BAD_REQUEST
        self._metrics.record_request(outcome, seconds=perf_counter() - started_at)
        # Responses to mutations may contain secrets, whose compressed length tells about them.
        await respond(send, headers, response, status=status, compress=is_query)

    async def _respond(self, scope: Scope, headers: Headers, receive: Receive) -> tuple[dict[str, Any], int, bool]:
        """Return the response to a request, its status, and whether it is that of a query."""
        is_query = False
        try:
            request = await read_request(scope, headers, receive)
        except BadRequest as error:
            return _error_response(error.message, "BAD_REQUEST"), error.status, is_query
        try:
            context = await self.context(headers)
        except NotFound as error:
            response = _error_response(error.message, error.code.value)
        else:
            if context.caller is not None:
                scope["dialtree.caller"] = f"{context.caller.kind.name}:{context.caller.id}"
            limit = RequestLimit(
                receive,
                seconds=self._services.settings.request_seconds,
                is_cancellable=lambda: not context.mutates,
            )
            try:
                with limit:
                    response, is_query = await self._run(request, context, queries_only=scope["method"] != "POST")
            except TimeoutError:
                response = _error_response(self._timeout_message(context), TimeLimitExceeded.code)
        return response, status_of(headers, response), is_query

    def _timeout_message(self, context: Context) -> str:
        message = f"The request took longer than {self._services.settings.request_seconds:g} seconds."
        if context.commit_sent:
            return f"{message} Its change may have been made: repeat it with the same idempotencyKey."
        return f"{message} It was cancelled; nothing was changed."

    async def _run(
        self, request: GraphQLRequest, context: Context, *, queries_only: bool
    ) -> tuple[dict[str, Any], bool]:
        try:
            result, operation, path = await self._run_operation(
                request.query,
                variables=request.variables,
                operation_name=request.operation_name,
                context=context,
                allowed_types=_QUERIES if queries_only else _QUERIES_AND_MUTATIONS,
                introspection=self._introspection_for_all or context.caller is not None,
            )
        except OperationTypeNotAllowed:
            message = "Send queries with GET or POST, mutations with POST."
            return _error_response(message, "OPERATION_NOT_SUPPORTED"), False
        if operation is not None and path is not None:
            self._metrics.record_operation(operation.type, path)
        if context.refused:
            self._metrics.record_refusals(context.refused)
        is_query = operation is not None and operation.type is OperationType.QUERY
        if not result.errors:
            return {"data": result.data}, is_query
        errors: list[Any] = [shown(error).formatted for error in result.errors[:ERRORS_SHOWN]]
        for formatted in errors:
            formatted["message"] = mask_secrets(formatted["message"])
        executed = result.data is not None or any(error.path for error in result.errors)
        return ({"errors": errors, "data": result.data} if executed else {"errors": errors}), is_query

    async def context(self, headers: Headers) -> Context:
        """Build the context of a request; without a valid token, the caller is anonymous. Raises NotFound."""
        services = self._services
        context = Context(services.open_database, services.clock, services.deployment)
        context.base_url = services.settings.base_url or headers.base_url
        scheme, _, token = headers.authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return context
        acting = headers.organization
        authentication = await authenticate(
            services.open_database,
            services.clock,
            token=token.strip(),
            acting_id=row_id(acting, "Organization") if acting else None,
        )
        if authentication is None:
            self._metrics.record_wrong_token()
        else:
            context.caller = authentication.actor
            context.single_root = authentication.single_root
            context.token_digest = authentication.token_digest
            self._record_key_use(authentication)
            if authentication.invitations_expired:
                await expire_invitations(context)
        return context

    async def finish_background_tasks(self) -> None:
        """Wait for the background tasks that requests have started."""
        await asyncio.gather(*self._background_tasks, return_exceptions=True)

    def _record_key_use(self, authentication: Authentication) -> None:
        """Record the use of an API key in the background, so that the request does not wait for the write."""
        if authentication.last_used_outdated:
            services = self._services
            task = asyncio.create_task(record_key_use(services.open_database, services.clock, authentication.actor.id))
            self._background_tasks.add(task)
            task.add_done_callback(self._background_tasks.discard)
