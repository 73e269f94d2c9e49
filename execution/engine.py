"""Run GraphQL operations: the text and variables of an operation in, its result out.

Operations run compiled or interpreted (by graphql-core), with byte-identical responses. If a compiled query fails,
graphql-core runs it again and reports the error; if a compiled mutation fails, graphql-core only continues it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from enum import StrEnum
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from graphql import ExecutionResult, Executor, GraphQLError, GraphQLSchema, OperationType

from execution.costs import MAX_COST
from execution.documents import DocumentCache, InvalidDocument
from execution.inputs import InvalidVariables
from execution.interpreter import prepare_interpreted, run_interpreted
from execution.mutations import MutationState
from execution.operations import PreparedOperation
from execution.subscriptions import open_stream
from execution.suggestions import repair_suggestions
from execution.threads import in_thread

LONG_DOCUMENT = 2_000
"""Documents of more characters are parsed and validated in another thread."""

MANY_VALUES = 1_000
"""Variables of more values are coerced in another thread, and for signed-in callers only."""


INVALID_DOCUMENT_COST = 10
CHARACTERS_PER_POINT = 100
"""What an invalid document costs: parsing it takes time, too."""


Admit = Callable[[int, OperationType | None], Awaitable[None]]
"""A function that is awaited with the cost and the type of an operation, and may raise an exception to prevent it."""


class OperationTypeNotAllowed(Exception):
    """The request does not allow operations of this type."""


class SignInRequired(Exception):
    """The operation needs a signed-in caller."""


class ExecutionPath(StrEnum):
    """How an operation was executed."""

    COMPILED = "compiled"
    INTERPRETED = "interpreted"
    """By graphql-core: the first run of an operation, or one that can't be compiled."""
    FALLBACK = "fallback"
    """Compiled, then by graphql-core to report an error."""


class OperationResult(NamedTuple):
    """The result of an operation. Nothing was executed if `path` is None."""

    result: ExecutionResult
    operation: PreparedOperation | None = None
    """None if the document is invalid."""

    path: ExecutionPath | None = None
    cost: int | None = None
    """The operation's cost, or None if it was not measured."""

    stream: AsyncGenerator[ExecutionResult, None] | None = None
    """The results of a subscription, one for each event."""


class GivenVariables(NamedTuple):
    """The variables of a request, not yet coerced."""

    values: Mapping[str, Any]
    are_many: bool
    """Whether they are coerced in another thread."""


