"""Input values are read and converted as graphql-core and Strawberry do it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import pytest
import strawberry
from graphql import GraphQLSchema, OperationType, Undefined, coerce_input_value, parse
from hypothesis import given
from hypothesis import strategies as st
from strawberry.types.arguments import convert_argument

from execution.arguments import ArgumentCoercion, VariableCoercion
from execution.engine import Engine, ExecutionPath
from execution.inputs import InputTypes, InvalidVariables


@strawberry.enum
class Color(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.input(one_of=True)
class Choice:
    name: str | None = strawberry.UNSET
    size: int | None = strawberry.UNSET


@strawberry.input
class Wish:
    id: strawberry.ID
    many: list[int | None]
    given_name: str = "nobody"
    color: Color | None = Color.RED
    share: float | None = None
    choice: Choice | None = strawberry.UNSET
    inner: list["Wish"] | None = strawberry.UNSET  # noqa: UP037 - the class is not there yet


@strawberry.type
class Query:
    @strawberry.field
    def seen(self, wish: Wish | None = strawberry.UNSET) -> str:
        return repr(wish)


BUILT = strawberry.Schema(query=Query)
SCHEMA: GraphQLSchema = BUILT._schema
TYPE: Any = SCHEMA.type_map["Wish"]

leaves = st.none() | st.booleans() | st.integers(-(2**32), 2**32) | st.floats() | st.sampled_from(["RED", "x", ""])
names = st.sampled_from([*TYPE.fields, "name", "size", "other"])


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5)


choices: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"name": st.text(max_size=2) | st.none()}),
    st.fixed_dictionaries({"size": st.integers(0, 9), "name": st.just("both")}),
    st.just({}),
)
wishes = st.recursive(
    st.fixed_dictionaries(
        {
            "id": st.text(max_size=3) | st.integers(0, 9),
            "many": st.lists(st.integers() | st.none(), max_size=3) | leaves,
        },
        optional={"givenName": leaves, "color": leaves, "share": leaves, "choice": choices},
    ),
    lambda wish: st.builds(lambda outer, inner: outer | {"inner": inner}, wish, st.lists(wish, max_size=2) | wish),
    max_leaves=4,
)


def outcome(read: Callable[[], Any]) -> Any:
    """What is read, or Undefined where it fails, whatever the failure."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - any failure means the same
        return Undefined


@given(wishes | st.recursive(leaves, nested, max_leaves=8))
def test_a_value_is_read_and_converted_as_the_libraries_do(raw: Any) -> None:
    inputs = InputTypes(SCHEMA)
    coerced = outcome(lambda: coerce_input_value(raw, TYPE))
    expected = convert_argument(coerced, Wish, inputs.scalars, BUILT.config) if coerced is not Undefined else coerced
    assert repr(outcome(lambda: inputs.json_coercion(TYPE)(raw))) == repr(expected)


LITERALS = [
    "$wish",
    "{id: $id, many: $many}",
    "{id: $id, many: [1, $one, null]}",
    '{id: "i", many: [], givenName: $name, color: $color, inner: [{id: $id, many: 1}]}',
    '{id: "i", many: [], choice: {name: $name}}',
    '{id: "i", many: [], choice: {size: $size}, share: $share}',
    '{id: "i", many: [], inner: {id: $id, many: [], inner: $inner}}',
]
DECLARED = (
    '($wish: Wish, $id: ID! = "d", $many: [Int]! = [7], $one: Int, $size: Int!, $name: String! = "n", $color: Color,'
    " $share: Float, $inner: [Wish!])"
)
values = st.fixed_dictionaries(
    {},
    optional={
        "wish": wishes | st.none(),
        "id": st.text(max_size=3) | st.integers(0, 9) | st.none(),
        "many": st.lists(st.integers(0, 9) | st.none(), max_size=3) | st.integers(0, 9),
        "one": st.integers(0, 9) | st.none(),
        "size": st.integers(0, 9) | st.none(),
        "name": st.text(max_size=3),
        "color": st.sampled_from(["RED", "BLUE", "GREEN", None]),
        "share": st.floats(0, 1) | st.integers(0, 1) | st.none(),
        "inner": st.lists(wishes, max_size=2) | st.none(),
    },
)


