"""Permissions for fields and nodes of every kind."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType

from domain.search import PhoneNumberOrderField
from schema.root.schema import build_schema
from tests.properties.scope.fixtures import OUTSIDE, ROLES, Tenants, never
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
OPEN = {
    "signIn",
    "renewSession",
    "signOut",
    "acceptInvitation",
    "setPassword",
    "changePassword",
    "requestPasswordReset",
}
"""Open to every caller; their own tests tell what they do."""


def codes(found: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in found.get("errors", [])]


def test_every_query_and_mutation_is_in_a_table() -> None:
    assert SCHEMA.query_type is not None
    assert SCHEMA.mutation_type is not None
    assert set(SCHEMA.query_type.fields) == set(READS) | set(OWN) | set(OF_OWNERS) | set(PUBLIC)
    with_ids = {slot.place.split(".")[1] for slot in SLOTS if slot.place.startswith("Mutation.")}
    assert set(SCHEMA.mutation_type.fields) == with_ids | set(WITHOUT_IDS) | OPEN


def test_every_kind_of_node_is_in_the_table(tenants: Tenants) -> None:
    kinds = {
        name
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLObjectType) and any(interface.name == "Node" for interface in kind.interfaces)
    }
    assert kinds == {slot.kind for slot in SLOTS if slot.place == "Query.node.id"} | {"Viewer"}
    assert kinds <= set(tenants.objects)


@pytest.mark.parametrize("field", list(READS))
def test_reading_a_node_requires_read_access(tenants: Tenants, field: str) -> None:
    for role in ROLES:
        found = tenants.server.execute(READS[field], token=tenants.token("Bank/Sales", role))
        assert codes(found) == (["FORBIDDEN"] if role == "USAGE_WRITER" else []), role
    assert codes(tenants.server.execute(READS[field], token=None)) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("field", list(OF_OWNERS))
def test_reading_administrators_and_keys_requires_an_owner(tenants: Tenants, field: str) -> None:
    for role in ROLES:
        found = tenants.server.execute(OF_OWNERS[field], token=tenants.token("Bank/Sales", role))
        assert codes(found) == ([] if role == "OWNER" else ["FORBIDDEN"]), role
    assert codes(tenants.server.execute(OF_OWNERS[field], token=None)) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("role", [*ROLES, None])
def test_an_invitation_can_be_read_by_its_token_without_signing_in(tenants: Tenants, role: str | None) -> None:
    assert tenants.server.ask(PUBLIC["invitation"], token=tenants.token("Bank/Sales", role)) == {"invitation": None}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_read_the_viewer(tenants: Tenants, role: str) -> None:
    viewer = tenants.server.ask(OWN["viewer"], token=tenants.token("Bank/Sales", role))["viewer"]
    assert viewer["role"] == role
    assert viewer["homeOrganization"] == viewer["actingOrganization"] == {"name": "Sales"}


def test_an_anonymous_caller_has_no_viewer(tenants: Tenants) -> None:
    assert codes(tenants.server.execute(OWN["viewer"], token=None)) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("connection", ["children", "descendants"])
def test_a_usage_writer_reads_no_descendants(tenants: Tenants, connection: str) -> None:
    query = f"{{ viewer {{ homeOrganization {{ {connection} {{ totalCount nodes {{ name }} }} }} }} }}"
    found = tenants.server.execute(query, token=tenants.token("Bank/Sales", "USAGE_WRITER"))
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
def test_a_usage_writer_reads_no_counts_of_their_organization(tenants: Tenants, field: str) -> None:
    query = f"{{ viewer {{ actingOrganization {{ {field} }} }} }}"
    found = tenants.server.execute(query, token=tenants.token("Bank/Sales", "USAGE_WRITER"))
    assert set(codes(found)) == {"FORBIDDEN"}


@pytest.mark.parametrize(
    ("role", "code"), list(zip(ROLES, ("INVALID_INPUT", *["INVALID_INPUT"], "FORBIDDEN", "FORBIDDEN"), strict=True))
)
def test_only_the_root_may_create_a_series(tenants: Tenants, role: str, code: str) -> None:
    before = dump(tenants.server)
    found = tenants.server.ask(WITHOUT_IDS["createSeries"], token=tenants.token("Bank", role))
    assert found["createSeries"]["userErrors"] == [{"code": code}]
    below = tenants.server.ask(WITHOUT_IDS["createSeries"], token=tenants.token("Bank/Sales", role))
    assert below["createSeries"]["userErrors"] == [{"code": "FORBIDDEN"}]
    assert codes(tenants.server.execute(WITHOUT_IDS["createSeries"], token=None)) == ["UNAUTHENTICATED"]
    assert dump(tenants.server) == before


def test_nodes_are_in_the_order_of_their_ids_with_null_outside_the_scope(tenants: Tenants) -> None:
    own = tenants.own["Bank/Retail"]
    ids = [own["PhoneNumber"], *tenants.objects.values(), own["Organization"], *never("PhoneNumber"), own["Series"]]
    found = tenants.server.ask(NODES, {"ids": ids}, token=tenants.token("Bank/Retail", "OWNER"))["nodes"]
    seen = {own[kind]: {"__typename": kind, "id": own[kind]} for kind in own}
    assert found == [seen.get(id_) for id_ in ids]


def test_nodes_inside_the_scope_have_their_type(tenants: Tenants) -> None:
    kinds = {kind: id_ for kind, id_ in tenants.objects.items() if not kind.endswith("Viewer")}
    renamed = {"Reserved": "PhoneNumber", "InUse": "PhoneNumber"}
    found = tenants.server.ask(NODES, {"ids": list(kinds.values())}, token=tenants.token("Bank", "OWNER"))["nodes"]
    assert found == [{"__typename": renamed.get(kind, kind), "id": id_} for kind, id_ in kinds.items()]


def test_only_the_caller_is_a_viewer(tenants: Tenants) -> None:
    ids = [tenants.objects["ApiKeyViewer"], tenants.objects["Viewer"]]
    own = tenants.server.ask(NODES, {"ids": ids}, token=tenants.token("Bank/Sales", "OWNER"))["nodes"]
    assert own == [{"__typename": "Viewer", "id": ids[0]}, None]
    for place, role in [("Bank", "OWNER"), ("Bank/Sales", "ADMIN"), *((place, "OWNER") for place in OUTSIDE)]:
        assert tenants.server.ask(NODES, {"ids": ids}, token=tenants.token(place, role))["nodes"] == [None, None]


def test_a_usage_writer_can_refetch_the_viewer_by_id(tenants: Tenants) -> None:
    token = tenants.token("Bank/Sales", "USAGE_WRITER")
    own = tenants.server.ask("{ viewer { id } }", token=token)["viewer"]["id"]
    found = tenants.server.ask(NODES, {"ids": [own]}, token=token)["nodes"]
    assert found == [{"__typename": "Viewer", "id": own}]


def test_more_than_500_ids_are_refused(tenants: Tenants) -> None:
    token = tenants.token("Bank", "OWNER")
    found = tenants.server.execute(NODES, {"ids": [tenants.objects["PhoneNumber"]] * 501}, token=token)
    assert codes(found) == ["LIMIT_EXCEEDED"]
    assert len(tenants.server.ask(NODES, {"ids": [tenants.objects["PhoneNumber"]] * 500}, token=token)["nodes"]) == 500


def test_a_number_outside_the_scope_is_not_found_by_its_digits(tenants: Tenants) -> None:
    query = """query ($number: E164!) {
      phoneNumber(number: $number) { id }
      phoneNumbers(filter: {numbers: [$number]}) { totalCount }
    }"""
    for place in OUTSIDE:
        token = tenants.token(place, "OWNER")
        for number in ("+19005550101", "+19005550177", "nonsense"):
            found = tenants.server.ask(query, {"number": number}, token=token)
            assert found == {"phoneNumber": None, "phoneNumbers": {"totalCount": 0}}


def test_filtering_by_an_organization_outside_the_scope_adds_no_numbers(tenants: Tenants) -> None:
    query = """query ($ids: [ID!], $below: Boolean!) {
      phoneNumbers(filter: {organizationIds: $ids, includeDescendants: $below}) { totalCount nodes { number } }
    }"""
    for place, number in OUTSIDE.items():
        ids = [tenants.own[place]["Organization"], tenants.objects["Organization"], tenants.own["Bank"]["Organization"]]
        for below in (False, True):
            found = tenants.server.ask(query, {"ids": ids, "below": below}, token=tenants.token(place, "VIEWER"))
            assert found["phoneNumbers"] == {"totalCount": 1, "nodes": [{"number": number}]}
            foreign = tenants.server.ask(query, {"ids": ids[1:], "below": below}, token=tenants.token(place, "VIEWER"))
            assert foreign["phoneNumbers"] == {"totalCount": 0, "nodes": []}


@pytest.mark.parametrize("field", [field.name for field in PhoneNumberOrderField])
def test_filtering_only_by_organizations_outside_the_scope_finds_no_numbers_in_any_order(
    tenants: Tenants, field: str
) -> None:
    query = """query ($ids: [ID!], $below: Boolean!, $field: PhoneNumberOrderField!) {
      phoneNumbers(filter: {organizationIds: $ids, includeDescendants: $below}, orderBy: {field: $field}) {
        totalCount
        nodes { number }
      }
    }"""
    for place in OUTSIDE:
        for ids in ([tenants.objects["Organization"]], ["nonsense"]):
            for below in (False, True):
                variables = {"ids": ids, "below": below, "field": field}
                found = tenants.server.ask(query, variables, token=tenants.token(place, "VIEWER"))
                assert found == {"phoneNumbers": {"totalCount": 0, "nodes": []}}
