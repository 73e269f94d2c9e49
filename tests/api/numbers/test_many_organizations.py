"""Searches below so many organizations that no statement could have a condition for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from db.core import scope
from tests.support.databases import Databases
from tests.support.inventory import Inventory
from tests.support.server import opened

MANY = 1_000
FOUND = ["+14185550001", "+14185550500", "+14185550999"]


@pytest.fixture(scope="module")
def group(databases: Databases) -> Iterator[Inventory]:
    with opened(databases) as server:
        firms = "".join(f"Group/Firm {n}\n" for n in range(MANY))
        group = Inventory(server, f"Group\n{firms}Group/Firm 500/Desk\nGroup/Other\n")
        group.add(
            f"{FOUND[0]},+1 418,Group/Firm 1,RESERVED,front desk,,,\n"
            f"{FOUND[1]},+1 418,Group/Firm 500/Desk,IN_USE,,Ada,Ling,ada@group.test\n"
            f"{FOUND[2]},+1 418,Group/Firm 999,AVAILABLE,,,,\n"
            "+14185550000,+1 418,Group,AVAILABLE,,,,\n"
            "+14185551000,+1 418,Group/Other,IN_USE,,Bo,Rask,bo@group.test\n"
        )
        yield group


@pytest.fixture(scope="module")
def firms(group: Inventory) -> list[str]:
    """The ids of the firms."""
    query = """query ($after: String) { organizations(search: "firm", first: 500, after: $after) {
      nodes { id } pageInfo { endCursor hasNextPage } } }"""
    found: list[str] = []
    page: Any = {"endCursor": None, "hasNextPage": True}
    while page["hasNextPage"]:
        organizations = group.ask(query, {"after": page["endCursor"]})["organizations"]
        found += [node["id"] for node in organizations["nodes"]]
        page = organizations["pageInfo"]
    assert len(found) == MANY
    return found


@pytest.mark.parametrize("order", ["NUMBER", "ORGANIZATION", "SERIES", "RESERVED_TAG"])
@pytest.mark.parametrize("text", [None, "+1418555"])
def test_numbers_below_many_organizations(group: Inventory, firms: list[str], order: str, text: str | None) -> None:
    query = """query ($filter: PhoneNumberFilter, $order: PhoneNumberOrder) {
      phoneNumbers(filter: $filter, orderBy: $order) { totalCount nodes { number }
        organizationCounts { organization { name } count } seriesCounts { count } } }"""
    filter_ = {"organizationIds": firms, "includeDescendants": True, "text": text}
    found = group.ask(query, {"filter": filter_, "order": {"field": order}})["phoneNumbers"]
    in_order = sorted(FOUND, key=lambda number: (order == "ORGANIZATION" and number != FOUND[1], number))
    assert found == {
        "totalCount": 3,
        "nodes": [{"number": number} for number in in_order],
        "organizationCounts": [{"organization": {"name": name}, "count": 1} for name in ("Desk", "Firm 1", "Firm 999")],
        "seriesCounts": [{"count": 3}],
    }


def test_users_below_many_organizations(group: Inventory, firms: list[str]) -> None:
    query = "query ($filter: UserFilter) { users(filter: $filter) { totalCount nodes { firstName } } }"
    found = group.ask(query, {"filter": {"organizationIds": firms, "includeDescendants": True}})
    assert found["users"] == {"totalCount": 1, "nodes": [{"firstName": "Ada"}]}


def test_a_change_of_the_numbers_below_many_organizations(group: Inventory, firms: list[str]) -> None:
    selection = {"filter": {"organizationIds": firms, "includeDescendants": True, "statuses": ["AVAILABLE"]}}
    change = selection | {"tag": "spare", "dryRun": True}
    payload = group.mutate("reserveNumbers", "changedCount userErrors { code }", change)
    assert payload == {"changedCount": 1, "userErrors": []}


@pytest.mark.parametrize("count", [1, scope.MANY - 1, scope.MANY, scope.MANY + 1])
def test_any_number_of_scopes_selects_what_is_below_them(group: Inventory, firms: list[str], count: int) -> None:
    query = "query ($filter: PhoneNumberFilter) { phoneNumbers(filter: $filter) { totalCount nodes { number } } }"
    found = group.ask(query, {"filter": {"organizationIds": firms[-count:], "includeDescendants": True}})
    assert found["phoneNumbers"] == {"totalCount": 1, "nodes": [{"number": FOUND[2]}]}
