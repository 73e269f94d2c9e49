"""What one operation may ask for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationType, build_schema

from execution import documents
from execution.declarations import ROWS_OF_PAGE
from execution.documents import DocumentCache, InvalidDocument
from execution.engine import Engine, OperationTypeNotAllowed
from execution.operations import PreparedOperation

SCHEMA: GraphQLSchema = build_schema(
    """
    type Node { id: ID, name: String, children(first: Int = 50): Page, tags: [Node], parent: Node }
    type Page { nodes: [Node], edges: [Edge], totalCount: Int }
    type Edge { node: Node }
    type Query { root: Node, roots: [Node] }
    type Mutation { touch: Int }
    """
)

PAGE: Any = SCHEMA.type_map["Page"]
PAGE.fields["nodes"].extensions["strawberry-definition"] = SimpleNamespace(metadata=ROWS_OF_PAGE, is_basic_field=True)


async def run(query: str, variables: dict[str, Any] | None = None, **options: Any) -> Any:
    settings: dict[str, Any] = {
        "operation_name": None,
        "context": None,
        "allowed_types": frozenset({OperationType.QUERY}),
        "introspection": True,
    }
    return (await Engine(SCHEMA).run(query, variables=variables, **settings | options)).result


def prepare(cache: DocumentCache, query: str) -> PreparedOperation:
    """As the engine does."""
    operation = cache.find(query, None)
    if operation is None:
        operation = cache.prepare(query, None)
        cache.keep(query, None, operation)
    return operation


async def test_an_operation_that_asks_for_too_much_is_refused_and_not_run() -> None:
    query = "query ($n: Int) { root { children(first: $n) { nodes { children(first: $n) { nodes { id } } } } } }"
    assert (await run(query, {"n": 5})).data == {"root": None}
    result = await run(query, {"n": 500})
    assert result.data is None
    assert result.errors[0].extensions == {"code": "LIMIT_EXCEEDED"}


async def test_fragments_inside_fragments_do_not_multiply_the_work() -> None:
    # Each spreads the next one twice: walking every path through them would take 2^60 steps.
    fragments = [f"fragment f{n} on Node {{ ...f{n + 1} ... on Node {{ ...f{n + 1} }} }}" for n in range(60)]
    query = f"{{ root {{ ...f0 }} }} {' '.join(fragments)} fragment f60 on Node {{ id }}"
    result = await run(query)
    assert result.errors[0].extensions == {"code": "LIMIT_EXCEEDED"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ root " + "{ parent " * 25 + "{ id }" + " }" * 26, "levels of fields"),
        ("{ root {" + " ".join(f"a{n}: id" for n in range(101)) + "} }", "aliases"),
        ("{ root { id " + "name @skip(if: true) " * 101 + "} }", "directives"),
        ("query a { root { id } } " + " ".join(f"fragment f{n} on Node {{ id }}" for n in range(101)), "definitions"),
    ],
)
async def test_what_is_too_much_in_itself_is_an_invalid_document(query: str, message: str) -> None:
    result = await run(query)
    assert result.data is None
    assert message in result.errors[0].message
    assert result.errors[0].extensions == {"code": "GRAPHQL_VALIDATION_FAILED"}


async def test_a_document_with_too_many_tokens_is_not_parsed() -> None:
    result = await run("{ root {" + " id" * 10_001 + "} }")
    assert result.errors[0].extensions == {"code": "GRAPHQL_PARSE_FAILED"}


async def test_introspection_can_be_closed() -> None:
    query = "{ __schema { queryType { name } } }"
    assert (await run(query)).data == {"__schema": {"queryType": {"name": "Query"}}}
    result = await run(query, introspection=False)
    assert (result.data, result.errors[0].extensions) == (None, {"code": "UNAUTHENTICATED"})
    assert (await run("{ __typename }", introspection=False)).data == {"__typename": "Query"}


async def test_suggestions_are_for_callers_who_may_introspect() -> None:
    assert "Did you mean" in (await run("{ rot { id } }")).errors[0].message
    assert "Did you mean" not in (await run("{ rot { id } }", introspection=False)).errors[0].message


async def test_the_operation_that_is_meant_is_run() -> None:
    query = "query a { root { id } } query b { roots { id } }"
    assert (await run(query)).errors[0].extensions == {"code": "OPERATION_RESOLUTION_FAILURE"}
    assert (await run(query, operation_name="c")).errors[0].extensions == {"code": "OPERATION_RESOLUTION_FAILURE"}
    assert (await run(query, operation_name="b")).data == {"roots": None}


async def test_a_kind_of_operation_that_is_not_allowed_is_not_run() -> None:
    with pytest.raises(OperationTypeNotAllowed):
        await run("mutation { touch }")


def test_the_cache_is_bounded_and_keeps_what_was_used_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_CACHED_DOCUMENTS", 3)
    cache = DocumentCache(SCHEMA)
    first = prepare(cache, "{ root { id } }")
    for n in range(10):
        prepare(cache, f"{{ a{n}: root {{ id }} }}")
        assert prepare(cache, "{ root { id } }") is first
    assert len(cache) == 3


def test_the_cache_is_bounded_by_its_text_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_CACHED_DOCUMENTS", 10)
    monkeypatch.setattr(documents, "COUNTED_LENGTH", 10)
    cache = DocumentCache(SCHEMA)
    for n in range(20):
        prepare(cache, f"{{ a{n}: root {{ id }} }}")
    assert len(cache) == 100 // len("{ a10: root { id } }")


async def test_a_selection_with_too_many_overlapping_fields_is_refused() -> None:
    result = await run("{ root {" + " id" * 250 + "} }")
    assert result.errors[0].extensions == {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert (await run("{ root {" + " id" * 100 + "} }")).data == {"root": None}


def test_what_is_invalid_or_very_long_is_not_kept() -> None:
    cache = DocumentCache(SCHEMA)
    with pytest.raises(InvalidDocument):
        prepare(cache, "{ nothing }")
    prepare(cache, "{ root { id } }" + " " * documents.MAX_CACHED_LENGTH)
    assert len(cache) == 0
