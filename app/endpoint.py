"""The `/graphql` endpoint: authenticate the caller, run the operation, send the response."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import Any, NamedTuple

from graphql import OperationType
from starlette.types import Receive, Scope, Send

from app.event_streams import Events, responses_of, send_events
from app.metrics import Metrics, Outcome
from app.operations import (
    EVERY_TYPE,
    QUERIES,
    QUERIES_AND_MUTATIONS,
    QUERIES_AND_SUBSCRIPTIONS,
    OperationRunner,
    Ran,
    error_response,
    timeout_response,
)
from app.rate_limits import Allowance, RateLimiter
from app.request_limit import RequestLimits, time_limit
from app.requests import (
    BODY_SECONDS,
    BadRequest,
    Disconnected,
    HeaderList,
    Headers,
    client_address,
    read_headers,
    read_request,
    respond,
    status_of,
)
from app.services import Services
from app.subscribers import Subscribers
from domain.access import Actor
from domain.errors import NotFound, RateLimitExceeded, RequestFailed, Unauthenticated
from execution.costs import MAX_COST
from resolvers.access.sign_in import Authentication, authenticate, record_key_use
from resolvers.core.context import Context
from resolvers.users.expiry import expire_own_invitations
from schema.core.errors import INTERNAL_SERVER_ERROR, SERVER_ERROR
from schema.core.ids import row_id

logger = logging.getLogger("dialtree")

_ALLOWED_TYPES = {
    (True, False): QUERIES_AND_MUTATIONS,
    (False, False): QUERIES,
    (True, True): EVERY_TYPE,
    (False, True): QUERIES_AND_SUBSCRIPTIONS,
}
"""The types of operations by whether the method is POST, and whether events are accepted."""

_STATUSES = {Unauthenticated.code: HTTPStatus.UNAUTHORIZED, RateLimitExceeded.code: HTTPStatus.TOO_MANY_REQUESTS}
"""The errors that answer a request for events without a stream."""


class _Answer(NamedTuple):
    """The response to a request."""

    response: dict[str, Any]
    status: int
    is_query: bool = False
    headers: HeaderList = ()
    events: Events | None = None
    """The responses, if they are to be sent as events."""

    admission: AbstractContextManager[object] = nullcontext()
    """Counts the subscription until its events were sent."""


class GraphQLEndpoint:
    """Serves GraphQL over HTTP."""

    def __init__(
        self,
        services: Services,
        operations: OperationRunner,
        subscribers: Subscribers,
        metrics: Metrics,
        *,
        record_exception: Callable[[Exception], None] | None = None,
    ) -> None:
        self._services = services
        self._operations = operations
        self._subscribers = subscribers
        self._record_exception = record_exception
        settings = services.settings
        self._rate_limiter = RateLimiter(points=settings.rate_limit, anonymous_points=settings.anonymous_rate_limit)
        self._limits = RequestLimits(seconds=settings.request_seconds)
        self._body_limits = RequestLimits(seconds=BODY_SECONDS)
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
            response = error_response(str(error), error.code)
            answer = _Answer(response, status_of(headers, response))
        except Exception as error:
            logger.exception("a request failed")
            if self._record_exception is not None:
                self._record_exception(error)
            answer = _Answer(error_response(SERVER_ERROR, INTERNAL_SERVER_ERROR), 500)
        outcome = Outcome.of(answer.status, has_errors="errors" in answer.response)
        self._metrics.record_request(outcome, seconds=perf_counter() - started_at)
        if answer.events is not None:
            with answer.admission:
                await send_events(scope, receive, send, answer.events)
            return
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
        if headers.accepts_events and not self._subscribers.allows_origin(headers.origin, host=headers.host):
            return _Answer(error_response("This origin may not use the API.", "FORBIDDEN"), 403)
        try:
            request = await read_request(scope, headers, receive, self._body_limits.limit())
        except BadRequest as error:
            return _Answer(error_response(error.message, "BAD_REQUEST"), error.status)
        address = client_address(scope)
        context = self._anonymous_context(headers, client_address=address)
        allowance: Allowance | None = None
        try:
            with self._limits.limit(partial(_departure, receive, context)):
                await self._begin(context, headers)
                scope["dialtree.caller"] = context.caller
                allowance = self.allowance(context.caller, address=address)
                allowed_types = _ALLOWED_TYPES[scope["method"] == "POST", headers.accepts_events]
                ran = await self._operations.run(request, context, allowance, allowed_types=allowed_types)
        except NotFound as error:
            response = error_response(error.message, error.code.value)
            return _Answer(response, status_of(headers, response))
        except TimeoutError:
            ran = Ran(timeout_response(context, self._services.settings.request_seconds))
        if headers.cost == "1" and ran.cost is not None:
            ran.response["extensions"] = {"cost": {"requested": ran.cost, "maximum": MAX_COST}}
        limits = allowance.headers() if allowance is not None else []
        if ran.retry_after is not None:
            limits.append((b"retry-after", b"%d" % ran.retry_after))
        if not headers.accepts_events:
            return _Answer(ran.response, status_of(headers, ran.response), ran.type is OperationType.QUERY, limits)
        if not ran.is_executed and ran.code in _STATUSES:
            return _Answer(ran.response, _STATUSES[ran.code], headers=limits)
        return await self._answer_with_events(ran, context, name=request.operation_name)

    async def _answer_with_events(self, ran: Ran, context: Context, *, name: str | None) -> _Answer:
        """Answer with a stream of events, if the caller may have one more subscription."""
        if ran.stream is None:
            return _Answer(ran.response, HTTPStatus.OK, events=responses_of(ran))
        try:
            admission = self._subscribers.admit(context.caller, "sse", name=name)
        except RateLimitExceeded as error:
            await ran.stream.aclose()
            retry_after = (b"retry-after", b"%d" % error.retry_after)
            response = error_response(str(error), error.code)
            return _Answer(response, HTTPStatus.TOO_MANY_REQUESTS, headers=[retry_after])
        return _Answer({}, HTTPStatus.OK, events=responses_of(ran), admission=admission)

    async def context(self, headers: Headers, *, client_address: str | None = None) -> Context:
        """Build the context of a request; without a valid token, the caller is anonymous.

        It has no time limit of its own. Raises NotFound.
        """
        context = self._anonymous_context(headers, client_address=client_address)
        await self._begin(context, headers)
        return context

    async def limited_context(self, headers: Headers, *, client_address: str | None = None) -> Context:
        """As `context`, for requests that read no invitations. Raises TimeLimitExceeded, too."""
        context = self._anonymous_context(headers, client_address=client_address)
        async with time_limit(self._services.settings.request_seconds):
            await self._authenticate(context, headers)
        return context

    def _anonymous_context(self, headers: Headers, *, client_address: str | None) -> Context:
        services = self._services
        context = Context(services.open_database, services.clock, services.deployment, client_address=client_address)
        context.feed = services.feed
        context.base_url = services.settings.base_url or headers.base_url
        return context

    async def _begin(self, context: Context, headers: Headers) -> None:
        """Set the caller, and end expired invitations, which the request must not read. Raises NotFound."""
        authentication = await self._authenticate(context, headers)
        if authentication is not None and authentication.invitations_expired:
            try:
                await expire_own_invitations(context)
            finally:
                # Which is no change of the request.
                context.commit_sent = False

    async def _authenticate(self, context: Context, headers: Headers) -> Authentication | None:
        """Set the caller, if the request has a valid token. Raises NotFound."""
        scheme, _, token = headers.authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return None
        acting = headers.organization
        authentication = await authenticate(
            context.database,
            context.clock,
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
        return authentication

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


async def _departure(receive: Receive, context: Context) -> None:
    """Wait until the client has left and its request need not go on; a mutation goes on without its client."""
    while (await receive())["type"] != "http.disconnect":
        pass
    if context.mutates:
        await asyncio.Event().wait()
