"""Run one GraphQL operation for a caller and word its response, whichever protocol it came by."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, NamedTuple

from graphql import ExecutionResult, GraphQLError, OperationType

from app.masking import mask_secrets
from app.metrics import Metrics
from app.rate_limits import Allowance
from app.request_log import current_request_id
from app.requests import GraphQLRequest
from app.trusted_documents import TrustedDocuments
from domain.errors import RateLimitExceeded, RequestFailed, TimeLimitExceeded, Unauthenticated
from execution.engine import OperationResult, OperationTypeNotAllowed, SignInRequired
from execution.subscriptions import SubscriptionFailed
from resolvers.core.context import Context
from schema.core.errors import INTERNAL_SERVER_ERROR, shown

ERRORS_SHOWN = 5
"""The maximum number of errors in a response."""

RunOperation = Callable[..., Awaitable[OperationResult]]
"""`Engine.run`, or a wrapper around it."""

QUERIES = frozenset({OperationType.QUERY})
QUERIES_AND_MUTATIONS = frozenset({OperationType.QUERY, OperationType.MUTATION})
QUERIES_AND_SUBSCRIPTIONS = frozenset({OperationType.QUERY, OperationType.SUBSCRIPTION})
EVERY_TYPE = frozenset(OperationType)

_WAYS = (
    "Send queries with GET or POST, mutations with POST, and subscriptions over WebSocket or with"
    " `Accept: text/event-stream`."
)


def error_response(message: str, code: str) -> dict[str, Any]:
    """Return a response with one error."""
    return {"errors": [_with_request_id({"message": message, "extensions": {"code": code}})]}


def timeout_response(context: Context | None, seconds: float) -> dict[str, Any]:
    """Return the response to a request that has reached its time limit; it may not have had a context yet."""
    message = f"The request took longer than {seconds:g} seconds."
    if context is not None and context.commit_sent:
        message += (
            " Its change may have been made: repeat it with the same idempotencyKey, or look before you repeat it."
        )
    else:
        message += " It was cancelled; nothing was changed."
    return error_response(message, TimeLimitExceeded.code)


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


Responses = AsyncGenerator[dict[str, Any], None]
"""The responses of a subscription, one for each event. Raises StreamFailed."""


class Ran(NamedTuple):
    """The response to an operation."""

    response: dict[str, Any]
    type: OperationType | None = None
    """None if the document is invalid."""

    cost: int | None = None
    """None if the cost was not measured."""

    retry_after: int | None = None
    stream: Responses | None = None
    """The responses of a subscription, whose `response` is empty."""

    @property
    def is_executed(self) -> bool:
        """Whether the response is that of an operation that was run, not refused."""
        return "data" in self.response

    @property
    def code(self) -> str | None:
        """The code of the first error."""
        errors = self.response.get("errors")
        return errors[0]["extensions"]["code"] if errors else None


class StreamFailed(Exception):
    """A stream ended with an error; `response` has it, as the caller sees it."""

    def __init__(self, response: dict[str, Any]) -> None:
        super().__init__()
        self.response = response


class OperationRunner:
    """Runs the operations of all protocols."""

    def __init__(
        self, run_operation: RunOperation, documents: TrustedDocuments, metrics: Metrics, *, introspection_for_all: bool
    ) -> None:
        self._run_operation = run_operation
        self._documents = documents
        self._metrics = metrics
        self._introspection_for_all = introspection_for_all

    async def run(
        self,
        request: GraphQLRequest,
        context: Context,
        allowance: Allowance | None,
        *,
        allowed_types: frozenset[OperationType],
    ) -> Ran:
        """Run an operation. What is refused before it runs is a response with errors."""

        async def admit(cost: int, operation_type: OperationType | None) -> None:
            if allowance is not None:
                allowance.use(cost)
            if operation_type is OperationType.QUERY:
                context.database = await context.database.for_queries()

        try:
            result, operation, path, cost, stream = await self._run_operation(
                self._documents.resolve(request.query, request.document_id),
                variables=request.variables,
                operation_name=request.operation_name,
                context=context,
                allowed_types=allowed_types,
                introspection=self._introspection_for_all or context.caller is not None,
                signed_in=context.caller is not None,
                admit=admit,
            )
        except OperationTypeNotAllowed:
            return Ran(error_response(_WAYS, "OPERATION_NOT_SUPPORTED"))
        except SignInRequired:
            return Ran(error_response(str(Unauthenticated()), Unauthenticated.code))
        except RequestFailed as error:
            return Ran(error_response(str(error), error.code), retry_after=getattr(error, "retry_after", None))
        if operation is not None and path is not None:
            self._metrics.record_operation(operation.type, path)
        if context.refused:
            self._metrics.record_refusals(context.refused)
        type_ = None if operation is None else operation.type
        if stream is not None:
            return Ran({}, type_, cost, stream=self._responses(stream, allowance, cost or 0))
        return Ran(response_of(result), type_, cost)

    async def _responses(
        self, stream: AsyncGenerator[ExecutionResult, None], allowance: Allowance | None, cost: int
    ) -> Responses:
        """Yield the response to each event, which uses up points. Raises StreamFailed."""
        try:
            async for result in stream:
                if allowance is not None:
                    allowance.use(cost)
                self._metrics.record_event()
                yield response_of(result)
        except SubscriptionFailed as failed:
            raise StreamFailed({"errors": [_presented(failed.error)]}) from failed
        except RateLimitExceeded as error:
            raise StreamFailed(error_response(str(error), error.code)) from error
        finally:
            await stream.aclose()


def response_of(result: ExecutionResult) -> dict[str, Any]:
    """Return the response with a result."""
    if not result.errors:
        return {"data": result.data}
    errors = [_presented(error) for error in result.errors[:ERRORS_SHOWN]]
    executed = result.data is not None or any(error.path for error in result.errors)
    return {"errors": errors, "data": result.data} if executed else {"errors": errors}
