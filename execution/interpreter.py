"""Run operations with graphql-core, in portions of time, reporting the same errors on every run.

If several fields fail, graphql-core reports those that fail first, which depends on timing. Here each null caused by
errors is reported with one error, that of the first failing field in response order, and errors are in response order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, Executor, GraphQLError, GraphQLResolveInfo, OperationType
from graphql.pyutils import Path

from execution.lookahead import SelectedFields, selected_below
from execution.messages import shortened
from execution.operations import PreparedOperation
from execution.pacing import Pace


class ResolveInfo(GraphQLResolveInfo[Any]):
    """graphql-core's `Info` with the look-ahead."""

    selected_fields: SelectedFields


class DeterministicExecutor(Executor[Any]):
    """graphql-core's executor, which waits for all fields of an object or items of a list before it raises an error.

    List items and awaited values wait for their turn once the operation has used up its portion of the event loop.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._pace = Pace()
        self._selected: dict[tuple[int, ...], SelectedFields] = {}

    def build_resolve_info(self, field_def: Any, field_nodes: Any, parent_type: Any, path: Path) -> ResolveInfo:
        """The `Info` of a field."""
        info = ResolveInfo._make(super().build_resolve_info(field_def, field_nodes, parent_type, path))
        key = tuple(map(id, field_nodes))
        if key not in self._selected:
            self._selected[key] = selected_below(field_nodes, self.fragment_definitions, self.variable_values)
        info.selected_fields = self._selected[key]
        return info

    def build_per_event_executor(self, payload: Any) -> Executor[Any]:
        """The executor of one event of a subscription."""
        executor: Any = super().build_per_event_executor(payload)
        executor._pace = Pace()  # noqa: SLF001 - of the same class
        return executor  # type: ignore[no-any-return]

    def execute_fields(self, *args: Any) -> Any:
        """Execute the fields of an object."""
        values = super().execute_fields(*args)
        return _raise_first_error_of(values) if isawaitable(values) else _raise_first_error(values)

    def execute_field(
        self, parent_type: Any, source: Any, field_details_list: Any, path: Path, position_context: Any
    ) -> Any:
        """Execute a field. The root fields of a mutation run serially and raise their errors at once."""
        is_serial = path.prev is None and self.operation.operation is OperationType.MUTATION
        try:
            value = super().execute_field(parent_type, source, field_details_list, path, position_context)
        except Exception as error:
            if is_serial:
                raise
            return _FieldError(error)
        return _capture_error(value) if isawaitable(value) and not is_serial else value

    def complete_iterable_value(self, *args: Any) -> Any:
        """Complete the items of a list."""
        values = super().complete_iterable_value(*args)
        return _raise_first_error_of(values) if isawaitable(values) else _raise_first_error(values)

    async def complete_async_iterator_value(self, *args: Any) -> Any:
        """Complete the items of an async iterator."""
        return _raise_first_error(await super().complete_async_iterator_value(*args))

    def complete_list_item_value(self, item: Any, complete_results: list[Any], *args: Any) -> bool:
        """Complete a list item, now or in its turn."""
        if self._pace.is_used_up:
            complete_results.append(self.complete_awaitable_list_item_value(item, *args))
            return True
        try:
            is_awaitable = super().complete_list_item_value(item, complete_results, *args)
        except Exception as error:  # noqa: BLE001 - raised with the list
            complete_results.append(_FieldError(error))
            return False
        if is_awaitable:
            complete_results[-1] = _capture_error(complete_results[-1])
        return is_awaitable

    async def complete_awaitable_list_item_value(self, item: Any, *args: Any) -> Any:
        """Complete a list item in its turn."""
        item = self._pace.in_turn(item)
        return await _capture_error(super().complete_awaitable_list_item_value(item, *args))

    async def complete_awaitable_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Path, result: Any, position_context: Any
    ) -> Any:
        """Complete an awaitable value in its turn."""
        result = self._pace.in_turn(result)
        return await super().complete_awaitable_value(
            return_type, field_details_list, info, path, result, position_context
        )


class _FieldError:
    """Replaces a value whose field raised an error."""

    def __init__(self, error: Exception) -> None:
        self.error = error


async def _capture_error(awaitable: Awaitable[Any]) -> Any:
    try:
        return await awaitable
    except Exception as error:  # noqa: BLE001 - raised with the object or list
        return _FieldError(error)


async def _raise_first_error_of(awaitable: Awaitable[Any]) -> Any:
    return _raise_first_error(await awaitable)


def _raise_first_error(values: Any) -> Any:
    """The values of a completed object or list. Raises the first error among them."""
    for value in values.values() if isinstance(values, dict) else values:
        if value.__class__ is _FieldError:
            raise value.error
    return values


def prepare_interpreted(
    operation: PreparedOperation,
    variables: Mapping[str, Any],
    context: Any,
    *,
    hide_suggestions: bool,
    executor_class: type[Executor[Any]] = DeterministicExecutor,
    **options: Any,
) -> Executor[Any] | list[GraphQLError]:
    """The executor of an operation, or the errors of its variables; the options are passed to the executor.

    Coerces the variables, which takes long if they are large; may be called in another thread.
    """
    return executor_class.build(
        operation.schema,
        operation.document,
        context_value=context,
        raw_variable_values=dict(variables),
        operation_name=operation.name,
        hide_suggestions=hide_suggestions,
        **options,
    )


async def run_interpreted(executor: Executor[Any] | list[GraphQLError]) -> ExecutionResult:
    """The result of an operation, executed by graphql-core."""
    if isinstance(executor, list):
        return ExecutionResult(None, shortened(executor))
    executed: Any = executor.execute_operation()
    result: ExecutionResult = await executed if isawaitable(executed) else executed
    if result.errors and len(result.errors) > 1 and all(error.path for error in result.errors):
        # Of several errors that propagated to the same null, the last one caused it.
        by_position = {_position(result.data, error.path): error for error in result.errors}
        result = ExecutionResult(result.data, [by_position[position] for position in sorted(by_position)])
    return result


def _position(data: Any, path: Any) -> tuple[int, ...]:
    """The position in response order of the null that an error caused: an index per level, from the root down."""
    position = []
    for key in path:
        if data is None:
            break
        position.append(key if isinstance(key, int) else list(data).index(key))
        data = data[key]
    return tuple(position)
