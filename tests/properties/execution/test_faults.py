"""Failing resolvers have the same effect on both execution paths: the same errors, nulls and changes."""

from __future__ import annotations

from random import Random

import hypothesis.strategies as st
import pytest
from graphql import GraphQLSchema, is_abstract_type, parse
from hypothesis import assume, given, note

from schema.root.schema import build_schema
from tests.properties.execution.broken_schema import breakable
from tests.properties.execution.comparison import compare_paths
from tests.properties.execution.comparison_counts import ComparisonCounts
from tests.properties.execution.corpus import Operation, operations
from tests.properties.execution.document_positions import sites
from tests.properties.execution.example_settings import DATABASES, exploring
from tests.properties.execution.faults import Fault, Kind
from tests.properties.execution.inventory_values import InventoryValueGenerator
from tests.properties.execution.prepared_databases import PreparedDatabases
from tests.properties.execution.test_operations import worth_running
from tests.properties.execution.variations import varied
from tests.support.databases import Databases

SCHEMA = build_schema()._schema
RIGHT = [o for o in operations() if "wrong/" not in o.name and "__schema" not in o.query and "SignIn" not in o.name]
QUERIES = [operation for operation in RIGHT if not operation.is_mutation]
MUTATIONS = [operation for operation in RIGHT if operation.is_mutation]


def fields_of(operation: Operation, schema: GraphQLSchema) -> list[str]:
    """The fields that an operation asks for, each as `Type.field`, of every type that an abstract one may be."""
    found = []
    for node, parent, _ in sites(schema, parse(operation.query)).fields:
        type_ = schema.type_map[parent]
        types = schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        found += [f"{one.name}.{node.name.value}" for one in types if not node.name.value.startswith("__")]
    return found


def drawn(fields: list[str], rng: Random) -> list[Fault]:
    """One to three faults at some of the fields."""
    return [
        Fault(
            field=rng.choice(fields),
            kind=rng.choice(list(Kind)),
            every=rng.choice((1, 1, 2, 3, 7)),
            variant=rng.randrange(100),
            after=bool(rng.randrange(2)),
        )
        for _ in range(rng.choice((1, 1, 2, 3)))
    ]


@pytest.mark.usefixtures("_forgetful")
@pytest.mark.parametrize("kind", ["query", "mutation"])
def test_failing_resolvers_fail_alike(
    databases: Databases, prepared_databases: PreparedDatabases, counts: ComparisonCounts, kind: str
) -> None:
    corpus = QUERIES if kind == "query" else MUTATIONS
    with breakable(SCHEMA) as faults, compare_paths(databases, prepared_databases.shared, SCHEMA, counts) as comparison:
        generator = InventoryValueGenerator(comparison.prepared.names)

        @exploring(few=20, share=0.1 / DATABASES)
        @given(st.sampled_from(corpus), st.sampled_from((0, 0, 0, 1, 2)), st.randoms(use_true_random=False))
        def compare(operation: Operation, times: int, rng: Random) -> None:
            operation = varied(operation.filled(comparison.prepared.names), SCHEMA, generator, rng, times=times)
            assume(worth_running(comparison, operation))
            fields = fields_of(operation, SCHEMA)
            assume(fields)
            chosen = drawn(fields, rng)
            note(f"faults: {chosen}")
            faults.choose(chosen)
            comparison.compare(operation, "owner", may_break=True, watch=lambda: faults.counted("Mutation"))

        compare()
    counts.check()
