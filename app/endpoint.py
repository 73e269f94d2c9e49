"""The `/graphql` endpoint: who calls, from where, and the answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from time import perf_counter
from typing import Any

from graphql import OperationType
from starlette.types import Receive, Scope, Send

from app.metrics import Metrics, Outcome
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
from domain.errors import NotFound, Unauthenticated
from execution.costs import MAX_COST
from execution.engine import OperationResult, OperationTypeNotAllowed, SignInRequired
from resolvers.access.sign_in import Authentication, authenticate, note_key_use
from resolvers.core.context import Context
from resolvers.users.expiry import expire_invitations
from schema.core.errors import shown
from schema.core.ids import row_id

logger = logging.getLogger("dialtree")

ERRORS_SHOWN = 5
"""How many errors an answer has at most."""

RunOperation = Callable[..., Awaitable[OperationResult]]
"""`Engine.run`, or a wrapper of it."""

_QUERIES = frozenset({OperationType.QUERY})
_QUERIES_AND_MUTATIONS = frozenset({OperationType.QUERY, OperationType.MUTATION})


def _refusal(message: str, code: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


class GraphQLEndpoint:
    """Answers GraphQL over HTTP."""

    def __init__(
        self,
        services: Services,
        run_operation: RunOperation,
        *,
        introspection_for_all: bool,
        note_fault: Callable[[Exception], None] | None = None,
    ) -> None:
        self._services = services
        self._introspection_for_all = introspection_for_all
        self._run_operation = run_operation
        self._note_fault = note_fault
        self._notes: set[asyncio.Task[None]] = set()
        self.metrics = Metrics()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an HTTP request, as an ASGI application."""
        headers, began = read_headers(scope), perf_counter()
        try:
            answer, status = await self._answer(scope, headers, receive)
        except Disconnected:
            self.metrics.note(Outcome.DISCONNECTED, seconds=perf_counter() - began)
            return
        except Exception as error:
            logger.exception("a request failed")
            if self._note_fault is not None:
                self._note_fault(error)
            answer, status = _refusal("Something went wrong on the server.", "INTERNAL_SERVER_ERROR"), 500
        outcome = Outcome.OK
        if "errors" in answer:
            outcome = Outcome.ERRORS if status == HTTPStatus.OK else Outcome.BAD_REQUEST
        self.metrics.note(outcome, seconds=perf_counter() - began)
        await respond(send, headers, answer, status=status)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive) -> tuple[dict[str, Any], int]:
        """The answer to a request and its status."""
        try:
            asked = await read_request(scope, headers, receive)
        except BadRequest as error:
            return _refusal(error.message, "BAD_REQUEST"), error.status
        try:
            context = await self.context(headers)
        except NotFound as error:
            answer = _refusal(error.message, error.code.value)
        else:
            answer, cost = await self._run(asked, context, queries_only=scope["method"] != "POST")
            if headers.cost == "1" and cost is not None:
                answer["extensions"] = {"cost": {"requested": cost, "maximum": MAX_COST}}
        return answer, status_of(headers, answer)

    async def _run(
        self, asked: GraphQLRequest, context: Context, *, queries_only: bool
    ) -> tuple[dict[str, Any], int | None]:
        """The answer to an operation and its cost, which is None if it was not measured."""
        try:
            result, operation, path, cost = await self._run_operation(
                asked.query,
                variables=asked.variables,
                operation_name=asked.operation_name,
                context=context,
                allowed_types=_QUERIES if queries_only else _QUERIES_AND_MUTATIONS,
                introspection=self._introspection_for_all or context.caller is not None,
                signed_in=context.caller is not None,
            )
        except OperationTypeNotAllowed:
            return _refusal("This kind of operation can't be sent this way.", "OPERATION_NOT_SUPPORTED"), None
        except SignInRequired:
            return _refusal(str(Unauthenticated()), "UNAUTHENTICATED"), None
        if operation is not None and path is not None:
            self.metrics.note_operation(operation.type, path)
        if not result.errors:
            return {"data": result.data}, cost
        errors = [shown(error).formatted for error in result.errors[:ERRORS_SHOWN]]
        ran = result.data is not None or any(error.path for error in result.errors)
        return ({"errors": errors, "data": result.data} if ran else {"errors": errors}), cost

    async def context(self, headers: Headers) -> Context:
        """The caller's context; without a valid token, that of an anonymous one. Raises NotFound."""
        services = self._services
        context = Context(services.open_database, services.clock, services.deployment)
        context.base_url = services.settings.base_url or headers.base_url
        scheme, _, token = headers.authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return context
        acting = headers.organization
        found = await authenticate(
            services.open_database,
            services.clock,
            token=token.strip(),
            acting_id=row_id(acting, "Organization") if acting else None,
        )
        if found is not None:
            context.caller = found.actor
            context.single_root = found.single_root
            context.token_digest = found.token_digest
            self._note_use(found)
            if found.invitations_over:
                await expire_invitations(context)
        return context

    async def finish(self) -> None:
        """Wait for what goes on beside the requests."""
        await asyncio.gather(*self._notes, return_exceptions=True)

    def _note_use(self, found: Authentication) -> None:
        if found.key_unnoted:
            services = self._services
            note = asyncio.create_task(note_key_use(services.open_database, services.clock, found.actor.id))
            self._notes.add(note)
            note.add_done_callback(self._notes.discard)
