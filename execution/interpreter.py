"""Run operations with graphql-core, reporting the same errors on every run.

If several fields fail, graphql-core reports those that fail first, which depends on timing. Here each null caused by
errors is reported with one error, that of the first failing field in response order, and errors are in response order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, Executor, OperationType, execute
from graphql.pyutils import Path

from execution.operations import PreparedOperation


class DeterministicExecutor(Executor[Any]):
    """graphql-core's executor, which waits for all fields of an object or items of a list before it raises an error."""

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
        """Complete a list item."""
        try:
            is_awaitable = super().complete_list_item_value(item, complete_results, *args)
        except Exception as error:  # noqa: BLE001 - raised with the list
            complete_results.append(_FieldError(error))
            return False
        if is_awaitable:
            complete_results[-1] = _capture_error(complete_results[-1])
        return is_awaitable

    async def complete_awaitable_list_item_value(self, *args: Any) -> Any:
        """Complete an awaitable list item."""
        return await _capture_error(super().complete_awaitable_list_item_value(*args))


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


async def run_interpreted(
    operation: PreparedOperation,
    variables: Mapping[str, Any],
    context: Any,
    *,
    hide_suggestions: bool,
    executor_class: type[Executor[Any]] = DeterministicExecutor,
    **options: Any,
) -> ExecutionResult:
    """The result of an operation, executed by graphql-core; the options are passed to the executor."""
    executed = execute(
        operation.schema,
        operation.document,
        context_value=context,
        variable_values=dict(variables),
        operation_name=operation.name,
        hide_suggestions=hide_suggestions,
        executor_class=executor_class,
        **options,
    )
    result = await executed if isawaitable(executed) else executed
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
