"""Every list says what sizes it, and what clients need stays within the limit of costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_introspection_query,
    get_named_type,
    get_nullable_type,
    is_introspection_type,
    is_list_type,
)

from db.core.keyset import LARGEST_PAGE
from execution.costs import MAX_COST
from execution.declarations import MAX_PAGE_SIZE, PAGE_ARGUMENTS, declared
from execution.documents import DocumentCache
from schema.root.schema import build_schema

SCHEMA = build_schema()._schema
IDS = [f"id {n}" for n in range(500)]
UTILIZATION = """id total inUse available reserved assigned registered allocatedToSubOrganizations pendingInvitations
  pendingWithoutNumber shortfall percent thresholdPercent thresholdReached
  categories { category label description count percent }"""


def fields() -> Iterator[tuple[str, GraphQLField]]:
    for type_ in SCHEMA.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not is_introspection_type(type_):
            yield from ((f"{type_.name}.{name}", field) for name, field in type_.fields.items())


def cost(query: str, **variables: Any) -> int:
    return DocumentCache(SCHEMA).prepare(query, None).cost.total(variables)


def test_every_list_declares_its_size() -> None:
    undeclared = [
        name
        for name, field in fields()
        if is_list_type(get_nullable_type(field.type))
        and declared(field).rows is None
        and not declared(field).is_page_rows
        and not set(declared(field).sized_by) & set(field.args)
    ]
    assert undeclared == []


def test_every_connection_is_sized_by_an_argument() -> None:
    connections = [
        (name, field) for name, field in fields() if "edges" in getattr(get_named_type(field.type), "fields", ())
    ]
    assert len(connections) > 10
    assert [name for name, field in connections if not set(PAGE_ARGUMENTS) <= set(field.args)] == []
    # One list has no pages, only a length.
    sized = {name for name, field in fields() if set(PAGE_ARGUMENTS) & set(field.args)}
    assert sized - {name for name, _ in connections} == {"PhoneNumberConnection.organizationCounts"}


@pytest.mark.parametrize(
    "page",
    [
        "organizations(%s) { nodes { children(first: 2) { nodes { name } } } }",
        "organization { children(%s) { nodes { name } } descendants(%s) { edges { node { name } } } }",
        "organization { users(%s) { nodes { email } } administrators(%s) { nodes { name } } }",
        "organization { activity(%s) { nodes { events(%s) { nodes { number } } } } }",
        'phoneNumber(number: "+1") { history(%s) { nodes { action } } }',
        "users(%s) { nodes { email } } series(%s) { nodes { name } }",
        "administrators(%s) { nodes { name } } mailDeliveries(%s) { nodes { to } } jobs(%s) { nodes { percent } }",
        "phoneNumbers(%s) { nodes { nationalFormat } }",
    ],
)
def test_rows_from_the_end_cost_what_rows_from_the_start_do(page: str) -> None:
    def cost_of(size: str, **variables: Any) -> int:
        declared = "($n: Int)" if "$n" in size else ""
        return cost(f"query {declared} {{ {page.replace('%s', size)} }}", **variables)

    for rows in (1, 20, 500):
        assert cost_of(f"last: {rows}") == cost_of(f"first: {rows}") == cost_of("last: $n", n=rows)
    assert cost_of("last: -5") == cost_of("last: 1") < cost_of("last: 20")
    assert cost_of("last: $n") == cost_of('before: "x"') == cost_of("first: 50")
    assert cost_of("first: 2, last: 500") == cost_of("last: 500")


def test_no_list_is_inside_another() -> None:
    nested = [name for name, field in fields() if str(field.type).count("[") > 1]
    assert nested == []


def test_the_largest_page_is_that_of_the_statements() -> None:
    assert MAX_PAGE_SIZE == LARGEST_PAGE


@pytest.mark.parametrize(
    "query",
    [
        f"{{ organizations(first: 500) {{ nodes {{ id name path utilization {{ {UTILIZATION} }} }} }} }}",
        """{ phoneNumbers(first: 500) { totalCount pageInfo { endCursor hasNextPage } statusCounts { status count }
          organizationCounts { organization { id name path } count }
          edges { cursor node { id number nationalFormat status reservedTag forwardingNumber updatedAt availableActions
            series { id name region } organization { id name timeZone parent { id name } }
            user { id firstName lastName email status } } } } }""",
        """{ users(first: 500) { nodes { id firstName lastName email status availableActions
          organization { id name } phoneNumber { id number series { id name } } } } }""",
        """{ organization { inventory { series { name } available } descendants(holdingNumbers: true) {
          nodes { name inventory { series { name } total available } } } } }""",
        "{ organizations(first: 500) { nodes { users(first: 2) { nodes { id } } } } }",
        get_introspection_query(),
    ],
    ids=["utilization", "numbers", "users", "inventory", "pages", "introspection"],
)
def test_what_clients_need_is_possible(query: str) -> None:
    assert cost(query) <= MAX_COST


FOUR = " ".join(f"a{n}: utilization {{ organization {{ ...NEXT }} }}" for n in range(4))
LEVELS = " ".join(f"fragment F{n} on Organization {{ {FOUR.replace('NEXT', f'F{n + 1}')} }}" for n in range(7))
DESCENDANTS = "descendants { nodes { users { nodes { id } } } }"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (f"query ($i: [ID!]!) {{ nodes(ids: $i) {{ ...on Organization {{ {DESCENDANTS} }} }} }}", {"i": IDS}),
        (
            "query ($i: [ID!]!) { nodes(ids: $i) { ...on Organization { users(first: 500) { nodes { id } } } } }",
            {"i": IDS},
        ),
        (f"{{ organization {{ ...F0 }} }} {LEVELS} fragment F7 on Organization {{ id }}", {}),
        (
            """{ negative: organizations(first: -2147483648) @skip(if: true) { nodes { id } }
              organizations(first: 500) { nodes { children(first: 500) { nodes { id } } } } }""",
            {},
        ),
        # Each organization takes two statements.
        (
            """{ organizations(first: 500) { nodes {
              a: users(first: 2) { nodes { id } } b: users(first: 2) { nodes { id } } } } }""",
            {},
        ),
    ],
    ids=["ids", "the same id", "aliases", "negative", "pages"],
)
def test_what_would_keep_the_server_busy_is_too_dear(query: str, variables: dict[str, Any]) -> None:
    assert cost(query, **variables) > MAX_COST


@pytest.mark.parametrize("levels", range(1, 8))
def test_nested_aliases_cost_every_object_that_they_load(levels: int) -> None:
    fragments = LEVELS[LEVELS.index(f"fragment F{7 - levels} ") :]
    query = f"{{ organization {{ ...F{7 - levels} }} }} {fragments}"
    objects = 1 + sum(2 * 4**level for level in range(1, levels + 1))
    assert cost(f"{query} fragment F7 on Organization {{ name }}") == 10 * objects + 4**levels


def test_the_lists_of_a_payload_count_as_long_as_they_may_be() -> None:
    arguments = '(input: { numberIds: [], organizationId: "x" })'
    query = f"mutation {{ moveNumbers{arguments} {{ phoneNumbers {{ number }} organizations {{ name }} }} }}"
    assert cost(query) == 1_000 + 2 * (10 + 100 * (3 + 1))


def test_ids_are_counted() -> None:
    query = "query ($i: [ID!]!) { nodes(ids: $i) { __typename } }"
    assert [cost(query, i=IDS[:count]) for count in (0, 1, 2, 500)] == [10 + 21 * rows for rows in (1, 1, 2, 500)]
    assert cost('{ nodes(ids: ["a", "b", "c"]) { __typename } }') == 10 + 21 * 3


def test_an_object_that_many_rows_share_costs_a_row() -> None:
    """An inventory has at most 100 rows; each costs 3, its series 3, and the name 1."""
    query = "{{ organization {{ inventory {{ {} }} }} }}"
    assert cost(query.format("series { name }")) - cost(query.format("available")) == 100 * (3 + 1 - 1)