@pytest.mark.parametrize("literal", LITERALS)
@given(raw=values)
def test_a_literal_with_variables_is_what_a_server_without_a_compiler_takes_it_for(
    literal: str, raw: dict[str, Any]
) -> None:
    used = [part for part in DECLARED.strip("()").split(", ") if part.split(":")[0] in literal.replace("{", " ")]
    query = f"query ({', '.join(used)}) {{ seen(wish: {literal}) }}"
    plain = BUILT.execute_sync(query, variable_values=raw)
    inputs, operation = InputTypes(SCHEMA), parse(query).definitions[0]
    definition: Any = SCHEMA.query_type.fields["seen"]  # type: ignore[union-attr]
    try:
        values = VariableCoercion(inputs, operation).coerce(raw)  # type: ignore[arg-type]
        node = operation.selection_set.selections[0]  # type: ignore[attr-defined]
        arguments = ArgumentCoercion(inputs, definition, definition.extensions["strawberry-definition"], node)(values)
    except Exception:  # noqa: BLE001 - any failure means the same
        assert plain.errors
    else:
        assert not plain.errors
        assert plain.data == {"seen": repr(arguments.get("wish", strawberry.UNSET))}


def test_a_variable_that_is_missing_or_does_not_fit_is_left_to_graphql_core() -> None:
    operation: Any = parse("query ($id: ID!, $many: [Int!] = [1]) { seen }").definitions[0]
    variables = VariableCoercion(InputTypes(SCHEMA), operation)
    assert variables.coerce({"id": 5}) == {"id": "5", "many": [1]}
    wrong: list[dict[str, Any]] = [{}, {"id": None}, {"id": "i", "many": [None]}, {"id": []}]
    for raw in wrong:
        with pytest.raises(InvalidVariables):
            variables.coerce(raw)


@strawberry.input
class Change:
    size: strawberry.Maybe[int | None]
    name: str | None


@strawberry.type
class Odd:
    @strawberry.field
    def change(self, change: Change) -> str:
        return repr(change)

    @strawberry.field
    def size(self, size: strawberry.Maybe[int | None] = None) -> str:
        return repr(size)

    @strawberry.field
    def named(self, ids: list[strawberry.relay.GlobalID]) -> str:
        return repr(ids)


@pytest.mark.parametrize(
    ("query", "variables", "path"),
    [
        ("query ($v: Change!) { change(change: $v) }", {"v": {"size": None, "name": "x"}}, ExecutionPath.INTERPRETED),
        ("query ($v: Int) { change(change: {size: $v}) }", {"v": 1}, ExecutionPath.INTERPRETED),
        ("query ($v: Int) { size(size: $v) }", {"v": 1}, ExecutionPath.INTERPRETED),
        ("query ($v: Int) { size(size: $v) }", {}, ExecutionPath.INTERPRETED),
        ("query ($v: ID!) { named(ids: [$v]) }", {"v": "VGhpbmc6MQ=="}, ExecutionPath.INTERPRETED),
        ('query { named(ids: ["VGhpbmc6MQ=="]) }', {}, ExecutionPath.COMPILED),
    ],
)
async def test_what_strawberry_takes_for_something_else_than_graphql_says_is_left_to_it(
    query: str, variables: dict[str, Any], path: ExecutionPath
) -> None:
    built = strawberry.Schema(query=Odd)
    engine = Engine(built._schema, compile_after=0)
    run = await engine.run(
        query,
        variables=variables,
        operation_name=None,
        context=None,
        allowed_types=frozenset({OperationType.QUERY}),
        introspection=True,
    )
    plain = built.execute_sync(query, variable_values=variables)
    assert plain.errors is None
    assert run.result.data == plain.data
    assert run.path is path
