"""The engine: an operation's text and variables in, its result out.

There are two roads to the result: graphql-core's, and that of a compiled operation. They give the same answer to the
byte. A compiled query that fails is run again by graphql-core, which words the error; a mutation is only carried on.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType

from execution.documents import Documents, InvalidDocument
from execution.inputs import InvalidVariables
from execution.limits import MAX_COST
from execution.plain import run_plain
from execution.plans import Plan
from execution.progress import Progress


class NotAllowed(Exception):
    """This kind of operation can't be run this way."""


class ExecutionPath(StrEnum):
    """How an operation was run."""

    COMPILED = "compiled"
    INTERPRETED = "plain"
    """By graphql-core: it was not seen often enough, has something that is not compiled, or can't be run at all."""
    FALLBACK = "repeated"
    """Compiled, and then by graphql-core for an exact error."""


class Run(NamedTuple):
    """What became of an operation. Without `data` in the result and without a road, nothing was run."""

    result: ExecutionResult
    plan: Plan | None = None
    """None where the document is not valid."""

    road: ExecutionPath | None = None


class Engine:
    """Runs the operations of one schema.

    An operation that was run `compiled_after` times before is compiled; None is for one that compiles nothing.
    """

    def __init__(self, schema: GraphQLSchema, *, compiled_after: int | None = 1) -> None:
        self._documents = Documents(schema)
        self._compiled_after = compiled_after

    async def run(
        self,
        query: str,
        *,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Any,
        kinds: frozenset[OperationType],
        introspection: bool,
    ) -> Run:
        """Run an operation. Raises NotAllowed for a kind that is not among `kinds`."""
        try:
            plan = self._documents.plan(query, operation_name, hide_suggestions=not introspection)
        except InvalidDocument as invalid:
            return Run(ExecutionResult(None, invalid.errors))
        if plan.kind not in kinds:
            raise NotAllowed
        refusal = _refusal(plan, variables or {}, introspection=introspection)
        if refusal is not None:
            return Run(ExecutionResult(None, [refusal]), plan)
        road = ExecutionPath.INTERPRETED
        if plan.due(self._compiled_after):
            result, road = await _run_compiled(plan, variables or {}, context)
            if result is not None:
                return Run(result, plan, road)
        plain = run_plain(plan, variables or {}, context, hide_suggestions=not introspection)
        return Run(await plain, plan, road)


async def _run_compiled(
    plan: Plan, variables: Mapping[str, Any], context: Any
) -> tuple[ExecutionResult | None, ExecutionPath]:
    """The result of the compiled operation, or None where graphql-core has to say it from the start."""
    try:
        values = plan.read(variables)
    except InvalidVariables:
        return None, ExecutionPath.INTERPRETED
    program = plan.program(values)
    if program is None:
        return None, ExecutionPath.INTERPRETED
    progress = Progress(plan, context, variables) if plan.kind is OperationType.MUTATION else None
    try:
        data = await (program.run(context, values, progress) if progress else program.run(context, values))
    except Exception:  # noqa: BLE001 - whatever it is, graphql-core words it
        return None if progress is None else await progress.finish(), ExecutionPath.FALLBACK
    return ExecutionResult(data, None), ExecutionPath.COMPILED


def _refusal(plan: Plan, variables: Mapping[str, Any], *, introspection: bool) -> GraphQLError | None:
    if plan.introspects and not introspection:
        message = "Introspection is for callers who are signed in."
        return GraphQLError(message, extensions={"code": "UNAUTHENTICATED"})
    cost = plan.cost.total(variables)
    if cost > MAX_COST:
        message = f"The operation asks for {cost} fields, page sizes multiplied; {MAX_COST} is the most."
        return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED"})
    return None
