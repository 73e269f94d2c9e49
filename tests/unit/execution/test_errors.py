"""Which errors are told does not depend on what failed first: one for each null, in the order of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import permutations

import pytest
import strawberry
from graphql import (
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
)

from execution.engine import Engine, ExecutionPath

TURNS: dict[str, int] = {}
"""How many turns of the event loop each field takes."""


async def fail(name: str) -> None:
    for _ in range(TURNS.get(name, 0)):
        await asyncio.sleep(0)
    raise ValueError(name)


@strawberry.type
class Thing:
    name: strawberry.Private[str]

    @strawberry.field
    async def first(self) -> int:
        await fail(f"{self.name}.first")
        return 0

    @strawberry.field
    async def second(self) -> int:
        await fail(f"{self.name}.second")
        return 0

    @strawberry.field
    async def open(self) -> int | None:
        await fail(f"{self.name}.open")
        return 0

    @strawberry.field
    def now(self) -> int:
        raise ValueError(f"{self.name}.now")

    @strawberry.field
    def either(self) -> int:
        if self.name == "x":
            return fail("x.either")  # type: ignore[return-value]
        raise ValueError(f"{self.name}.either")

    @strawberry.field
    async def good(self) -> int:
        await asyncio.sleep(0)
        return 1


@strawberry.type
class Query:
    @strawberry.field
    async def thing(self, name: str) -> Thing | None:
        return Thing(name=name)

    @strawberry.field
    async def sure(self, name: str) -> Thing:
        return Thing(name=name)

    @strawberry.field
    def things(self) -> list[Thing | None]:
        return [Thing(name=name) for name in "xyz"]

    @strawberry.field
    def sure_things(self) -> list[Thing] | None:
        return [Thing(name=name) for name in "xyz"]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def change(self, name: str) -> Thing | None:
        return Thing(name=name)


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation)._schema


@pytest.mark.parametrize(
    ("query", "fields", "data", "told"),
    [
        (
            '{ a: thing(name: "a") { open } b: thing(name: "b") { open } }',
            ("a.open", "b.open"),
            {"a": {"open": None}, "b": {"open": None}},
            [("a.open", ["a", "open"]), ("b.open", ["b", "open"])],
        ),
        ('{ thing(name: "a") { first second } }', ("a.first", "a.second"), {"thing": None}, ["a.first"]),
        ('{ thing(name: "a") { second good first } }', ("a.first", "a.second"), {"thing": None}, ["a.second"]),
        ('{ thing(name: "a") { open first } }', ("a.open", "a.first"), {"thing": None}, ["a.first"]),
        ('{ thing(name: "a") { first now } }', ("a.first",), {"thing": None}, ["a.first"]),
        ('{ thing(name: "a") { now first } }', ("a.first",), {"thing": None}, ["a.now"]),
        ("{ sureThings { either } }", ("x.either",), {"sureThings": None}, ["x.either"]),
        ("{ things { either } }", ("x.either",), {"things": [None] * 3}, ["x.either", "y.either", "z.either"]),
        (
            '{ a: sure(name: "a") { first } b: sure(name: "b") { first } }',
            ("a.first", "b.first"),
            None,
            ["a.first"],
        ),
        ("{ things { first } }", ("x.first", "y.first", "z.first"), {"things": [None] * 3}, None),
        ("{ sureThings { good first } }", ("x.first", "y.first", "z.first"), {"sureThings": None}, ["x.first"]),
        (
            'mutation { a: change(name: "a") { first second } b: change(name: "b") { open second } }',
            ("a.first", "a.second", "b.open", "b.second"),
            {"a": None, "b": None},
            ["a.first", "b.second"],
        ),
    ],
)
@pytest.mark.parametrize("compile_after", [None, 0])
async def test_the_same_errors_are_told_whichever_field_fails_first(
    query: str,
    fields: tuple[str, ...],
    data: object,
    told: list[str] | list[tuple[str, list[str]]] | None,
    compile_after: int | None,
) -> None:
    engine = Engine(SCHEMA, compile_after=compile_after)
    for order in permutations(range(len(fields))):
        TURNS.update({name: 3 * turns for name, turns in zip(fields, order, strict=True)})
        result, _, path, *_ = await engine.run(
            query,
            variables=None,
            operation_name=None,
            context=None,
            allowed_types=frozenset({OperationType.QUERY, OperationType.MUTATION}),
            introspection=True,
        )
        assert path is (ExecutionPath.INTERPRETED if compile_after is None else ExecutionPath.FALLBACK)
        assert result.data == data
        found = [(error.message, list(error.path or ())) for error in result.errors or ()]
        if told is None:
            assert found == [(name, ["things", index, "first"]) for index, name in enumerate(fields)]
        else:
            assert [message for message, _ in found] == [one if isinstance(one, str) else one[0] for one in told]
            assert all(entry in found for entry in told if not isinstance(entry, str))


async def test_a_list_that_comes_one_after_the_other_is_null_where_one_of_it_may_not_be() -> None:
    async def resolve(_source: object, _info: object) -> AsyncIterator[dict[str, int]]:
        yield {"x": 1}
        yield {}

    item = GraphQLObjectType("Item", {"x": GraphQLField(GraphQLNonNull(GraphQLInt))})
    items = GraphQLField(GraphQLList(GraphQLNonNull(item)), resolve=resolve)
    schema = GraphQLSchema(GraphQLObjectType("Query", {"items": items}))
    for compile_after in (None, 0):
        result, *_ = await Engine(schema, compile_after=compile_after).run(
            "{ items { x } }",
            variables=None,
            operation_name=None,
            context=None,
            allowed_types=frozenset({OperationType.QUERY}),
            introspection=True,
        )
        assert result.data == {"items": None}
        assert [error.path for error in result.errors or ()] == [["items", 1, "x"]]
