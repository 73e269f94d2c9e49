"""The `/graphql` endpoint: authenticate the caller, run the operation, send the response."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from time import perf_counter
from typing import Any, NamedTuple

from graphql import GraphQLError, OperationType
from starlette.types import Receive, Scope, Send

from app.masking import mask_secrets
from app.metrics import Metrics, Outcome
from app.rate_limits import Allowance, RateLimiter
from app.request_limit import RequestLimits
from app.request_log import current_request_id
from app.requests import (
    PARTIAL_SUCCESS,
    BadRequest,
    Disconnected,
    GraphQLRequest,
    HeaderList,
    Headers,
    client_address,
    read_headers,
    read_request,
    respond,
    status_of,
)
from app.services import Services
from domain.access import Actor
from domain.errors import NotFound, RateLimitExceeded, RequestFailed, TimeLimitExceeded, Unauthenticated
from execution.costs import MAX_COST
from execution.engine import OperationResult, OperationTypeNotAllowed, SignInRequired
from resolvers.access.sign_in import Authentication, authenticate, record_key_use
from resolvers.core.context import Context
from resolvers.users.expiry import expire_invitations
from schema.core.errors import INTERNAL_SERVER_ERROR, SERVER_ERROR, shown
from schema.core.ids import row_id

logger = logging.getLogger("dialtree")

ERRORS_SHOWN = 5
"""The maximum number of errors in a response."""

RunOperation = Callable[..., Awaitable[OperationResult]]
"""`Engine.run`, or a wrapper around it."""

_QUERIES = frozenset({OperationType.QUERY})
_QUERIES_AND_MUTATIONS = frozenset({OperationType.QUERY, OperationType.MUTATION})


def _error_response(message: str, code: str) -> dict[str, Any]:
    return {"errors": [_with_request_id({"message": message, "extensions": {"code": code}})]}


def _charge_nothing(_cost: int) -> None:
    pass


def _with_request_id(error: dict[str, Any]) -> dict[str, Any]:
    """Add the id under which the log has an internal error."""
    if error["extensions"]["code"] == INTERNAL_SERVER_ERROR:
        error["extensions"]["requestId"] = current_request_id()
    return error


def _presented(error: GraphQLError) -> dict[str, Any]:
    """Return an error as the caller sees it; it may quote a secret that the caller has sent."""
    presented: dict[str, Any] = dict(shown(error).formatted)
    presented["message"] = mask_secrets(presented["message"])
    return _with_request_id(presented)


class _Answer(NamedTuple):
    """The response to a request."""

    response: dict[str, Any]
    status: int
    is_query: bool = False
    headers: HeaderList = ()


class _Ran(NamedTuple):
    """The response to an operation."""

    response: dict[str, Any]
    is_query: bool = False
    cost: int | None = None
    """None if the cost was not measured."""

    retry_after: int | None = None


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
        settings = services.settings
        self._rate_limiter = RateLimiter(points=settings.rate_limit, anonymous_points=settings.anonymous_rate_limit)
        self._limits = RequestLimits(seconds=settings.request_seconds)
        self._background_tasks: set[asyncio.Task[None]] = set()
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle an HTTP request, as an ASGI application."""
        headers, started_at = read_headers(scope), perf_counter()
        try:
            answer = await self._answer(scope, headers, receive)
        except Disconnected:
            self._metrics.record_request(Outcome.DISCONNECTED, seconds=perf_counter() - started_at)
            return
        except RequestFailed as error:
            response = _error_response(str(error), error.code)
            answer = _Answer(response, status_of(headers, response))
        except Exception as error:
            logger.exception("a request failed")
            if self._record_exception is not None:
                self._record_exception(error)
            answer = _Answer(_error_response(SERVER_ERROR, INTERNAL_SERVER_ERROR), 500)
        outcome = Outcome.OK
        if "errors" in answer.response:
            outcome = Outcome.ERRORS if answer.status in {HTTPStatus.OK, PARTIAL_SUCCESS} else Outcome.BAD_REQUEST
        self._metrics.record_request(outcome, seconds=perf_counter() - started_at)
        # Responses to mutations may contain secrets, whose compressed length tells about them.
        await respond(
            send,
            headers,
            answer.response,
            status=answer.status,
            compress=answer.is_query,
            more_headers=answer.headers,
        )

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive) -> _Answer:
        try:
            request = await read_request(scope, headers, receive)
        except BadRequest as error:
            return _Answer(_error_response(error.message, "BAD_REQUEST"), error.status)
        address = client_address(scope)
        try:
            context = await self.context(headers, client_address=address)
        except NotFound as error:
            response = _error_response(error.message, error.code.value)
            return _Answer(response, status_of(headers, response))
        scope["dialtree.caller"] = context.caller
        allowance = self.allowance(context.caller, address=address)
        try:
            # A mutation goes on without its client.
            with self._limits.limit(receive, is_cancellable=lambda: not context.mutates):
                ran = await self._run(request, context, allowance, queries_only=scope["method"] != "POST")
        except TimeoutError:
            ran = _Ran(_error_response(self._timeout_message(context), TimeLimitExceeded.code))
        if headers.cost == "1" and ran.cost is not None:
            ran.response["extensions"] = {"cost": {"requested": ran.cost, "maximum": MAX_COST}}
        limits = allowance.headers() if allowance is not None else []
        if ran.retry_after is not None:
            limits.append((b"retry-after", b"%d" % ran.retry_after))
        return _Answer(ran.response, status_of(headers, ran.response), ran.is_query, limits)

    def _timeout_message(self, context: Context) -> str:
        message = f"The request took longer than {self._services.settings.request_seconds:g} seconds."
        if context.commit_sent:
            return (
                f"{message} Its change may have been made: repeat it with the same idempotencyKey,"
                " or look before you repeat it."
            )
        return f"{message} It was cancelled; nothing was changed."

    async def _run(
        self, request: GraphQLRequest, context: Context, allowance: Allowance | None, *, queries_only: bool
    ) -> _Ran:
        try:
            result, operation, path, cost = await self._run_operation(
                request.query,
                variables=request.variables,
                operation_name=request.operation_name,
                context=context,
                allowed_types=_QUERIES if queries_only else _QUERIES_AND_MUTATIONS,
                introspection=self._introspection_for_all or context.caller is not None,
                signed_in=context.caller is not None,
                charge=_charge_nothing if allowance is None else allowance.use,
            )
        except OperationTypeNotAllowed:
            message = "Send queries with GET or POST, mutations with POST."
            return _Ran(_error_response(message, "OPERATION_NOT_SUPPORTED"))
        except SignInRequired:
            return _Ran(_error_response(str(Unauthenticated()), Unauthenticated.code))
        except RateLimitExceeded as error:
            return _Ran(_error_response(str(error), error.code), retry_after=error.retry_after)
        if operation is not None and path is not None:
            self._metrics.record_operation(operation.type, path)
        if context.refused:
            self._metrics.record_refusals(context.refused)
        is_query = operation is not None and operation.type is OperationType.QUERY
        if not result.errors:
            return _Ran({"data": result.data}, is_query, cost)
        errors = [_presented(error) for error in result.errors[:ERRORS_SHOWN]]
        executed = result.data is not None or any(error.path for error in result.errors)
        return _Ran({"errors": errors, "data": result.data} if executed else {"errors": errors}, is_query, cost)

    async def context(self, headers: Headers, *, client_address: str | None = None) -> Context:
        """Build the context of a request; without a valid token, the caller is anonymous. Raises NotFound."""
        services = self._services
        context = Context(services.open_database, services.clock, services.deployment, client_address=client_address)
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

    def allowance(self, caller: Actor | None, *, address: str | None) -> Allowance | None:
        """The allowance of a signed-in caller, or of an address; None if it is not limited."""
        return self._rate_limiter.allowance(caller, address=address)

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
