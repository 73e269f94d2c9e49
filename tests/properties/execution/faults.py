"""What can go wrong at a field: whatever a resolver raises, and values that no field of its type should have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    get_named_type,
)

from domain.errors import InvalidInput, Unauthenticated


class Kind(Enum):
    """What goes wrong."""

    RAISE = "an ordinary exception"
    TELL = "a GraphQLError with extensions"
    TELL_SHORTLY = "a GraphQLError without extensions"
    REFUSE = "a refusal"
    TURN_AWAY = "nobody is signed in"
    RETURN = "an exception that is returned instead of raised"
    RAISE_LATER = "an exception out of an awaitable"
    NULL = "null"
    NULL_LATER = "null out of an awaitable"
    ODD = "a value that the type has or has not, of a class that it usually hasn't"


class Stranger:
    """A value that no type knows; it is written the same wherever it is."""

    def __repr__(self) -> str:
        return "<a stranger>"


class OddText(str):
    """A text of a class of its own."""

    __slots__ = ()


class OddNumber(int):
    """A number of a class of its own."""

    __slots__ = ()


async def _one_by_one(items: Sequence[Any]) -> AsyncIterator[Any]:
    for item in items:
        await asyncio.sleep(0)
        yield item


_LEAVES: tuple[Any, ...] = (
    Stranger(),
    Undefined,
    "text",
    OddText("odd"),
    "",
    5,
    OddNumber(7),
    2**40,
    2**31,
    -1,
    1.0,
    1.5,
    float("nan"),
    float("inf"),
    True,
    [],
    ["a"],
    {"a": 1},
    b"bytes",
)
_LISTS: tuple[Callable[[Sequence[Any]], Any], ...] = (
    tuple,
    iter,
    lambda items: (item for item in items),
    lambda items: dict.fromkeys(range(len(items))).keys(),
    _one_by_one,
    lambda items: [*items, None],
    lambda items: [None, *items],
    lambda items: [*items, Stranger()],
    lambda items: [*items, RuntimeError("an item")],
    lambda _: 5,
    lambda _: "text",
    lambda _: {"a": 1},
    lambda _: Stranger(),
    lambda _: [],
)


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong at a field, on every so-manieth row; `after` its resolver has done its work."""

    field: str
    kind: Kind
    every: int
    variant: int
    after: bool

    @property
    def needs_value(self) -> bool:
        """Whether the resolver is called all the same."""
        return self.after or self.kind is Kind.ODD

    def strike(self, type_: Any, value: Any) -> Any:
        """Fail as it is meant to, for a field of this type that would have had this value."""
        if self.kind is Kind.ODD:
            return self._odd(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, value)
        failure = _FAILURES.get(self.kind)
        if failure is not None:
            raise failure()
        return _VALUES[self.kind]()

    def _odd(self, type_: Any, value: Any) -> Any:
        if isinstance(type_, GraphQLList):
            return _LISTS[self.variant % len(_LISTS)](value if isinstance(value, list) else [])
        if isinstance(get_named_type(type_), GraphQLObjectType):
            return Stranger()
        if isinstance(type_, GraphQLEnumType) and self.variant % 2:
            return next(iter(type_.values.values())).value
        return _LEAVES[self.variant % len(_LEAVES)]


class Later:
    """An awaitable that fails or comes to nothing; no coroutine is made until it is awaited."""

    def __init__(self, failure: Exception | None) -> None:
        self._failure = failure

    def __await__(self) -> Generator[Any, None, None]:
        yield from asyncio.sleep(0).__await__()
        if self._failure is not None:
            raise self._failure


_FAILURES: dict[Kind, Callable[[], Exception]] = {
    Kind.RAISE: lambda: RuntimeError("broken on purpose"),
    Kind.TELL: lambda: GraphQLError("told on purpose", extensions={"code": "TEAPOT", "more": [1, {"a": None}]}),
    Kind.TELL_SHORTLY: lambda: GraphQLError("told on purpose"),
    Kind.REFUSE: lambda: InvalidInput("refused on purpose", path=("input", "tag")),
    Kind.TURN_AWAY: Unauthenticated,
}
_VALUES: dict[Kind, Callable[[], Any]] = {
    Kind.RETURN: lambda: LookupError("returned on purpose"),
    Kind.RAISE_LATER: lambda: Later(RuntimeError("broken on purpose, later")),
    Kind.NULL: lambda: None,
    Kind.NULL_LATER: lambda: Later(None),
}
