"""Acting from an organization: the header that narrows the scope, and the tree cut off above it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.properties.scope.fixtures import OUTSIDE, Tenants, never
from tests.support.database_dump import dump

VIEWER = "{ viewer { homeOrganization { name } actingOrganization { name parent { name } ancestors { name } } } }"
TREE = "{ organizations(first: 500) { totalCount nodes { name } } }"


def acting(tenants: Tenants, query: str, organization: str, *, token: str | None, **variables: Any) -> dict[str, Any]:
    return tenants.server.execute(query, variables, token=token, acting=organization)


def names(found: dict[str, Any]) -> list[str]:
    return [node["name"] for node in found["data"]["organizations"]["nodes"]]


def test_the_header_narrows_the_scope_to_an_organization_below(tenants: Tenants) -> None:
    token = tenants.token("Bank", "OWNER")
    sales = tenants.objects["Organization"]
    found = acting(tenants, VIEWER, sales, token=token)["data"]["viewer"]
    assert found == {
        "homeOrganization": {"name": "Bank"},
        "actingOrganization": {"name": "Sales", "parent": None, "ancestors": []},
    }
    assert names(acting(tenants, TREE, sales, token=token)) == ["Sales", "Trading"]
    assert tenants.server.ask(TREE, token=token)["organizations"]["totalCount"] == 4


def test_objects_outside_the_acting_organization_are_not_found(tenants: Tenants) -> None:
    query = "query ($id: ID!) { organization(id: $id) { name } }"
    retail = tenants.own["Bank/Retail"]["Organization"]
    token = tenants.token("Bank", "OWNER")
    found = acting(tenants, query, tenants.objects["Organization"], token=token, id=retail)
    assert found == {"data": {"organization": None}}


def test_acting_from_the_home_organization_changes_nothing(tenants: Tenants) -> None:
    token = tenants.token("Bank/Sales", "VIEWER")
    assert names(acting(tenants, TREE, tenants.objects["Organization"], token=token)) == ["Sales", "Trading"]


@pytest.mark.parametrize("role", ["OWNER", "ADMIN", "VIEWER", "USAGE_WRITER"])
def test_the_header_never_widens_the_scope(tenants: Tenants, role: str) -> None:
    thing = tenants.objects["Organization"]
    for place in OUTSIDE:
        for wanted in (thing, tenants.own["Bank"]["Organization"], *filter(None, never("Organization"))):
            if not wanted.isascii():
                continue
            found = acting(tenants, VIEWER, wanted, token=tenants.token(place, role))
            assert found == {
                "errors": [
                    {"message": "There is no such organization in your scope.", "extensions": {"code": "NOT_FOUND"}}
                ]
            }


def test_a_mutation_acting_from_outside_the_scope_writes_nothing(tenants: Tenants) -> None:
    before = dump(tenants.server)
    query = 'mutation { createOrganization(input: {name: "Squatter"}) { organization { id } } }'
    found = acting(tenants, query, tenants.objects["Organization"], token=tenants.token("Bank/Retail", "OWNER"))
    assert [error["extensions"]["code"] for error in found["errors"]] == ["NOT_FOUND"]
    assert "data" not in found
    assert dump(tenants.server) == before


def test_the_header_has_no_effect_without_a_token(tenants: Tenants) -> None:
    for wanted in (tenants.objects["Organization"], "nonsense"):
        found = acting(tenants, VIEWER, wanted, token=None)
        assert [error["extensions"]["code"] for error in found["errors"]] == ["UNAUTHENTICATED"]
        assert found == acting(tenants, VIEWER, wanted, token="dtk_wrong")


def test_root_actions_are_forbidden_when_acting_from_below(tenants: Tenants) -> None:
    before = dump(tenants.server)
    query = "mutation ($id: ID!) { retireNumbers(input: {numberIds: [$id]}) { userErrors { code } } }"
    found = acting(
        tenants,
        query,
        tenants.objects["Organization"],
        token=tenants.token("Bank", "OWNER"),
        id=tenants.objects["PhoneNumber"],
    )
    assert found["data"]["retireNumbers"]["userErrors"] == [{"code": "FORBIDDEN"}]
    assert dump(tenants.server) == before


@pytest.mark.parametrize("connection", ["children", "descendants"])
def test_the_home_organization_shows_no_tree_beyond_a_narrowed_scope(tenants: Tenants, connection: str) -> None:
    query = f"{{ viewer {{ homeOrganization {{ {connection} {{ nodes {{ name }} }} }} }} }}"
    found = acting(tenants, query, tenants.objects["Organization"], token=tenants.token("Bank", "OWNER"))
    assert "Retail" not in str(found)


@pytest.mark.parametrize("field", ["utilization { total }", "inventory { total }", "activity { nodes { id } }"])
def test_the_home_organization_shows_no_counts_beyond_a_narrowed_scope(tenants: Tenants, field: str) -> None:
    query = f"query {{ viewer {{ homeOrganization {{ {field} }} }} }}"
    token = tenants.token("Bank", "OWNER")
    narrowed = acting(tenants, query, tenants.objects["Organization"], token=token)
    assert narrowed.get("data") != tenants.server.ask(query, token=token)


def test_parents_and_ancestors_end_at_the_acting_organization(tenants: Tenants) -> None:
    query = """query ($id: ID!) { organization(id: $id) {
      name parent { name parent { name parent { name } } } ancestors { name ancestors { name } }
    } }"""
    trading = tenants.own["Bank/Sales/Trading"]["Organization"]

    def seen_from(place: str) -> Any:
        return tenants.server.ask(query, {"id": trading}, token=tenants.token(place, "VIEWER"))["organization"]

    assert seen_from("Bank") == {
        "name": "Trading",
        "parent": {"name": "Sales", "parent": {"name": "Bank", "parent": None}},
        "ancestors": [{"name": "Bank", "ancestors": []}, {"name": "Sales", "ancestors": [{"name": "Bank"}]}],
    }
    assert seen_from("Bank/Sales") == {
        "name": "Trading",
        "parent": {"name": "Sales", "parent": None},
        "ancestors": [{"name": "Sales", "ancestors": []}],
    }
    assert seen_from("Bank/Sales/Trading") == {"name": "Trading", "parent": None, "ancestors": []}


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        ("Bank", ["+1 418", "+1 900"]),
        ("Bank/Sales", ["+1 418", "+1 900"]),
        ("Bank/Sales/Trading", ["+1 418"]),
        ("Bank/Retail", ["+1 418"]),
        ("Rival", ["+44 20"]),
    ],
)
def test_series_are_visible_where_they_have_numbers(tenants: Tenants, place: str, seen: list[str]) -> None:
    query = "{ series { totalCount nodes { name } } phoneNumbers { seriesCounts { series { name } } } }"
    found = tenants.server.ask(query, token=tenants.token(place, "VIEWER"))
    assert found["series"] == {"totalCount": len(seen), "nodes": [{"name": name} for name in seen]}
    assert found["phoneNumbers"]["seriesCounts"] == [{"series": {"name": name}} for name in seen]


def test_searching_series_finds_only_visible_ones(tenants: Tenants) -> None:
    query = '{ series(search: "900") { totalCount nodes { name } } }'
    for place in OUTSIDE:
        found = tenants.server.ask(query, token=tenants.token(place, "VIEWER"))
        assert found == {"series": {"totalCount": 0, "nodes": []}}
