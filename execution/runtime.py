"""What a compiled operation calls while it runs: values that come later, completion, and what can go wrong.

A field whose value comes later is first null in its object; where the value belongs is kept in a list of what is
pending. All that is pending at one level is awaited together, so that loaders see all of its keys at once, and no task
is made for a value that comes alone or is a future already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from inspect import isawaitable, iscoroutine
from typing import Any

from graphql import GraphQLSchema
from graphql.pyutils import is_iterable

Pending = list[list[Any]]
"""What is awaited: each a list of the object (null until it is made), the key, the awaitable, and the completion."""

Complete = Callable[[Any, Pending], Any]


class Incomplete(Exception):
    """A value can't be completed; graphql-core says why."""


class Info:
    """What a resolver may ask of the field that it is called for: Strawberry's Info and graphql-core's, in short."""

    __slots__ = ("_raw_info", "context", "field_name", "schema", "selected", "variable_values")

    def __init__(self, context: Any, variable_values: Any, facts: tuple[str, GraphQLSchema, Any]) -> None:
        self.context = context
        self.variable_values = variable_values
        self.field_name, self.schema, self.selected = facts
        self._raw_info = self

    @property
    def is_awaitable(self) -> Callable[[Any], bool]:
        """What tells an awaitable value."""
        return isawaitable


known: set[type] = set()
"""Classes whose values were found to be neither awaited nor raised."""


def immediate(value: Any) -> bool:
    """Whether a value is neither awaited nor raised. A class is looked at once."""
    if value.__class__ in known:
        return True
    if isawaitable(value) or isinstance(value, Exception):
        return False
    known.add(value.__class__)
    return True


def late(pending: Pending, key: str, value: Any, complete: Complete) -> Any:
    """What a plain function returned: completed, or null until it is there."""
    if value.__class__ in known or immediate(value):
        return complete(value, pending)
    if isinstance(value, Exception):
        raise value
    pending.append([None, key, value, complete])
    return None


def wait(pending: Pending, key: str, value: Any, complete: Complete) -> None:
    """What an async function returned: null until it is there."""
    pending.append([None, key, value, complete])


def own(pending: Pending, mark: int, made: dict[str, Any]) -> dict[str, Any]:
    """An object that was just made, and to which belongs whatever is pending since the mark and belongs to none."""
    for index in range(mark, len(pending)):
        if pending[index][0] is None:
            pending[index][0] = made
    return made


async def settle(pending: Pending) -> None:
    """Await everything, level by level. Raises the first failure, once nothing of its level is on its way any more.

    What was begun is not cancelled: loaders share futures, and a cancelled one would fail whoever asks again.
    """
    while pending:
        ahead: Pending = []
        futures: list[asyncio.Future[Any]] = []
        try:
            if len(pending) == 1:
                owner, key, value, complete = pending.pop()
                owner[key] = complete(await value, ahead)
            else:
                futures = [asyncio.ensure_future(entry[2]) for entry in pending]
                for (owner, key, _, complete), future in zip(pending, futures, strict=True):
                    value = future.result() if future.done() else await future
                    owner[key] = complete(value, ahead)
        except BaseException as error:
            drop(ahead)
            if not isinstance(error, Exception):
                for future in futures:
                    future.cancel()
            await asyncio.gather(*futures, return_exceptions=True)
            raise
        pending = ahead


def drop(pending: Pending) -> None:
    """Give up what was not begun, and nobody awaits any more."""
    for _, _, value, _ in pending:
        if iscoroutine(value):
            value.close()
        elif isinstance(value, asyncio.Future):
            value.add_done_callback(_note)


def _note(future: asyncio.Future[Any]) -> None:
    """Look at a failure that nobody else does, or asyncio complains."""
    if not future.cancelled():
        future.exception()


def null() -> None:
    """Null where the schema has none."""
    raise Incomplete


def wrong(value: Any) -> None:
    """A value of another type than the schema has."""
    if iscoroutine(value):
        value.close()
    raise Incomplete(value)


def rows(value: Any) -> Iterable[Any]:
    """The items of a list."""
    if value.__class__ is list or value.__class__ is tuple:
        return value
    # What can be gone through only once is left to graphql-core whole: it may have to complete the value again.
    if not is_iterable(value) or hasattr(value, "__aiter__") or hasattr(value, "__next__"):
        raise Incomplete(value)
    return value


def chosen(name: Any, completions: Mapping[str, Complete], value: Any, pending: Pending) -> Any:
    """A value of an interface or a union, completed as the type that it was found to be."""
    complete = completions.get(name) if isinstance(name, str) else None
    if complete is None:
        raise Incomplete(value)
    return complete(value, pending)


HELPERS: Mapping[str, Any] = {
    "known": known,
    **{
        helper.__name__: helper
        for helper in (Info, chosen, drop, immediate, late, null, own, rows, settle, wait, wrong)
    },
}
"""The names that generated code counts on."""
