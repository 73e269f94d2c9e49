"""The engine: an operation's text and variables in, its result out."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType, execute

from execution.documents import Documents, InvalidDocument, Plan
from execution.limits import MAX_COST


class NotAllowed(Exception):
    """This kind of operation can't be run this way."""


class Engine:
    """Runs the operations of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._documents = Documents(schema)

    async def run(
        self,
        query: str,
        *,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Any,
        kinds: frozenset[OperationType],
        introspection: bool,
    ) -> ExecutionResult:
        """The result of an operation. Raises NotAllowed for a kind that is not among `kinds`.

        A result without `data` means that nothing was run.
        """
        try:
            plan = self._documents.plan(query, operation_name, hide_suggestions=not introspection)
        except InvalidDocument as invalid:
            return ExecutionResult(None, invalid.errors)
        if plan.kind not in kinds:
            raise NotAllowed
        refusal = _refusal(plan, variables or {}, introspection=introspection)
        if refusal is not None:
            return ExecutionResult(None, [refusal])
        result = execute(
            self._schema,
            plan.document,
            context_value=context,
            variable_values=dict(variables or {}),
            operation_name=operation_name,
            hide_suggestions=not introspection,
        )
        return await result if isawaitable(result) else result


def _refusal(plan: Plan, variables: Mapping[str, Any], *, introspection: bool) -> GraphQLError | None:
    if plan.introspects and not introspection:
        message = "Introspection is for callers who are signed in."
        return GraphQLError(message, extensions={"code": "UNAUTHENTICATED"})
    cost = plan.cost.total(variables)
    if cost > MAX_COST:
        message = f"The operation asks for {cost} fields, page sizes multiplied; {MAX_COST} is the most."
        return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED"})
    return None
