"""The comparison finds what it is there to find."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from graphql import ExecutionResult
from sqlalchemy import select

from execution import engine
from resolvers.access.sign_in import hash_password
from schema.root.schema import build_schema
from tests.properties.execution.comparison import Bench, bench
from tests.properties.execution.comparison_counts import Tally
from tests.properties.execution.corpus import Operation
from tests.properties.execution.fixed_randomness import fixed_chance
from tests.properties.execution.prepared_databases import Worlds
from tests.support.databases import Databases

SCHEMA = build_schema()._schema
READ = Operation("read", "{ organization { id name } viewer { name } }", None, None)
FAIL = Operation("fail", "{ organization { name } phoneNumbers(first: -1) { totalCount } }", None, None)
CHANGE = Operation(
    "change", 'mutation { createOrganization(input: {name: "New"}) { organization { name } } }', None, None
)


@pytest.fixture
def built(databases: Databases, worlds: Worlds) -> Iterator[Bench]:
    with bench(databases, worlds.alone, SCHEMA, Tally()) as one:
        yield one


def compiled_differently(change: Any) -> Any:
    """An engine whose compiled operations answer something else."""
    run = engine._run_compiled

    async def changed(*arguments: Any) -> Any:
        result, road = await run(*arguments)
        return change(result) if result is not None and result.data else ExecutionResult(None, None), road

    return patch.object(engine, "_run_compiled", changed)


def test_equal_answers_are_equal(built: Bench) -> None:
    for operation in (READ, FAIL, CHANGE):
        built.compare(operation, "owner")


def test_keys_in_another_order_are_found(built: Bench) -> None:
    with (
        compiled_differently(lambda result: ExecutionResult(dict(reversed(result.data.items())), None)),
        pytest.raises(AssertionError, match="has two answers"),
    ):
        built.compare(READ, "owner")


def test_an_error_that_is_not_told_is_found(built: Bench) -> None:
    with (
        compiled_differently(lambda result: result),
        pytest.raises(AssertionError, match="has two answers"),
    ):
        built.compare(FAIL, "owner")


def test_a_change_that_no_answer_tells_of_is_found(built: Bench) -> None:
    compiled = built._roads.compiled
    other = replace(CHANGE, query=CHANGE.query.replace("New", "Another"))

    async def changing_more(operation: Operation, context: Any, **named: Any) -> Any:
        await compiled(other, context, **named)
        return await compiled(operation, context, **named)

    with patch.object(built._roads, "compiled", changing_more), pytest.raises(AssertionError, match="left other rows"):
        built.compare(CHANGE, "owner")
    built.compare(CHANGE, "owner")


def test_what_is_called_more_often_is_found(built: Bench) -> None:
    calls = iter((1, 2))
    with pytest.raises(AssertionError, match="did other things"):
        built.compare(READ, "owner", watch=lambda: next(calls))


def test_a_server_that_breaks_down_is_found_although_it_does_so_on_both_roads(built: Bench) -> None:
    with patch("resolvers.core.context.Context.scope", 5), pytest.raises(AssertionError, match="broke the server down"):
        built.compare(READ, "owner")


def test_chance_is_the_same_whoever_else_draws() -> None:
    def draw(*, others: bool) -> list[str]:
        with fixed_chance(1):
            if others:
                select(1).subquery()
            return [secrets.token_urlsafe(8), secrets.token_urlsafe(8), hash_password("a long password")]

    assert draw(others=True) == draw(others=False)
    assert len({*draw(others=False)}) == 3
