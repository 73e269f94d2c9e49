"""The state of a compiled mutation: each root resolver runs exactly once, even if its payload can't be completed.

If a resolver raises or its payload can't be completed, graphql-core takes over: it keeps the completed fields,
completes the resolved ones again, and runs the remaining ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult
from graphql.pyutils import Path

from execution.interpreter import DeterministicExecutor, prepare_interpreted, run_interpreted
from execution.operations import PreparedOperation
from execution.threads import in_thread


class MutationState:
    """The root fields that one mutation has resolved and completed so far."""

    def __init__(self, operation: PreparedOperation, context: Any, variables: Mapping[str, Any]) -> None:
        self.completed: dict[str, Any] = {}
        """The data of each completed root field."""
        self._operation = operation
        self._context = context
        self._variables = variables
        self._resolved: dict[str, Any] = {}
        self._errors: dict[str, Exception] = {}

    async def resolve(self, key: str, call: Callable[[], Any]) -> Any:
        """Call the resolver of a root field, and record what it returns or raises."""
        try:
            value = call()
            if isawaitable(value):
                value = await value
        except Exception as error:
            self._errors[key] = error
            raise
        self._resolved[key] = value
        return value

    def is_resolved(self, key: str) -> bool:
        """Whether the resolver of a root field has run."""
        return key in self._resolved or key in self._errors

    async def replay(self, key: str) -> Any:
        """Return or raise what the resolver of a root field did."""
        if key in self._errors:
            raise self._errors[key]
        return self._resolved[key]

    async def continue_interpreted(self) -> ExecutionResult:
        """The result of the mutation, continued by graphql-core."""
        executor = await in_thread(
            prepare_interpreted,
            self._operation,
            self._variables,
            self._context,
            hide_suggestions=False,
            executor_class=_ContinuingExecutor,
            state=self,
        )
        return await run_interpreted(executor)


class _ContinuingExecutor(DeterministicExecutor):
    """Executes the root fields that the compiled mutation has not completed."""

    def __init__(self, *args: Any, state: MutationState, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._state = state

    def execute_field(
        self, parent_type: Any, source: Any, field_details_list: Any, path: Path, position_context: Any
    ) -> Any:
        """Execute a field; reuse the data or the resolved value of a root field."""
        key = path.key
        if path.prev is None and isinstance(key, str):
            if key in self._state.completed:
                return self._state.completed[key]
            if self._state.is_resolved(key):
                definition = parent_type.fields[field_details_list[0].node.name.value]
                nodes = [details.node for details in field_details_list]
                info = self.build_resolve_info(definition, nodes, parent_type, path)
                return self.complete_awaitable_value(
                    definition.type, field_details_list, info, path, self._state.replay(key), position_context
                )
        return super().execute_field(parent_type, source, field_details_list, path, position_context)
