"""Run GraphQL operations: the text and variables of an operation in, its result out.

Operations run compiled or interpreted (by graphql-core), with byte-identical responses. If a compiled query fails,
graphql-core runs it again and reports the error; if a compiled mutation fails, graphql-core only continues it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType

from execution.documents import DocumentCache, InvalidDocument
from execution.inputs import InvalidVariables
from execution.interpreter import run_interpreted
from execution.limits import MAX_COST
from execution.mutations import MutationState
from execution.operations import PreparedOperation


class OperationTypeNotAllowed(Exception):
    """The request does not allow operations of this type."""


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


class Engine:
    """Runs the operations of one schema.

    An operation is compiled once it has run `compile_after` times; None disables the compiler.
    """

    def __init__(self, schema: GraphQLSchema, *, compile_after: int | None = 1) -> None:
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
    ) -> OperationResult:
        """Run an operation. Raises OperationTypeNotAllowed."""
        try:
            operation = self.documents.prepare(query, operation_name, hide_suggestions=not introspection)
        except InvalidDocument as invalid:
            return OperationResult(ExecutionResult(None, invalid.errors))
        if operation.type not in allowed_types:
            raise OperationTypeNotAllowed
        variables = variables or {}
        error = _check_limits(operation, variables, introspection=introspection)
        if error is not None:
            return OperationResult(ExecutionResult(None, [error]), operation)
        path = ExecutionPath.INTERPRETED
        if operation.should_compile(self._compile_after):
            result, path = await _run_compiled(operation, variables, context)
            if result is not None:
                return OperationResult(result, operation, path)
        result = await run_interpreted(operation, variables, context, hide_suggestions=not introspection)
        return OperationResult(result, operation, path)


async def _run_compiled(
    operation: PreparedOperation, variables: Mapping[str, Any], context: Any
) -> tuple[ExecutionResult | None, ExecutionPath]:
    """The result of the compiled operation, or None if graphql-core has to run it."""
    try:
        values = operation.coerce_variables(variables)
    except InvalidVariables:
        return None, ExecutionPath.INTERPRETED
    compiled = operation.compiled_for(values)
    if compiled is None:
        return None, ExecutionPath.INTERPRETED
    state = MutationState(operation, context, variables) if operation.type is OperationType.MUTATION else None
    try:
        data = await (compiled.run(context, values, state) if state else compiled.run(context, values))
    except Exception:  # noqa: BLE001 - graphql-core reports the error
        return None if state is None else await state.continue_interpreted(), ExecutionPath.FALLBACK
    return ExecutionResult(data, None), ExecutionPath.COMPILED


def _check_limits(
    operation: PreparedOperation, variables: Mapping[str, Any], *, introspection: bool
) -> GraphQLError | None:
    if operation.is_introspection and not introspection:
        return GraphQLError("Sign in to use introspection.", extensions={"code": "UNAUTHENTICATED"})
    cost = operation.cost.total(variables)
    if cost > MAX_COST:
        message = f"The operation requests {cost} fields (multiplied by page sizes); the maximum is {MAX_COST}."
        return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED"})
    return None
