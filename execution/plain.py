"""The plain road: graphql-core runs the operation, and always tells the same errors.

Where several fields fail, graphql-core tells what failed first, which depends on whom the database answers first. Here
every place that is null because of errors has one error, that of the first field in the order of the answer, and the
errors stand in that order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, Executor, OperationType, execute
from graphql.pyutils import Path

from execution.plans import Plan


class Orderly(Executor[Any]):
    """graphql-core's execution; what belongs together comes to its end before the first failure is raised."""

    def execute_fields(self, *args: Any) -> Any:
        """The fields of an object."""
        made = super().execute_fields(*args)
        return _awaited(made) if isawaitable(made) else _whole(made)

    def execute_field(
        self, parent_type: Any, source: Any, field_details_list: Any, path: Path, position_context: Any
    ) -> Any:
        """A field. The root fields of a mutation come one by one, and raise for themselves."""
        alone = path.prev is None and self.operation.operation is OperationType.MUTATION
        try:
            made = super().execute_field(parent_type, source, field_details_list, path, position_context)
        except Exception as error:
            if alone:
                raise
            return _Failure(error)
        return _held(made) if isawaitable(made) and not alone else made

    def complete_iterable_value(self, *args: Any) -> Any:
        """The items of a list."""
        made = super().complete_iterable_value(*args)
        return _awaited(made) if isawaitable(made) else _whole(made)

    async def complete_async_iterator_value(self, *args: Any) -> Any:
        """The items of a list that come one after the other."""
        return _whole(await super().complete_async_iterator_value(*args))

    def complete_list_item_value(self, item: Any, complete_results: list[Any], *args: Any) -> bool:
        """An item that is there."""
        try:
            comes = super().complete_list_item_value(item, complete_results, *args)
        except Exception as error:  # noqa: BLE001 - raised when its turn comes
            complete_results.append(_Failure(error))
            return False
        if comes:
            complete_results[-1] = _held(complete_results[-1])
        return comes

    async def complete_awaitable_list_item_value(self, *args: Any) -> Any:
        """An item that is awaited."""
        return await _held(super().complete_awaitable_list_item_value(*args))


class _Failure:
    """In place of a value: what was raised instead."""

    def __init__(self, error: Exception) -> None:
        self.error = error


async def _held(awaitable: Awaitable[Any]) -> Any:
    try:
        return await awaitable
    except Exception as error:  # noqa: BLE001 - raised when its turn comes
        return _Failure(error)


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return _whole(await awaitable)


def _whole(made: Any) -> Any:
    """An object or a list, of which all is there. Raises the first failure."""
    for value in made.values() if isinstance(made, dict) else made:
        if value.__class__ is _Failure:
            raise value.error
    return made


async def run_plain(
    plan: Plan,
    variables: Mapping[str, Any],
    context: Any,
    *,
    hide_suggestions: bool,
    executor_class: type[Executor[Any]] = Orderly,
    **more: Any,
) -> ExecutionResult:
    """The result of an operation, by graphql-core; `more` goes to the executor."""
    made = execute(
        plan.schema,
        plan.document,
        context_value=context,
        variable_values=dict(variables),
        operation_name=plan.name,
        hide_suggestions=hide_suggestions,
        executor_class=executor_class,
        **more,
    )
    result = await made if isawaitable(made) else made
    if result.errors and len(result.errors) > 1 and all(error.path for error in result.errors):
        # Of several errors that led to one null, the last is the one that made it so.
        by_place = {_place(result.data, error.path): error for error in result.errors}
        result = ExecutionResult(result.data, [by_place[place] for place in sorted(by_place)])
    return result


def _place(data: Any, path: Any) -> tuple[int, ...]:
    """Where an error made a null, as positions in the answer from the root down."""
    place = []
    for key in path:
        if data is None:
            break
        place.append(key if isinstance(key, int) else list(data).index(key))
        data = data[key]
    return tuple(place)
