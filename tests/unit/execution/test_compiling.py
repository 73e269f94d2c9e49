"""What is compiled, when, and what it leaves in memory."""

from __future__ import annotations

import asyncio
import gc
import re
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import OperationType, parse

from execution import documents
from execution.compiler import compile_operation
from execution.engine import Engine, ExecutionPath
from execution.inputs import InputTypes
from execution.lookahead import asks_for, selected_fields
from execution.operations import MAX_VARIANTS as VARIANTS
from schema.root.schema import build_schema

ALL = frozenset({OperationType.QUERY, OperationType.MUTATION})
SEEN: list[Any] = []


@strawberry.type
class Leaf:
    name: str
    size: int


@strawberry.type
class Branch:
    name: str

    @strawberry.field
    def leaves(self, info: strawberry.Info) -> list[Leaf]:
        SEEN.append(selected_fields(info))
        return [Leaf(name=f"{self.name}{n}", size=n) for n in range(2)]


@strawberry.type
class Query:
    @strawberry.field
    async def branch(self, name: str = "a") -> Branch:
        return Branch(name=name)


TREE = strawberry.Schema(query=Query)._schema


def taken(engine: Engine, query: str, **variables: Any) -> tuple[dict[str, Any] | None, ExecutionPath | None]:
    result, _, path, *_ = asyncio.run(
        engine.run(query, variables=variables, operation_name=None, context=None, allowed_types=ALL, introspection=True)
    )
    assert result.errors is None, result.errors
    return result.data, path


def run(engine: Engine, query: str, **variables: Any) -> dict[str, Any] | None:
    return taken(engine, query, **variables)[0]


def test_an_operation_is_compiled_when_it_is_run_again() -> None:
    engine = Engine(TREE)
    runs = [taken(engine, "{ branch { name leaves { size } } }") for _ in range(3)]
    assert [answer for answer, _ in runs] == [{"branch": {"name": "a", "leaves": [{"size": 0}, {"size": 1}]}}] * 3
    assert [path for _, path in runs] == [ExecutionPath.INTERPRETED, ExecutionPath.COMPILED, ExecutionPath.COMPILED]


def test_the_keys_of_an_answer_are_in_the_order_of_the_operation() -> None:
    query = "{ branch { leaves { size } name ... on Branch { leaves { name } again: name } } }"
    plain, compiled = run(Engine(TREE), query), run(Engine(TREE, compile_after=0), query)
    assert str(compiled) == str(plain)
    assert list((compiled or {})["branch"]) == ["leaves", "name", "again"]


def test_every_choice_of_directives_has_a_program_up_to_a_bound() -> None:
    names = ["abcdefgh"[n] for n in range(4)]
    assert 2 ** len(names) > VARIANTS
    declared = " ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: name @include(if: ${name})" for name in names)
    query = f"query ({declared}) {{ branch {{ {fields} name }} }}"
    engine = Engine(TREE, compile_after=0)
    paths = Counter[ExecutionPath | None]()
    for choice in range(2 ** len(names)):
        chosen = {name: bool(choice >> n & 1) for n, name in enumerate(names)}
        expected = {name: "a" for name in names if chosen[name]} | {"name": "a"}
        answer, path = taken(engine, query, **chosen)
        assert answer == {"branch": expected}
        paths[path] += 1
    assert paths == {ExecutionPath.COMPILED: VARIANTS, ExecutionPath.INTERPRETED: 2 ** len(names) - VARIANTS}


def test_a_variable_that_is_absent_is_not_null() -> None:
    query = "query ($name: String) { branch(name: $name) { name } }"
    query_with_default = 'query ($name: String! = "b") { branch(name: $name) { name } }'
    engine = Engine(TREE, compile_after=0)
    assert run(engine, query_with_default) == {"branch": {"name": "b"}}
    assert run(engine, query_with_default, name="c") == {"branch": {"name": "c"}}
    assert run(engine, query) == {"branch": {"name": "a"}}


@pytest.mark.parametrize("compile_after", [0, None])
def test_look_ahead_is_the_same_on_both_execution_paths(compile_after: int | None) -> None:
    SEEN.clear()
    query = """
    query ($no: Boolean = false) {
      branch { leaves { ...Sized name @include(if: $no) } }
    }
    fragment Sized on Leaf { __typename ... on Leaf { big: size @skip(if: $no) } }
    """
    run(Engine(TREE, compile_after=compile_after), query)
    assert SEEN == [{"__typename": {}, "size": {}}]
    assert asks_for({"nodes": {"series": {"name": {}}}}, "edges.node.series", "nodes.series")
    assert not asks_for({"nodes": {}}, "nodes.series", "series")


def test_introspection_is_never_compiled() -> None:
    engine = Engine(TREE, compile_after=0)
    answer = {"__schema": {"queryType": {"name": "Query"}}}
    assert taken(engine, "{ __schema { queryType { name } } }") == (answer, ExecutionPath.INTERPRETED)


def test_documents_in_a_row_leave_no_more_than_the_cache_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_CACHED_DOCUMENTS", 20)
    engine = Engine(TREE, compile_after=0)

    def fill(start: int) -> int:
        for n in range(start, start + 40):
            run(engine, f'{{ branch(name: "{n:03}") {{ name again: name }} }}')
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        half, whole = fill(0), fill(40)
    finally:
        tracemalloc.stop()
    assert len(engine.documents) == 20
    assert whole < half * 1.1


def test_the_page_on_execution_shows_what_is_generated() -> None:
    page = (Path(__file__).parents[3] / "docs" / "execution.md").read_text()
    query, shown = (re.findall(f"```{language}\n(.*?)```", page, re.DOTALL)[0] for language in ("graphql", "text"))
    document: Any = parse(query)
    program = compile_operation(InputTypes(build_schema()._schema), document, document.definitions[0], {"id": "x"})
    assert shown == program.source
