"""The server's operations have one answer on both roads: the corpus, variations of it, and generated ones."""

from __future__ import annotations

import itertools
from random import Random

import hypothesis.strategies as st
import pytest
from graphql import DocumentNode
from hypothesis import assume, given

from execution.costs import MAX_COST
from schema.root.schema import build_schema
from tests.properties.execution.comparison import Bench, bench
from tests.properties.execution.comparison_counts import Tally
from tests.properties.execution.corpus import Operation, operations
from tests.properties.execution.example_settings import DATABASES, WANTED, exploring
from tests.properties.execution.inventory_values import Vocabulary
from tests.properties.execution.prepared_databases import Worlds
from tests.properties.execution.strategies import documents, worded
from tests.properties.execution.variations import varied
from tests.support.databases import Databases

# Where a field of a variation fails, graphql-core drops what it has not begun with.
pytestmark = pytest.mark.usefixtures("_forgetful")

SCHEMA = build_schema()._schema
CORPUS = operations()
SHORT = [operation for operation in CORPUS if "/introspection/" not in operation.name]
KINDS = ("query", "mutation")
AFFORDABLE = 10_000
"""What an operation may cost so that thousands can be run, in the measure of `execution.limits`."""


def worth_running(built: Bench, operation: Operation) -> bool:
    """Whether an operation is quickly done or refused."""
    cost = built.cost(operation)
    return cost <= AFFORDABLE or cost > MAX_COST


def test_the_corpus_has_one_answer(databases: Databases, worlds: Worlds, tally: Tally) -> None:
    with bench(databases, worlds.shared, SCHEMA, tally) as built:
        for operation in CORPUS:
            built.compare(operation.filled(built.world.names), "owner")
    tally.check()


@pytest.mark.long
def test_the_corpus_has_one_answer_for_everybody(databases: Databases, worlds: Worlds, tally: Tally) -> None:
    with bench(databases, worlds.alone, SCHEMA, tally) as built:
        asked = list(itertools.product(CORPUS, built.world.callers))
        for operation, caller in asked if WANTED else asked[::29]:
            built.compare(operation.filled(built.world.names), caller)
    tally.check()


def test_operations_that_run_at_the_same_time_do_not_disturb_each_other(databases: Databases, worlds: Worlds) -> None:
    dice = Random(1)  # noqa: S311 - any order will do
    queries = [operation for operation in SHORT if not operation.is_mutation]
    with bench(databases, worlds.shared, SCHEMA, Tally()) as built:
        for _ in range(20 if WANTED else 2):
            some = [operation.filled(built.world.names) for operation in dice.choices(queries, k=60)]
            built.compare_together(some, "owner")


@pytest.mark.parametrize("world", ["alone", "shared"])
def test_variations_of_the_corpus_have_one_answer(
    databases: Databases, worlds: Worlds, tally: Tally, world: str
) -> None:
    with bench(databases, getattr(worlds, world), SCHEMA, tally) as built:
        words = Vocabulary(built.world.names)
        callers = [*["owner"] * 6, *built.world.callers]

        @exploring(few=30, share=0.2 / DATABASES)
        @given(st.sampled_from(SHORT), st.integers(1, 4), st.sampled_from(callers), st.randoms(use_true_random=False))
        def compare(operation: Operation, times: int, caller: str, dice: Random) -> None:
            operation = varied(operation.filled(built.world.names), SCHEMA, words, dice, times=times)
            assume(worth_running(built, operation))
            built.compare(operation, caller)

        compare()
    tally.check()


@pytest.mark.parametrize("kind", KINDS)
def test_generated_operations_have_one_answer(databases: Databases, worlds: Worlds, tally: Tally, kind: str) -> None:
    with bench(databases, worlds.shared, SCHEMA, tally) as built:
        words = Vocabulary(built.world.names)
        callers = [*["owner"] * 6, *built.world.callers]

        @exploring(few=20, share=0.1 / DATABASES)
        @given(documents(SCHEMA, kind), st.integers(0, 2), st.sampled_from(callers), st.randoms(use_true_random=False))
        def compare(document: DocumentNode, times: int, caller: str, dice: Random) -> None:
            operation = varied(worded(document, SCHEMA, words, dice), SCHEMA, words, dice, times=times)
            assume(worth_running(built, operation))
            built.compare(operation, caller)

        compare()
    tally.check()
