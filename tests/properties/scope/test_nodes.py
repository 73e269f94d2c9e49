"""Permissions for fields and nodes of every kind."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType

from domain.search import PhoneNumberOrderField
from schema.root.schema import build_schema
from tests.properties.scope.fixtures import OUTSIDE, Tenants, never
from tests.properties.scope.id_argument_table import SLOTS

SCHEMA = build_schema()._schema
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


def codes(found: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in found.get("errors", [])]


def test_every_kind_of_node_is_in_the_table(tenants: Tenants) -> None:
    kinds = {
        name
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLObjectType) and any(interface.name == "Node" for interface in kind.interfaces)
    }
    assert kinds == {slot.kind for slot in SLOTS if slot.place == "Query.node.id"} | {"Viewer"}
    assert kinds <= set(tenants.objects)


def test_nodes_are_in_the_order_of_their_ids_with_null_outside_the_scope(tenants: Tenants) -> None:
    own = tenants.own["Bank/Retail"]
    ids = [own["PhoneNumber"], *tenants.objects.values(), own["Organization"], *never("PhoneNumber"), own["Series"]]
    found = tenants.server.ask(NODES, {"ids": ids}, token=tenants.token("Bank/Retail", "OWNER"))["nodes"]
    seen = {own[kind]: {"__typename": kind, "id": own[kind]} for kind in own}
    assert found == [seen.get(id_) for id_ in ids]


def test_nodes_inside_the_scope_have_their_type(tenants: Tenants) -> None:
    kinds = {kind: id_ for kind, id_ in tenants.objects.items() if not kind.endswith(("Viewer", "Upload"))}
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
