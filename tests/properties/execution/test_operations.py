"""The server's operations have one answer on both execution paths: the corpus, variations of it, and generated ones."""

from __future__ import annotations

import itertools
from random import Random

import hypothesis.strategies as st
import pytest
from graphql import DocumentNode
from hypothesis import assume, given

from execution.costs import MAX_COST
from schema.root.schema import build_schema
from tests.properties.execution.comparison import PathComparison, compare_paths
from tests.properties.execution.comparison_counts import ComparisonCounts
from tests.properties.execution.corpus import Operation, operations
from tests.properties.execution.example_settings import DATABASES, WANTED, exploring
from tests.properties.execution.inventory_values import InventoryValueGenerator
from tests.properties.execution.prepared_databases import PreparedDatabases
from tests.properties.execution.strategies import documents, worded
from tests.properties.execution.variations import varied
from tests.support.databases import Databases, SQLiteDatabases

# Where a field of a variation fails, graphql-core drops what it has not begun with.
pytestmark = pytest.mark.usefixtures("_forgetful")

SCHEMA = build_schema()._schema
CORPUS = operations()
SHORT = [operation for operation in CORPUS if "/introspection/" not in operation.name]
KINDS = ("query", "mutation")
AFFORDABLE = 10_000
"""What an operation may cost so that thousands can be run, in the measure of `execution.limits`."""


def worth_running(comparison: PathComparison, operation: Operation) -> bool:
    """Whether an operation is quickly done or refused."""
    cost = comparison.cost(operation)
    return cost <= AFFORDABLE or cost > MAX_COST


def test_the_corpus_has_one_answer(
    databases: Databases, prepared_databases: PreparedDatabases, counts: ComparisonCounts
) -> None:
    with compare_paths(databases, prepared_databases.shared, SCHEMA, counts) as comparison:
        # By default, each database gets every other operation, and not the same.
        first = isinstance(databases, SQLiteDatabases)
        for operation in CORPUS if WANTED else CORPUS[first::2]:
            comparison.compare(operation.filled(comparison.prepared.names), "owner")
    counts.check()


@pytest.mark.long
def test_the_corpus_has_one_answer_for_everybody(
    databases: Databases, prepared_databases: PreparedDatabases, counts: ComparisonCounts
) -> None:
    with compare_paths(databases, prepared_databases.alone, SCHEMA, counts) as comparison:
        asked = list(itertools.product(CORPUS, comparison.prepared.callers))
        for operation, caller in asked if WANTED else asked[::29]:
            comparison.compare(operation.filled(comparison.prepared.names), caller)
    counts.check()


def test_operations_that_run_at_the_same_time_do_not_disturb_each_other(
    databases: Databases, prepared_databases: PreparedDatabases
) -> None:
    rng = Random(1)  # noqa: S311 - any order will do
    queries = [operation for operation in SHORT if not operation.is_mutation]
    with compare_paths(databases, prepared_databases.shared, SCHEMA, ComparisonCounts()) as comparison:
        for _ in range(20 if WANTED else 2):
            some = [operation.filled(comparison.prepared.names) for operation in rng.choices(queries, k=60)]
            comparison.compare_together(some, "owner")


@pytest.mark.parametrize("name", ["alone", "shared"])
def test_variations_of_the_corpus_have_one_answer(
    databases: Databases, prepared_databases: PreparedDatabases, counts: ComparisonCounts, name: str
) -> None:
    with compare_paths(databases, getattr(prepared_databases, name), SCHEMA, counts) as comparison:
        generator = InventoryValueGenerator(comparison.prepared.names)
        callers = [*["owner"] * 6, *comparison.prepared.callers]

        @exploring(few=30, share=0.2 / DATABASES)
        @given(st.sampled_from(SHORT), st.integers(1, 4), st.sampled_from(callers), st.randoms(use_true_random=False))
        def compare(operation: Operation, times: int, caller: str, rng: Random) -> None:
            operation = varied(operation.filled(comparison.prepared.names), SCHEMA, generator, rng, times=times)
            assume(worth_running(comparison, operation))
            comparison.compare(operation, caller)

        compare()
    counts.check()


@pytest.mark.parametrize("kind", KINDS)
def test_generated_operations_have_one_answer(
    databases: Databases, prepared_databases: PreparedDatabases, counts: ComparisonCounts, kind: str
) -> None:
    with compare_paths(databases, prepared_databases.shared, SCHEMA, counts) as comparison:
        generator = InventoryValueGenerator(comparison.prepared.names)
        callers = [*["owner"] * 6, *comparison.prepared.callers]

        @exploring(few=20, share=0.1 / DATABASES)
        @given(documents(SCHEMA, kind), st.integers(0, 2), st.sampled_from(callers), st.randoms(use_true_random=False))
        def compare(document: DocumentNode, times: int, caller: str, rng: Random) -> None:
            operation = varied(worded(document, SCHEMA, generator, rng), SCHEMA, generator, rng, times=times)
            assume(worth_running(comparison, operation))
            comparison.compare(operation, caller)

        compare()
    counts.check()
