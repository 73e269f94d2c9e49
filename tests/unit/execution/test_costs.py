"""What an operation costs: its fields, times the rows of the lists around them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import hypothesis.strategies as st
import pytest
from graphql import build_schema
from hypothesis import given

from execution.costs import DEFAULT_PAGE_SIZE, rows_for
from execution.declarations import MAX_PAGE_SIZE, ROWS_OF_PAGE
from execution.documents import DocumentCache

SCHEMA = build_schema(
    """
    type Node { id: ID, name: String, children(first: Int): Page, search(first: Int, last: Int): Page, tags: [ID] }
    type Page { nodes: [Node], totalCount: Int }
    type Query { root: Node, roots: [Node] }
    type Mutation { touch: Node }
    """
)

PAGE: Any = SCHEMA.type_map["Page"]
PAGE.fields["nodes"].extensions["strawberry-definition"] = SimpleNamespace(metadata=ROWS_OF_PAGE, is_basic_field=True)


def cost(query: str, **variables: Any) -> int:
    return DocumentCache(SCHEMA).prepare(query, None).cost.total(variables)


def rows(arguments: str, declared: str = "", **variables: Any) -> int:
    """The rows that a page counts for."""
    nothing, nodes = (
        cost(f"query {declared} {{ root {{ search{arguments} {{ {fields} }} }} }}", **variables)
        for fields in ("__typename", "__typename nodes { __typename }")
    )
    return (nodes - nothing - 3) // 4


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ root { id name } }", 3 + 2),
        ("{ root { __typename } }", 3 + 1),
        ("{ root { tags } }", 3 + 1 + 10),
        ("{ roots { id } }", 3 + 10 * (3 + 1)),
        ("{ root { children(first: 100) { totalCount } } }", 3 + 103 + 1),
        ("{ root { children(first: 100) { nodes { id } } } }", 3 + 103 + 3 + 100 * (3 + 1)),
        ("{ root { children(first: 9) { ...p ...p } } } fragment p on Page { nodes { id } }", 106 + 2 * (3 + 9 * 4)),
        ("{ root { children(first: 9) { nodes { children(first: 7) { nodes { id } } } } } }", 109 + 9 * (109 + 7 * 4)),
        ("{ root { ...a ...a } } fragment a on Node { id name }", 3 + 2 * 2),
        ("{ a: root { id } b: root { id } }", 2 * 4),
        ("{ root { id @skip(if: true) } }", 3 + 1),
        ("mutation { touch { id } }", 1_000 + 1),
    ],
)
def test_an_operation_costs_its_fields(query: str, expected: int) -> None:
    assert cost(query) == expected


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("7", 7),
        ("0", 1),
        ("-2147483648", 1),
        ("500", 500),
        ("501", 500),
        ("2147483647", 500),
        ("null", DEFAULT_PAGE_SIZE),
    ],
)
def test_a_literal_sizes_a_page_whatever_it_is(literal: str, expected: int) -> None:
    assert rows(f"(first: {literal})") == expected
    assert rows(f"(last: {literal})") == expected
    assert rows("(first: $n)", f"($n: Int = {literal})") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7),
        (0, 1),
        (-(10**30), 1),
        (500.0, 500),
        (10**30, 500),
        (1e300, 500),
        (float("nan"), 500),
        (True, 500),
        ("7", 500),
        ({"a": 1}, 500),
        ([7, 8, 9], 3),
        ([], 1),
        ([1] * 501, 500),
        (None, DEFAULT_PAGE_SIZE),
    ],
)
def test_a_variable_sizes_a_page_whatever_it_is(value: Any, expected: int) -> None:
    assert rows("(first: $n)", "($n: Int)", n=value) == expected
    assert rows("(first: $n)", "($n: Int = 9)", n=value) == expected


def test_the_largest_of_several_sizes_counts() -> None:
    assert rows("(first: 3, last: 8)") == 8
    assert rows("(first: 3, last: $n)", "($n: Int)", n=8) == 8
    assert rows("(first: 3, last: $n)", "($n: Int)", n=None) == 3
    assert rows("") == DEFAULT_PAGE_SIZE
    assert cost("{ root { children { nodes { id } } } }") == 109 + DEFAULT_PAGE_SIZE * 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=3), inside, max_size=3),
)


@given(JSON)
def test_no_value_sizes_a_page_below_one_row_or_above_the_largest_page(value: Any) -> None:
    count = rows_for(json.loads(json.dumps(value)))
    assert (count is None) == (value is None)
    assert count is None or 1 <= count <= MAX_PAGE_SIZE
