"""Events of subscriptions have the same responses whether they are compiled or interpreted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import strawberry
from graphql import OperationType

from execution import subscriptions
from execution.engine import Engine
from execution.interpreter import run_interpreted

ONLY = frozenset({OperationType.SUBSCRIPTION})


@strawberry.type
class Count:
    number: int

    @strawberry.field
    def half(self) -> int:
        if self.number % 2:
            raise ValueError(f"{self.number} is odd")
        return self.number // 2

    @strawberry.field
    async def plus(self, amount: int = 1) -> int:
        return self.number + amount


@strawberry.type
class Query:
    ready: bool = True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncGenerator[Count, None]:
        for number in range(to):
            yield Count(number=number)

    @strawberry.subscription
    async def maybe(self) -> AsyncGenerator[Count | None, None]:
        yield None
        yield Count(number=2)
        yield None


SCHEMA = strawberry.Schema(query=Query, subscription=Subscription)._schema
DOCUMENTS = {
    "a value": "subscription ($to: Int = 4) { count(to: $to) { number } }",
    "an alias, a fragment": "subscription { c: count(to: 4) { ...N again: number } } fragment N on Count { number }",
    "async fields": "subscription ($n: Int = 5) { count(to: 4) { __typename plus(amount: $n) plain: plus } }",
    "a field that fails": "subscription { count(to: 4) { half number } }",
    "null": "subscription { maybe { number plus } }",
}


async def _responses(engine: Engine, query: str) -> list[tuple[Any, Any]]:
    result = await engine.run(
        query, variables=None, operation_name=None, context=None, allowed_types=ONLY, introspection=True
    )
    assert result.stream is not None
    return [(event.data, event.errors and [error.formatted for error in event.errors]) async for event in result.stream]


@pytest.mark.parametrize("query", DOCUMENTS.values(), ids=DOCUMENTS)
def test_events_have_one_response(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = asyncio.run(_responses(Engine(SCHEMA, compile_after=None), query))
    interpreted = []

    async def count_interpreted(executor: Any) -> Any:
        interpreted.append(executor)
        return await run_interpreted(executor)

    monkeypatch.setattr(subscriptions, "run_interpreted", count_interpreted)
    engine = Engine(SCHEMA)
    assert asyncio.run(_responses(engine, query)) == expected
    failed = sum(errors is not None for _, errors in expected)
    # The first event, and those with an error.
    assert len(interpreted) == 1 + failed
    assert asyncio.run(_responses(engine, query)) == expected
    assert len(interpreted) == 1 + 2 * failed


def test_the_responses_are_those_of_the_events() -> None:
    engine = Engine(SCHEMA)
    assert asyncio.run(_responses(engine, DOCUMENTS["async fields"])) == [
        ({"count": {"__typename": "Count", "plus": n + 5, "plain": n + 1}}, None) for n in range(4)
    ]
    odd = [
        {"message": f"{n} is odd", "locations": [{"line": 1, "column": 31}], "path": ["count", "half"]} for n in (1, 3)
    ]
    assert asyncio.run(_responses(engine, DOCUMENTS["a field that fails"])) == [
        ({"count": {"half": 0, "number": 0}}, None),
        (None, [odd[0]]),
        ({"count": {"half": 1, "number": 2}}, None),
        (None, [odd[1]]),
    ]
