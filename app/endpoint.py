"""The `/graphql` endpoint: who calls, from where, and the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from graphql import NoSchemaIntrospectionCustomRule, OperationDefinitionNode
from graphql.error import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from app.requests import BadRequest, GraphQLRequest, read_request, respond, status_of
from domain.errors import NotFound
from resolvers.context import Context
from resolvers.sign_in import Authentication, authenticate, digest, note_key_use
from schema.ids import row_id
from schema.schema import build_schema

if TYPE_CHECKING:
    from app.application import Services

_QUERIES = {OperationType.QUERY}
_QUERIES_AND_MUTATIONS = {OperationType.QUERY, OperationType.MUTATION}


class Gate(SchemaExtension):
    """Refuses an anonymous caller's introspection, and a request that does not say which operation it means."""

    def on_validate(self) -> Iterator[None]:
        """Add to the rules before the document is validated."""
        execution = self.execution_context
        if execution.context.caller is None and not execution.context.introspection_for_all:
            execution.validation_rules = (
                *execution.validation_rules,
                NoSchemaIntrospectionCustomRule,
            )
        document = execution.graphql_document
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)] if document else []
        if len(operations) > 1 and not execution._provided_operation_name:  # noqa: SLF001 - the public one guesses
            execution.pre_execution_errors = [GraphQLError("Several operations: name one in `operationName`.")]
        yield


def _refusal(message: str, code: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


class RequestContext(Context):
    """A request over HTTP."""

    introspection_for_all: bool = False


class GraphQLEndpoint:
    """Answers GraphQL over HTTP."""

    def __init__(self, services: Services, *, introspection_for_all: bool) -> None:
        self._services = services
        self._introspection_for_all = introspection_for_all
        self._schema = build_schema(Gate)
        self._notes: set[asyncio.Task[None]] = set()

    async def http(self, request: Request) -> Response:
        """The response to a GET or a POST."""
        try:
            asked = await read_request(request)
        except BadRequest as error:
            return respond(request, _refusal(error.message, "BAD_REQUEST"), status=error.status)
        try:
            context = await self._context(request)
        except NotFound as error:
            answer = _refusal(error.message, error.code.value)
        else:
            answer = await self._run(asked, context, queries_only=request.method == "GET")
        return respond(request, answer, status=status_of(request, answer))

    async def _run(self, asked: GraphQLRequest, context: Context, *, queries_only: bool) -> dict[str, Any]:
        try:
            result: Any = await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=context,
                operation_name=asked.operation_name,
                allowed_operation_types=_QUERIES if queries_only else _QUERIES_AND_MUTATIONS,
            )
        except CannotGetOperationTypeError:
            return _refusal("The document has no such operation.", "OPERATION_RESOLUTION_FAILURE")
        except InvalidOperationTypeError:
            return _refusal("This kind of operation can't be sent this way.", "OPERATION_NOT_SUPPORTED")
        answer: dict[str, Any] = {}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        if result.data is not None or not result.errors or any(error.path for error in result.errors):
            answer["data"] = result.data
        return answer

    async def _context(self, request: Request) -> Context:
        """The caller's context; without a valid token, that of an anonymous one. Raises NotFound."""
        services = self._services
        context = RequestContext(services.open_database, services.clock)
        context.introspection_for_all = self._introspection_for_all
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return context
        acting = request.headers.get("dialtree-organization")
        found = await authenticate(
            services.open_database,
            services.clock,
            token=token.strip(),
            acting_id=row_id(acting, "Organization") if acting else None,
        )
        if found is not None:
            context.caller = found.actor
            context.single_root = found.single_root
            context.token_digest = digest(token.strip())
            self._note_use(found)
        return context

    def _note_use(self, found: Authentication) -> None:
        if found.key_unnoted:
            services = self._services
            note = asyncio.create_task(note_key_use(services.open_database, services.clock, found.actor.id))
            self._notes.add(note)
            note.add_done_callback(self._notes.discard)
