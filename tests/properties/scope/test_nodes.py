"""Ids and fields of every kind: who may ask what, and which objects `node` gives to whom."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType

from domain.search import PhoneNumberOrderField
from schema.root.schema import build_schema
from tests.properties.scope.fixtures import OUTSIDE, ROLES, World, never
from tests.properties.scope.id_argument_table import SLOTS
from tests.support.database_dump import dump

SCHEMA = build_schema()._schema
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"

READS = {
    "node": '{ node(id: "x") { id } }',
    "nodes": '{ nodes(ids: ["x"]) { id } }',
    "organization": "{ organization { id } }",
    "organizations": "{ organizations { nodes { id } } }",
    "phoneNumber": '{ phoneNumber(number: "+19005550101") { id } }',
    "phoneNumbers": "{ phoneNumbers { nodes { id } } }",
    "numberUtilizationReport": "{ numberUtilizationReport { url } }",
    "phoneNumbersReport": "{ phoneNumbersReport { url } }",
    "consumptionReport": '{ consumptionReport(from: "2026-10-01", to: "2026-10-31") { url } }',
    "series": "{ series { nodes { id } } }",
    "statusMeanings": "{ statusMeanings { status } }",
    "supplierContact": "{ supplierContact { email } }",
    "mailDeliveries": "{ mailDeliveries { nodes { id } } }",
    "users": "{ users { nodes { id } } }",
}
OF_OWNERS = {
    "administrators": "{ administrators { nodes { id } } }",
    "apiKeys": "{ apiKeys { id } }",
}
PUBLIC = {"invitation": '{ invitation(token: "x") { email } }'}
OWN = {"viewer": "{ viewer { id role homeOrganization { name } actingOrganization { name } } }"}
WITHOUT_IDS = {
    "recordUsage": "mutation { recordUsage(input: {records: []}) { userErrors { code } } }",
    "createSeries": 'mutation { createSeries(input: {name: " "}) { userErrors { code } } }',
}
OPEN = {"signIn", "signOut", "acceptInvitation", "setPassword", "changePassword", "requestPasswordReset"}
"""Open to every caller; their own tests tell what they do."""


def codes(found: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in found.get("errors", [])]


def test_every_query_and_mutation_is_in_a_table() -> None:
    assert SCHEMA.query_type is not None
    assert SCHEMA.mutation_type is not None
    assert set(SCHEMA.query_type.fields) == set(READS) | set(OWN) | set(OF_OWNERS) | set(PUBLIC)
    with_ids = {slot.place.split(".")[1] for slot in SLOTS if slot.place.startswith("Mutation.")}
    assert set(SCHEMA.mutation_type.fields) == with_ids | set(WITHOUT_IDS) | OPEN


def test_every_kind_of_node_is_in_the_table(world: World) -> None:
    kinds = {
        name
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLObjectType) and any(interface.name == "Node" for interface in kind.interfaces)
    }
    assert kinds == {slot.kind for slot in SLOTS if slot.place == "Query.node.id"} | {"Viewer"}
    assert kinds <= set(world.things)


@pytest.mark.parametrize("field", list(READS))
def test_reading_a_node_requires_read_access(world: World, field: str) -> None:
    for role in ROLES:
        found = world.server.execute(READS[field], token=world.token("Bank/Sales", role))
        assert codes(found) == (["FORBIDDEN"] if role == "USAGE_WRITER" else []), role
    assert codes(world.server.execute(READS[field], token=None)) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("field", list(OF_OWNERS))
def test_reading_administrators_and_keys_requires_an_owner(world: World, field: str) -> None:
    for role in ROLES:
        found = world.server.execute(OF_OWNERS[field], token=world.token("Bank/Sales", role))
        assert codes(found) == ([] if role == "OWNER" else ["FORBIDDEN"]), role
    assert codes(world.server.execute(OF_OWNERS[field], token=None)) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("role", [*ROLES, None])
def test_an_invitation_can_be_read_by_its_token_without_signing_in(world: World, role: str | None) -> None:
    assert world.server.ask(PUBLIC["invitation"], token=world.token("Bank/Sales", role)) == {"invitation": None}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_read_the_viewer(world: World, role: str) -> None:
    viewer = world.server.ask(OWN["viewer"], token=world.token("Bank/Sales", role))["viewer"]
    assert viewer["role"] == role
    assert viewer["homeOrganization"] == viewer["actingOrganization"] == {"name": "Sales"}


def test_an_anonymous_caller_has_no_viewer(world: World) -> None:
    assert codes(world.server.execute(OWN["viewer"], token=None)) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("connection", ["children", "descendants"])
def test_a_usage_writer_reads_no_descendants(world: World, connection: str) -> None:
    query = f"{{ viewer {{ homeOrganization {{ {connection} {{ totalCount nodes {{ name }} }} }} }} }}"
    found = world.server.execute(query, token=world.token("Bank/Sales", "USAGE_WRITER"))
    assert set(codes(found)) == {"FORBIDDEN"}
    assert "Trading" not in str(found["data"])


@pytest.mark.parametrize(
    "field",
    [
        "parent { name }",
        "ancestors { name }",
        "childCount",
        "utilization { total }",
        "inventory { total }",
        "activity { totalCount }",
        "users { totalCount }",
        "administrators { totalCount }",
        "availableActions",
    ],
)
def test_a_usage_writer_reads_no_counts_of_their_organization(world: World, field: str) -> None:
    query = f"{{ viewer {{ actingOrganization {{ {field} }} }} }}"
    found = world.server.execute(query, token=world.token("Bank/Sales", "USAGE_WRITER"))
    assert set(codes(found)) == {"FORBIDDEN"}


@pytest.mark.parametrize(
    ("role", "code"), list(zip(ROLES, ("INVALID_INPUT", *["INVALID_INPUT"], "FORBIDDEN", "FORBIDDEN"), strict=True))
)
def test_only_the_root_may_create_a_series(world: World, role: str, code: str) -> None:
    before = dump(world.server)
    found = world.server.ask(WITHOUT_IDS["createSeries"], token=world.token("Bank", role))
    assert found["createSeries"]["userErrors"] == [{"code": code}]
    below = world.server.ask(WITHOUT_IDS["createSeries"], token=world.token("Bank/Sales", role))
    assert below["createSeries"]["userErrors"] == [{"code": "FORBIDDEN"}]
    assert codes(world.server.execute(WITHOUT_IDS["createSeries"], token=None)) == ["UNAUTHENTICATED"]
    assert dump(world.server) == before


def test_nodes_are_in_the_order_of_their_ids_with_null_outside_the_scope(world: World) -> None:
    own = world.own["Bank/Retail"]
    ids = [own["PhoneNumber"], *world.things.values(), own["Organization"], *never("PhoneNumber"), own["Series"]]
    found = world.server.ask(NODES, {"ids": ids}, token=world.token("Bank/Retail", "OWNER"))["nodes"]
    seen = {own[kind]: {"__typename": kind, "id": own[kind]} for kind in own}
    assert found == [seen.get(id_) for id_ in ids]


def test_nodes_inside_the_scope_have_their_type(world: World) -> None:
    kinds = {kind: id_ for kind, id_ in world.things.items() if not kind.endswith("Viewer")}
    renamed = {"Reserved": "PhoneNumber", "InUse": "PhoneNumber"}
    found = world.server.ask(NODES, {"ids": list(kinds.values())}, token=world.token("Bank", "OWNER"))["nodes"]
    assert found == [{"__typename": renamed.get(kind, kind), "id": id_} for kind, id_ in kinds.items()]


def test_only_the_caller_is_a_viewer(world: World) -> None:
    ids = [world.things["ApiKeyViewer"], world.things["Viewer"]]
    own = world.server.ask(NODES, {"ids": ids}, token=world.token("Bank/Sales", "OWNER"))["nodes"]
    assert own == [{"__typename": "Viewer", "id": ids[0]}, None]
    for place, role in [("Bank", "OWNER"), ("Bank/Sales", "ADMIN"), *((place, "OWNER") for place in OUTSIDE)]:
        assert world.server.ask(NODES, {"ids": ids}, token=world.token(place, role))["nodes"] == [None, None]


def test_a_usage_writer_can_refetch_the_viewer_by_id(world: World) -> None:
    token = world.token("Bank/Sales", "USAGE_WRITER")
    own = world.server.ask("{ viewer { id } }", token=token)["viewer"]["id"]
    found = world.server.ask(NODES, {"ids": [own]}, token=token)["nodes"]
    assert found == [{"__typename": "Viewer", "id": own}]


def test_more_than_500_ids_are_refused(world: World) -> None:
    token = world.token("Bank", "OWNER")
    found = world.server.execute(NODES, {"ids": [world.things["PhoneNumber"]] * 501}, token=token)
    assert codes(found) == ["LIMIT_EXCEEDED"]
    assert len(world.server.ask(NODES, {"ids": [world.things["PhoneNumber"]] * 500}, token=token)["nodes"]) == 500


def test_a_number_outside_the_scope_is_not_found_by_its_digits(world: World) -> None:
    query = """query ($number: E164!) {
      phoneNumber(number: $number) { id }
      phoneNumbers(filter: {numbers: [$number]}) { totalCount }
    }"""
    for place in OUTSIDE:
        token = world.token(place, "OWNER")
        for number in ("+19005550101", "+19005550177", "nonsense"):
            found = world.server.ask(query, {"number": number}, token=token)
            assert found == {"phoneNumber": None, "phoneNumbers": {"totalCount": 0}}


def test_filtering_by_an_organization_outside_the_scope_adds_no_numbers(world: World) -> None:
    query = """query ($ids: [ID!], $below: Boolean!) {
      phoneNumbers(filter: {organizationIds: $ids, includeDescendants: $below}) { totalCount nodes { number } }
    }"""
    for place, number in OUTSIDE.items():
        ids = [world.own[place]["Organization"], world.things["Organization"], world.own["Bank"]["Organization"]]
        for below in (False, True):
            found = world.server.ask(query, {"ids": ids, "below": below}, token=world.token(place, "VIEWER"))
            assert found["phoneNumbers"] == {"totalCount": 1, "nodes": [{"number": number}]}
            foreign = world.server.ask(query, {"ids": ids[1:], "below": below}, token=world.token(place, "VIEWER"))
            assert foreign["phoneNumbers"] == {"totalCount": 0, "nodes": []}


@pytest.mark.parametrize("field", [field.name for field in PhoneNumberOrderField])
def test_filtering_only_by_organizations_outside_the_scope_finds_no_numbers_in_any_order(
    world: World, field: str
) -> None:
    query = """query ($ids: [ID!], $below: Boolean!, $field: PhoneNumberOrderField!) {
      phoneNumbers(filter: {organizationIds: $ids, includeDescendants: $below}, orderBy: {field: $field}) {
        totalCount
        nodes { number }
      }
    }"""
    for place in OUTSIDE:
        for ids in ([world.things["Organization"]], ["nonsense"]):
            for below in (False, True):
                variables = {"ids": ids, "below": below, "field": field}
                found = world.server.ask(query, variables, token=world.token(place, "VIEWER"))
                assert found == {"phoneNumbers": {"totalCount": 0, "nodes": []}}
