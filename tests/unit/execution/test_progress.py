"""A mutation that graphql-core has to carry on: its resolvers ran once, and their values are completed anew."""

from __future__ import annotations

import pytest
import strawberry
from graphql import OperationType

from execution.engine import Engine

CALLS: list[str] = []


@strawberry.type
class Query:
    one: int = 1


@strawberry.type
class Mutation:
    @strawberry.mutation
    def once(self) -> list[int]:
        CALLS.append("once")
        return iter([1, 2, 3])  # type: ignore[return-value]

    @strawberry.mutation
    def wrong(self) -> list[int | None]:
        CALLS.append("wrong")
        return iter([1, "two", 3])  # type: ignore[return-value]


@pytest.mark.parametrize("compile_after", [None, 0])
async def test_a_list_that_can_be_gone_through_once_is_answered_whole(compile_after: int | None) -> None:
    CALLS.clear()
    engine = Engine(strawberry.Schema(query=Query, mutation=Mutation)._schema, compile_after=compile_after)
    result, *_ = await engine.run(
        "mutation { once wrong }",
        variables=None,
        operation_name=None,
        context=None,
        allowed_types=frozenset({OperationType.MUTATION}),
        introspection=True,
    )
    assert result.data == {"once": [1, 2, 3], "wrong": [1, None, 3]}
    assert [error.path for error in result.errors or ()] == [["wrong", 1]]
    assert CALLS == ["once", "wrong"]
