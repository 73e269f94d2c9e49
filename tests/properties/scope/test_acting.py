"""Acting from an organization: the header that narrows the scope, and the tree cut off above it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.properties.scope.fixtures import OUTSIDE, World, never
from tests.support.database_dump import dump

VIEWER = "{ viewer { homeOrganization { name } actingOrganization { name parent { name } ancestors { name } } } }"
TREE = "{ organizations(first: 500) { totalCount nodes { name } } }"


def acting(world: World, query: str, organization: str, *, token: str | None, **variables: Any) -> dict[str, Any]:
    return world.server.execute(query, variables, token=token, acting=organization)


def names(found: dict[str, Any]) -> list[str]:
    return [node["name"] for node in found["data"]["organizations"]["nodes"]]


def test_the_header_narrows_the_scope_to_an_organization_below(world: World) -> None:
    token = world.token("Bank", "OWNER")
    sales = world.things["Organization"]
    found = acting(world, VIEWER, sales, token=token)["data"]["viewer"]
    assert found == {
        "homeOrganization": {"name": "Bank"},
        "actingOrganization": {"name": "Sales", "parent": None, "ancestors": []},
    }
    assert names(acting(world, TREE, sales, token=token)) == ["Sales", "Trading"]
    assert world.server.ask(TREE, token=token)["organizations"]["totalCount"] == 4


def test_objects_outside_the_acting_organization_are_not_found(world: World) -> None:
    query = "query ($id: ID!) { organization(id: $id) { name } }"
    retail = world.own["Bank/Retail"]["Organization"]
    token = world.token("Bank", "OWNER")
    found = acting(world, query, world.things["Organization"], token=token, id=retail)
    assert found == {"data": {"organization": None}}


def test_acting_from_the_home_organization_changes_nothing(world: World) -> None:
    token = world.token("Bank/Sales", "VIEWER")
    assert names(acting(world, TREE, world.things["Organization"], token=token)) == ["Sales", "Trading"]


@pytest.mark.parametrize("role", ["OWNER", "ADMIN", "VIEWER", "USAGE_WRITER"])
def test_the_header_never_widens_the_scope(world: World, role: str) -> None:
    thing = world.things["Organization"]
    for place in OUTSIDE:
        for wanted in (thing, world.own["Bank"]["Organization"], *filter(None, never("Organization"))):
            if not wanted.isascii():
                continue
            found = acting(world, VIEWER, wanted, token=world.token(place, role))
            assert found == {
                "errors": [
                    {"message": "There is no such organization in your scope.", "extensions": {"code": "NOT_FOUND"}}
                ]
            }


def test_a_mutation_acting_from_outside_the_scope_writes_nothing(world: World) -> None:
    before = dump(world.server)
    query = 'mutation { createOrganization(input: {name: "Squatter"}) { organization { id } } }'
    found = acting(world, query, world.things["Organization"], token=world.token("Bank/Retail", "OWNER"))
    assert [error["extensions"]["code"] for error in found["errors"]] == ["NOT_FOUND"]
    assert "data" not in found
    assert dump(world.server) == before


def test_the_header_has_no_effect_without_a_token(world: World) -> None:
    for wanted in (world.things["Organization"], "nonsense"):
        found = acting(world, VIEWER, wanted, token=None)
        assert [error["extensions"]["code"] for error in found["errors"]] == ["UNAUTHENTICATED"]
        assert found == acting(world, VIEWER, wanted, token="dtk_wrong")


def test_root_actions_are_forbidden_when_acting_from_below(world: World) -> None:
    before = dump(world.server)
    query = "mutation ($id: ID!) { retireNumbers(input: {numberIds: [$id]}) { userErrors { code } } }"
    found = acting(
        world,
        query,
        world.things["Organization"],
        token=world.token("Bank", "OWNER"),
        id=world.things["PhoneNumber"],
    )
    assert found["data"]["retireNumbers"]["userErrors"] == [{"code": "FORBIDDEN"}]
    assert dump(world.server) == before


@pytest.mark.parametrize("connection", ["children", "descendants"])
def test_the_home_organization_shows_no_tree_beyond_a_narrowed_scope(world: World, connection: str) -> None:
    query = f"{{ viewer {{ homeOrganization {{ {connection} {{ nodes {{ name }} }} }} }} }}"
    found = acting(world, query, world.things["Organization"], token=world.token("Bank", "OWNER"))
    assert "Retail" not in str(found)


@pytest.mark.parametrize("field", ["utilization { total }", "inventory { total }", "activity { nodes { id } }"])
def test_the_home_organization_shows_no_counts_beyond_a_narrowed_scope(world: World, field: str) -> None:
    query = f"query {{ viewer {{ homeOrganization {{ {field} }} }} }}"
    token = world.token("Bank", "OWNER")
    narrowed = acting(world, query, world.things["Organization"], token=token)
    assert narrowed.get("data") != world.server.ask(query, token=token)


def test_parents_and_ancestors_end_at_the_acting_organization(world: World) -> None:
    query = """query ($id: ID!) { organization(id: $id) {
      name parent { name parent { name parent { name } } } ancestors { name ancestors { name } }
    } }"""
    trading = world.own["Bank/Sales/Trading"]["Organization"]

    def seen_from(place: str) -> Any:
        return world.server.ask(query, {"id": trading}, token=world.token(place, "VIEWER"))["organization"]

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
def test_series_are_visible_where_they_have_numbers(world: World, place: str, seen: list[str]) -> None:
    query = "{ series { totalCount nodes { name } } phoneNumbers { seriesCounts { series { name } } } }"
    found = world.server.ask(query, token=world.token(place, "VIEWER"))
    assert found["series"] == {"totalCount": len(seen), "nodes": [{"name": name} for name in seen]}
    assert found["phoneNumbers"]["seriesCounts"] == [{"series": {"name": name}} for name in seen]


def test_searching_series_finds_only_visible_ones(world: World) -> None:
    query = '{ series(search: "900") { totalCount nodes { name } } }'
    for place in OUTSIDE:
        found = world.server.ask(query, token=world.token(place, "VIEWER"))
        assert found == {"series": {"totalCount": 0, "nodes": []}}
