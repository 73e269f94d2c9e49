"""The engine: an operation's text and variables in, its result out.

There are two roads to the result: graphql-core's, and that of a compiled operation. They give the same answer to the
byte. A compiled query that fails is run again by graphql-core, which words the error; a mutation is only carried on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType, execute

from execution.arguments import InvalidVariables
from execution.documents import Documents, InvalidDocument, Plan
from execution.limits import MAX_COST
from execution.programs import Programs
from execution.progress import Progress


class NotAllowed(Exception):
    """This kind of operation can't be run this way."""


class Road(StrEnum):
    """How an operation was run."""

    COMPILED = "compiled"
    PLAIN = "plain"
    """By graphql-core: it was not seen often enough, has something that is not compiled, or can't be run at all."""
    REPEATED = "repeated"
    """Compiled, and then by graphql-core for an exact error."""


class Engine:
    """Runs the operations of one schema.

    An operation that was run `compiled_after` times before is compiled; None is for one that compiles nothing.
    """

    def __init__(self, schema: GraphQLSchema, *, compiled_after: int | None = 1) -> None:
        self._schema = schema
        self._documents = Documents(schema)
        self._compiled_after = compiled_after
        self.runs: Counter[Road] = Counter()
        """How many operations were run on which road."""

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
        if self._compiled_after is not None and plan.programs is not None and plan.programs.due(self._compiled_after):
            result = await self._run_compiled(plan, plan.programs, variables or {}, context)
            if result is not None:
                return result
        else:
            self.runs[Road.PLAIN] += 1
        return await self._run_plain(plan, variables or {}, context, hide_suggestions=not introspection)

    async def _run_compiled(
        self, plan: Plan, programs: Programs, variables: Mapping[str, Any], context: Any
    ) -> ExecutionResult | None:
        """The result of the compiled operation, or None where graphql-core has to say it from the start."""
        try:
            values = programs.coerce(variables)
        except InvalidVariables:
            program = None
        else:
            program = programs.program(values)
        if program is None:
            self.runs[Road.PLAIN] += 1
            return None
        progress = Progress(self._schema, plan, context, variables) if plan.kind is OperationType.MUTATION else None
        try:
            if progress is None:
                data = await program.run(context, values)
            else:
                data = await program.run(context, values, progress)
        except Exception:  # noqa: BLE001 - whatever it is, graphql-core words it
            self.runs[Road.REPEATED] += 1
            return None if progress is None else await progress.finish()
        self.runs[Road.COMPILED] += 1
        return ExecutionResult(data, None)

    async def _run_plain(
        self, plan: Plan, variables: Mapping[str, Any], context: Any, *, hide_suggestions: bool
    ) -> ExecutionResult:
        result = execute(
            self._schema,
            plan.document,
            context_value=context,
            variable_values=dict(variables),
            operation_name=plan.operation.name and plan.operation.name.value,
            hide_suggestions=hide_suggestions,
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
