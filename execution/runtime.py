"""The functions that compiled operations call: deferred values, completion, and completion errors.

A field whose value is awaitable is null in its object until the value is resolved. All pending values of one level are
awaited together, so that batch loaders see all their keys at once. No task is created for a single value or a future.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from inspect import isawaitable, iscoroutine
from time import perf_counter
from typing import Any

from graphql import GraphQLSchema
from graphql.pyutils import is_iterable

from execution.pacing import PORTION_SECONDS

Pending = list[list[Any]]
"""Deferred fields: lists of the object (None until `attach`), the key, the awaitable value, and its completer."""

STARTED_TOGETHER = 1_000
"""How many values of one level are awaited together: all of these go on in one iteration of the event loop."""

LONGEST_LIST = 10_000
"""Longer lists are left to graphql-core, which gives up the event loop between their items."""

Completer = Callable[[Any, Pending], Any]


class CompletionError(Exception):
    """A value can't be completed; graphql-core reports why."""


class Info:
    """The part of Strawberry's and graphql-core's `Info` that resolvers of compiled operations can use."""

    __slots__ = ("_raw_info", "context", "field_name", "schema", "selected_fields", "variable_values")

    def __init__(self, context: Any, variable_values: Any, field: tuple[str, GraphQLSchema, Any]) -> None:
        self.context = context
        self.variable_values = variable_values
        self.field_name, self.schema, self.selected_fields = field
        self._raw_info = self

    @property
    def is_awaitable(self) -> Callable[[Any], bool]:
        """The function that recognizes awaitable values."""
        return isawaitable


synchronous_classes: set[type] = set()
"""Classes whose values are neither awaitables nor exceptions, collected by `is_synchronous`."""


def is_synchronous(value: Any) -> bool:
    """Whether a value is neither an awaitable nor an exception."""
    if value.__class__ in synchronous_classes:
        return True
    if isawaitable(value) or isinstance(value, Exception):
        return False
    synchronous_classes.add(value.__class__)
    return True


def complete_maybe_async(pending: Pending, key: str, value: Any, complete: Completer) -> Any:
    """Complete the value that a resolver returned, or defer it if it is awaitable."""
    if value.__class__ in synchronous_classes or is_synchronous(value):
        return complete(value, pending)
    if isinstance(value, Exception):
        raise value
    pending.append([None, key, value, complete])
    return None


def defer(pending: Pending, key: str, value: Any, complete: Completer) -> None:
    """Defer the awaitable value of a field."""
    pending.append([None, key, value, complete])


def attach(pending: Pending, start: int, made: dict[str, Any]) -> dict[str, Any]:
    """Attach the fields deferred since `start` that belong to no object yet to the object that was just made."""
    for index in range(start, len(pending)):
        if pending[index][0] is None:
            pending[index][0] = made
    return made


async def resolve_pending(pending: Pending) -> None:
    """Await and complete all deferred fields, level by level, and give up the event loop after each portion of time.

    Raises the first error once all started values of its level are done. Values are not cancelled: loaders share
    futures, and cancelling one would fail the other requests that await it.
    """
    end = perf_counter() + PORTION_SECONDS
    while pending:
        next_level: Pending = []
        try:
            if len(pending) == 1:
                owner, key, value, complete = pending.pop()
                owner[key] = complete(await value, next_level)
            else:
                while pending:
                    started, pending = pending[:STARTED_TOGETHER], pending[STARTED_TOGETHER:]
                    end = await _resolve_started(started, next_level, end)
        except BaseException:
            discard(pending)
            discard(next_level)
            raise
        pending = next_level


async def _resolve_started(pending: Pending, next_level: Pending, end: float) -> float:
    """Await and complete fields of one level; when the current portion of time ends."""
    futures = [asyncio.ensure_future(entry[2]) for entry in pending]
    try:
        for (owner, key, _, complete), future in zip(pending, futures, strict=True):
            value = future.result() if future.done() else await future
            owner[key] = complete(value, next_level)
            if perf_counter() >= end:
                await asyncio.sleep(0)
                end = perf_counter() + PORTION_SECONDS
    except BaseException as error:
        if not isinstance(error, Exception):
            for future in futures:
                future.cancel()
        await asyncio.gather(*futures, return_exceptions=True)
        raise
    return end


def discard(pending: Pending) -> None:
    """Discard deferred values that nothing will await."""
    for _, _, value, _ in pending:
        if iscoroutine(value):
            value.close()
        elif isinstance(value, asyncio.Future):
            value.add_done_callback(_retrieve_exception)


def _retrieve_exception(future: asyncio.Future[Any]) -> None:
    """Mark the exception of a discarded future as retrieved, so that asyncio does not log it."""
    if not future.cancelled():
        future.exception()


def fail(value: Any = None) -> None:
    """Raise CompletionError: null in a non-null position, or a value that is not of the schema's type."""
    if iscoroutine(value):
        value.close()
    raise CompletionError(value)


def list_items(value: Any) -> Iterable[Any]:
    """The items of a list. Raises CompletionError for other values, and for long lists."""
    if value.__class__ is list or value.__class__ is tuple:
        if len(value) > LONGEST_LIST:
            raise CompletionError(value)
        return value
    # Iterators are left to graphql-core: it may have to complete the value again, and they can't be consumed twice.
    if not is_iterable(value) or hasattr(value, "__aiter__") or hasattr(value, "__next__"):
        raise CompletionError(value)
    return value


def complete_abstract(type_name: Any, completers: Mapping[str, Completer], value: Any, pending: Pending) -> Any:
    """Complete a value of an interface or a union as the named object type."""
    complete = completers.get(type_name) if isinstance(type_name, str) else None
    if complete is None:
        raise CompletionError(value)
    return complete(value, pending)


HELPERS: Mapping[str, Any] = {
    "synchronous_classes": synchronous_classes,
    **{
        helper.__name__: helper
        for helper in (
            Info,
            attach,
            complete_abstract,
            complete_maybe_async,
            defer,
            discard,
            fail,
            is_synchronous,
            list_items,
            resolve_pending,
        )
    },
}
"""The names that generated code refers to."""
