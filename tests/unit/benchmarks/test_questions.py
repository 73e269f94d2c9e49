"""Benchmark operations are valid against the schema, and the requests of a load differ where they should."""

from collections import Counter
from itertools import pairwise

import orjson
import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from benchmarks import growth
from benchmarks.questions import (
    EDIT_TAG,
    EDITS,
    NUMBER_BY_ID,
    PAGE,
    QUESTIONS,
    Kind,
    Question,
    Sample,
)
from schema.core import ids
from schema.root.schema import sdl

SAMPLE = Sample(numbers=(3, 1, 2), reserved=(5, 4))
OURS = [
    *QUESTIONS,
    *growth.STEADY,
    *growth.searches("+12015550100"),
    growth.page_after("abc"),
]


@pytest.fixture(scope="module")
def dialtree() -> GraphQLSchema:
    return build_schema(sdl())


@pytest.mark.parametrize("question", OURS, ids=lambda question: question.name)
def test_dialtree_accepts_every_operation(question: Question, dialtree: GraphQLSchema) -> None:
    assert validate(dialtree, parse(question.documents[Kind.DIALTREE])) == []


def test_each_contender_uses_its_own_ids() -> None:
    asked = {kind: [given["id"] for given in NUMBER_BY_ID.variables(kind, SAMPLE, "")] for kind in Kind}
    assert asked == {
        Kind.DIALTREE: [ids.encode("PhoneNumber", row) for row in (3, 1, 2)],
        Kind.POSTGRAPHILE: [3, 1, 2],
        Kind.MERCURIUS: ["3", "1", "2"],
        Kind.CEILING: ["3", "1", "2"],
    }


def test_no_edit_of_a_load_repeats_another() -> None:
    bodies = [orjson.loads(body) for body in EDIT_TAG.bodies(Kind.POSTGRAPHILE, SAMPLE, "edit 1")]
    assert len(bodies) == EDITS
    edits = [(body["variables"]["id"], body["variables"]["tag"]) for body in bodies]
    assert edits[:3] == [(5, "edit 1 0"), (4, "edit 1 1"), (5, "edit 1 2")]
    assert len({tag for _, tag in edits}) == EDITS
    assert all(before != after for (before, _), (after, _) in pairwise(edits))


def test_pages_are_requested_evenly_across_statuses() -> None:
    asked = Counter(given["status"] for given in PAGE.variables(Kind.DIALTREE, SAMPLE, ""))
    assert asked == {"AVAILABLE": 1, "RESERVED": 1, "ASSIGNED": 1, "IN_USE": 1}
