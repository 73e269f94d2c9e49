"""Suggestions of similar names for texts that are longer in lower case."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import OperationType, build_schema

from execution.engine import Engine

SCHEMA = build_schema("""
enum Status { ACTIVE }
input Filter { status: Status }
type Query { find(status: Status, filter: Filter): Int }
""")
ENUM_VALUE, FIELD = "ACT\u0130V", "stat\u0130"


@pytest.mark.parametrize(
    ("query", "variables", "wrong"),
    [
        ("query ($status: Status) { find(status: $status) }", {"status": ENUM_VALUE}, f"Value '{ENUM_VALUE}'"),
        ("query ($filter: Filter) { find(filter: $filter) }", {"filter": {FIELD: "ACTIVE"}}, f"field '{FIELD}'"),
        (f'{{ find(status: "{ENUM_VALUE}") }}', None, f'non-enum value: "{ENUM_VALUE}"'),
    ],
    ids=["enum value", "input field", "literal"],
)
async def test_a_wrong_name_is_named(query: str, variables: dict[str, Any] | None, wrong: str) -> None:
    ran = await Engine(SCHEMA).run(
        query,
        variables=variables,
        operation_name=None,
        context=None,
        allowed_types=frozenset({OperationType.QUERY}),
        introspection=True,
    )
    assert ran.result.errors is not None
    assert [wrong in error.message for error in ran.result.errors] == [True]
