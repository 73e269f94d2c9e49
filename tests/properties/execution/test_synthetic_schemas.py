"""Whatever a schema looks like and whatever goes wrong in it, an operation has one answer on both execution paths."""

from __future__ import annotations

import asyncio
import json
from random import Random

import hypothesis.strategies as st
import pytest
from graphql import GraphQLSchema
from hypothesis import given

from execution.costs import MAX_COST
from tests.properties.execution.comparison_counts import ComparisonCounts
from tests.properties.execution.corpus import Operation
from tests.properties.execution.example_settings import exploring
from tests.properties.execution.execution_paths import Answer, PairedEngines
from tests.properties.execution.synthetic_schemas import Synthetic, synthetic
from tests.properties.execution.values import ValueGenerator
from tests.properties.execution.variations import GROWING, varied

EACH = 8
"""How many operations are run on a schema."""

AFFORDABLE = 3_000


def drawn(schema: GraphQLSchema, rng: Random) -> Operation:
    """An operation with anything that the schema has."""
    kind = rng.choice(("query", "query", "mutation"))
    empty = Operation(kind, f"{kind} {{ __typename }}", {}, None)
    return varied(empty, schema, ValueGenerator(), rng, times=rng.randrange(4, 16), among=GROWING)


async def compare(made: Synthetic, engines: PairedEngines, operation: Operation, counts: ComparisonCounts) -> None:
    """Fail unless both execution paths give the same answer and change the same."""
    plain = await engines.plain(operation, None, introspection=True)
    changes, made.results.changes = made.results.changes, []
    compiled, execution_path = await engines.compiled(operation, None, introspection=True)
    changed, made.results.changes = made.results.changes, []
    assert plain == compiled, report(made, operation, plain, compiled)
    assert changed == changes, report(made, operation, changes, changed)
    assert plain.failure is None, report(made, operation, plain, compiled)
    counts.record(execution_path, ran=plain.ran)
    if "mutation" not in operation.query:
        again, _ = await engines.compiled(operation, None, introspection=True)
        assert again == compiled, report(made, operation, compiled, again)


def report(made: Synthetic, operation: Operation, one: Answer | list[str], other: Answer | list[str]) -> str:
    """What a reader needs to see the difference."""
    variables = json.dumps(operation.variables, ensure_ascii=False)
    return f"{made.source}\n{operation.query}\nvariables: {variables}\n{one}\n{other}"


@pytest.mark.usefixtures("_forgetful")
def test_any_operation_on_any_schema_has_one_answer(counts: ComparisonCounts) -> None:
    # Hypothesis tries some seeds again, which would count their operations several times.
    compared: set[tuple[str, str]] = set()

    @exploring(few=15, share=0.2 / EACH)
    @given(st.randoms(use_true_random=False))
    def explore(rng: Random) -> None:
        with synthetic(rng) as made:
            engines = PairedEngines(made.schema)
            for _ in range(EACH):
                operation = drawn(made.schema, rng)
                cost = engines.cost(operation)
                if (made.source, operation.query) in compared:
                    continue
                compared.add((made.source, operation.query))
                if cost <= AFFORDABLE or cost > MAX_COST:
                    asyncio.run(compare(made, engines, operation, counts))

    explore()
    counts.check()
