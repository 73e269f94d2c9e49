"""The progress of a compiled mutation: every root resolver runs once, whatever becomes of its payload.

When a resolver raises or a payload can't be completed, graphql-core takes over. It completes anew what was resolved,
repeats what was already answered, and runs the fields that were not reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult
from graphql.pyutils import Path

from execution.plain import Orderly, run_plain
from execution.plans import Plan


class Progress:
    """How far one mutation has come."""

    def __init__(self, plan: Plan, context: Any, variables: Mapping[str, Any]) -> None:
        self.settled: dict[str, Any] = {}
        """The data of each root field that is done."""
        self._plan = plan
        self._context = context
        self._variables = variables
        self._resolved: dict[str, Any] = {}
        self._failed: dict[str, Exception] = {}

    async def resolve(self, key: str, call: Callable[[], Any]) -> Any:
        """The value of a root field, from its resolver."""
        try:
            value = call()
            if isawaitable(value):
                value = await value
        except Exception as error:
            self._failed[key] = error
            raise
        self._resolved[key] = value
        return value

    def reached(self, key: str) -> bool:
        """Whether the resolver of a root field was run."""
        return key in self._resolved or key in self._failed

    async def outcome(self, key: str) -> Any:
        """What the resolver of a root field returned. Raises what it raised."""
        if key in self._failed:
            raise self._failed[key]
        return self._resolved[key]

    async def finish(self) -> ExecutionResult:
        """The result of the operation, from here on through graphql-core."""
        return await run_plain(
            self._plan,
            self._variables,
            self._context,
            hide_suggestions=False,
            executor_class=_Continuation,
            progress=self,
        )


class _Continuation(Orderly):
    """graphql-core's execution of a mutation that was begun elsewhere."""

    def __init__(self, *args: Any, progress: Progress, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._progress = progress

    def execute_field(
        self, parent_type: Any, source: Any, field_details_list: Any, path: Path, position_context: Any
    ) -> Any:
        """A field; at the root, only what is left of it."""
        key = path.key
        if path.prev is None and isinstance(key, str):
            if key in self._progress.settled:
                return self._progress.settled[key]
            if self._progress.reached(key):
                definition = parent_type.fields[field_details_list[0].node.name.value]
                nodes = [details.node for details in field_details_list]
                info = self.build_resolve_info(definition, nodes, parent_type, path)
                return self.complete_awaitable_value(
                    definition.type, field_details_list, info, path, self._progress.outcome(key), position_context
                )
        return super().execute_field(parent_type, source, field_details_list, path, position_context)