class Engine:
    """Runs the operations of one schema.

    An operation is compiled once it has run `compile_after` times; None disables the compiler.
    """

    def __init__(self, schema: GraphQLSchema, *, compile_after: int | None = 1) -> None:
        repair_suggestions()
        self.documents = DocumentCache(schema)
        self._compile_after = compile_after

    async def run(
        self,
        query: str,
        *,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Any,
        allowed_types: frozenset[OperationType],
        introspection: bool,
        signed_in: bool = True,
        admit: Admit | None = None,
    ) -> OperationResult:
        """Run an operation. Raises OperationTypeNotAllowed and SignInRequired.

        `admit` is awaited with the cost and the type of the operation (None for an invalid document) before anything is
        executed, and may raise an exception to prevent it. The result of a subscription has a stream, unless it has
        errors.
        """
        hide_suggestions = not introspection
        try:
            operation = self.documents.find(query, operation_name)
            if operation is None:
                operation = await self._prepare(query, operation_name, hide_suggestions=hide_suggestions)
        except InvalidDocument as invalid:
            if admit is not None:
                await admit(INVALID_DOCUMENT_COST + len(query) // CHARACTERS_PER_POINT, None)
            return OperationResult(ExecutionResult(None, invalid.errors))
        values = variables or {}
        given = GivenVariables(values, has_many_values(values))
        _check_allowed(operation, given, allowed_types, signed_in=signed_in)
        cost = operation.cost.total(given.values)
        error = _check_limits(operation, cost, introspection=introspection)
        if error is not None:
            return OperationResult(ExecutionResult(None, [error]), operation, cost=cost)
        if admit is not None:
            await admit(cost, operation.type)
        if operation.type is OperationType.SUBSCRIPTION:
            return await self._subscribe(operation, given, context, cost=cost, hide_suggestions=hide_suggestions)
        path = ExecutionPath.INTERPRETED
        if self._should_compile(operation, given):
            result, path = await _run_compiled(operation, given, context)
            if result is not None:
                return OperationResult(result, operation, path, cost)
        executor = await _executor_of(operation, given, context, hide_suggestions=hide_suggestions)
        return OperationResult(await run_interpreted(executor), operation, path, cost)

    def _should_compile(self, operation: PreparedOperation, given: GivenVariables) -> bool:
        """Count a run of an operation; whether it is to run compiled."""
        # Compiled operations take coerced variables as they are; Strawberry would convert many on the event loop.
        at_once = given.are_many and self._compile_after is not None
        return operation.should_compile(0 if at_once else self._compile_after)

    async def _subscribe(
        self, operation: PreparedOperation, given: GivenVariables, context: Any, *, cost: int, hide_suggestions: bool
    ) -> OperationResult:
        async def run_compiled(event: Any) -> ExecutionResult | None:
            if not self._should_compile(operation, given):
                return None
            result, _ = await _run_compiled(operation, given, context, event=event)
            return result

        executor = await _executor_of(operation, given, context, hide_suggestions=hide_suggestions)
        opened = await open_stream(executor, run_compiled)
        if isinstance(opened, ExecutionResult):
            return OperationResult(opened, operation, ExecutionPath.INTERPRETED, cost)
        return OperationResult(ExecutionResult(None, None), operation, ExecutionPath.INTERPRETED, cost, opened)

    async def _prepare(self, query: str, operation_name: str | None, *, hide_suggestions: bool) -> PreparedOperation:
        """The operation of a new document, which is kept. Raises InvalidDocument; invalid documents are not kept."""
        prepare = partial(self.documents.prepare, query, operation_name, hide_suggestions=hide_suggestions)
        operation = await in_thread(prepare) if len(query) > LONG_DOCUMENT else prepare()
        self.documents.keep(query, operation_name, operation)
        return operation


async def _executor_of(
    operation: PreparedOperation, given: GivenVariables, context: Any, *, hide_suggestions: bool
) -> Executor[Any] | list[GraphQLError]:
    """Prepare graphql-core to run an operation; the errors if its variables do not fit."""
    prepare = partial(prepare_interpreted, operation, given.values, context, hide_suggestions=hide_suggestions)
    return await in_thread(prepare) if given.are_many else prepare()


async def _run_compiled(
    operation: PreparedOperation, given: GivenVariables, context: Any, *, event: Any = None
) -> tuple[ExecutionResult | None, ExecutionPath]:
    """The result of the compiled operation, or None if graphql-core has to run it; of a subscription, for an event."""
    coerce = operation.coerce_variables
    try:
        values = await in_thread(coerce, given.values) if given.are_many else coerce(given.values)
    except InvalidVariables:
        return None, ExecutionPath.INTERPRETED
    compiled = await operation.compiled_for(values)
    if compiled is None:
        return None, ExecutionPath.INTERPRETED
    state = MutationState(operation, context, given.values) if operation.type is OperationType.MUTATION else None
    try:
        if operation.type is OperationType.SUBSCRIPTION:
            data = await compiled.run(context, values, event)
        else:
            data = await (compiled.run(context, values, state) if state else compiled.run(context, values))
    except Exception:  # noqa: BLE001 - graphql-core reports the error
        return None if state is None else await state.continue_interpreted(), ExecutionPath.FALLBACK
    return ExecutionResult(data, None), ExecutionPath.COMPILED


def _check_allowed(
    operation: PreparedOperation, given: GivenVariables, allowed_types: frozenset[OperationType], *, signed_in: bool
) -> None:
    if operation.type not in allowed_types:
        raise OperationTypeNotAllowed
    if not signed_in and (operation.needs_caller or given.are_many):
        raise SignInRequired


def _check_limits(operation: PreparedOperation, cost: int, *, introspection: bool) -> GraphQLError | None:
    if operation.is_introspection and not introspection:
        return GraphQLError("Sign in to use introspection.", extensions={"code": "UNAUTHENTICATED"})
    if cost > MAX_COST:
        message = f"The operation costs {cost} points; the maximum is {MAX_COST}. Select less or smaller pages."
        return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED"})
    return None


def has_many_values(variables: Mapping[str, Any]) -> bool:
    """Whether variables have over `MANY_VALUES` values, in time that does not depend on how many more."""
    waiting: list[Any] = [variables]
    for _ in range(MANY_VALUES):
        if not waiting or len(waiting) > MANY_VALUES:
            break
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(islice(value.values(), MANY_VALUES))
        elif isinstance(value, list):
            waiting.extend(islice(value, MANY_VALUES))
    return bool(waiting)
