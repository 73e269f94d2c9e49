"""The tree: children and descendants, search and filters, counts, and activity."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.inventory import NUMBERS, Inventory

LIST = "totalCount nodes { name } pageInfo { hasNextPage endCursor }"


def listed(bank: Inventory, connection: str, path: str = "Bank", **arguments: Any) -> list[str]:
    query = f"""query ($id: ID!, $search: String, $holding: Boolean) {{
      organization(id: $id) {{ {connection}(search: $search, holdingNumbers: $holding) {{ {LIST} }} }}
    }}"""
    found = bank.ask(query, {"id": bank.organization(path), **arguments})["organization"][connection]
    names = [node["name"] for node in found["nodes"]]
    assert found["totalCount"] == len(names)
    return names


def test_children_are_ordered_by_name(bank: Inventory) -> None:
    assert listed(bank, "children") == ["Empty", "Retail", "Sales"]
    assert listed(bank, "children", "Bank/Retail") == ["Shop"]
    assert listed(bank, "children", "Bank/Retail/Shop/Till") == []


def test_descendants_include_every_level(bank: Inventory) -> None:
    assert listed(bank, "descendants") == ["Desk", "Empty", "Retail", "Sales", "Shop", "Till"]
    assert listed(bank, "descendants", "Bank/Retail") == ["Shop", "Till"]


@pytest.mark.parametrize(
    ("search", "children", "descendants"),
    [
        ("S", ["Sales"], ["Desk", "Sales", "Shop"]),
        ("sal", ["Sales"], ["Sales"]),
        ("%", [], []),
        ("_", [], []),
        ("", ["Empty", "Retail", "Sales"], ["Desk", "Empty", "Retail", "Sales", "Shop", "Till"]),
    ],
)
def test_descendants_are_searched_by_name(
    bank: Inventory, search: str, children: list[str], descendants: list[str]
) -> None:
    assert listed(bank, "children", search=search) == children
    assert listed(bank, "descendants", search=search) == descendants


def test_descendants_are_filtered_by_holding_numbers(bank: Inventory) -> None:
    assert listed(bank, "descendants", holding=True) == ["Sales", "Shop", "Till"]
    assert listed(bank, "descendants", holding=False) == ["Desk", "Empty", "Retail"]
    assert listed(bank, "children", holding=True) == ["Sales"]
    assert listed(bank, "descendants", holding=True, search="t") == ["Till"]
    bank.mutate(
        "moveNumbers",
        NUMBERS,
        {"numberIds": bank.numbers("+19005550122"), "organizationId": bank.organization("Bank/Empty")},
    )
    assert listed(bank, "descendants", holding=True) == ["Empty", "Sales", "Shop"]


def test_the_child_count_only_includes_direct_children(bank: Inventory) -> None:
    query = "{ organizations { nodes { name childCount } } }"
    nodes = bank.ask(query)["organizations"]["nodes"]
    assert {node["name"]: node["childCount"] for node in nodes} == {
        "Bank": 3,
        "Sales": 1,
        "Desk": 0,
        "Retail": 1,
        "Shop": 1,
        "Till": 0,
        "Empty": 0,
    }


def test_pages_list_every_organization_once(bank: Inventory) -> None:
    query = f"query ($after: String) {{ organizations(first: 2, after: $after) {{ {LIST} }} }}"
    names: list[str] = []
    after = None
    while True:
        page = bank.ask(query, {"after": after})["organizations"]
        assert page["totalCount"] == 7
        names += [node["name"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert names == ["Bank", "Desk", "Empty", "Retail", "Sales", "Shop", "Till"]


def test_the_whole_scope_is_searched_with_or_without_the_acting_one(bank: Inventory) -> None:
    query = "query ($self: Boolean!) { organizations(includeSelf: $self) { totalCount nodes { name } } }"
    without = bank.ask(query, {"self": False}, at="Bank/Retail")["organizations"]
    assert without == {"totalCount": 2, "nodes": [{"name": "Shop"}, {"name": "Till"}]}
    assert bank.ask(query, {"self": True}, at="Bank/Retail")["organizations"]["totalCount"] == 3


@pytest.mark.parametrize("first", [-1, 501])
def test_a_page_has_at_most_500_rows(bank: Inventory, first: int) -> None:
    query = f"{{ organizations(first: {first}) {{ nodes {{ name }} }} }}"
    found = bank.server.execute(query, token=bank.token())
    assert [error["extensions"]["code"] for error in found["errors"]] == ["INVALID_INPUT"]


def test_activity_lists_operations_newest_first(bank: Inventory) -> None:
    retail = bank.organization("Bank/Retail")
    errors = "userErrors { code }"
    bank.server.advance(60)
    bank.mutate("setUtilizationThreshold", errors, {"organizationId": retail, "percent": 70})
    bank.mutate("updateOrganization", errors, {"organizationId": retail, "name": "Shops", "timeZone": "Asia/Tokyo"})
    bank.mutate("createOrganization", errors, {"name": "Kiosk", "parentId": retail})
    bank.mutate("moveNumbers", NUMBERS, {"numberIds": bank.numbers("+14185550100"), "organizationId": retail})
    query = """query ($id: ID!) { organization(id: $id) { activity { totalCount nodes {
      action actor at changedCount organization { name } changes { field before after }
    } } } }"""
    found = bank.ask(query, {"id": retail})["organization"]["activity"]
    assert found["totalCount"] == len(found["nodes"]) == 6
    assert [node["action"] for node in found["nodes"]] == [
        "MOVED",
        "ORGANIZATION_CREATED",
        "ORGANIZATION_UPDATED",
        "THRESHOLD_SET",
        "ORGANIZATION_CREATED",
        "ORGANIZATION_CREATED",
    ]
    moved, _, updated, threshold = found["nodes"][:4]
    assert (moved["changedCount"], moved["organization"], moved["at"]) == (1, {"name": "Bank"}, "2026-11-21T09:01:00Z")
    assert moved["actor"] == bank.ask("{ viewer { name } }")["viewer"]["name"]
    assert updated["changes"] == [
        {"field": "name", "before": "Retail", "after": "Shops"},
        {"field": "timeZone", "before": "UTC", "after": "Asia/Tokyo"},
    ]
    assert threshold["changes"] == [{"field": "thresholdPercent", "before": "80", "after": "70"}]


def test_activity_only_lists_changes_of_the_organization(bank: Inventory) -> None:
    bank.mutate("reserveNumbers", NUMBERS, {"numberIds": bank.numbers("+14185550120"), "tag": "till"})
    query = "query ($id: ID!) { organization(id: $id) { activity(first: 1) { nodes { action } } } }"

    def latest(path: str) -> str:
        nodes = bank.ask(query, {"id": bank.organization(path)})["organization"]["activity"]["nodes"]
        return str(nodes[0]["action"])

    assert latest("Bank/Retail/Shop") == "RESERVED"
    assert latest("Bank/Retail") == "ORGANIZATION_CREATED"


def test_a_path_has_the_names_from_the_acting_organization_down(bank: Inventory) -> None:
    bank.mutate(
        "createOrganization",
        "userErrors { code }",
        {"name": "Night / Day", "parentId": bank.organization("Bank/Empty")},
    )
    query = "{ organizations { nodes { path } } }"
    paths = [node["path"] for node in bank.ask(query)["organizations"]["nodes"]]
    assert paths == [
        "Bank",
        "Bank/Sales/Desk",
        "Bank/Empty",
        r"Bank/Empty/Night \/ Day",
        "Bank/Retail",
        "Bank/Sales",
        "Bank/Retail/Shop",
        "Bank/Retail/Shop/Till",
    ]
    assert bank.ask(query, at="Bank/Retail/Shop")["organizations"]["nodes"] == [{"path": "Shop"}, {"path": "Shop/Till"}]
    row = '{ phoneNumber(number: "+19005550122") { organization { path } } }'
    assert bank.ask(row, at="Bank/Retail")["phoneNumber"]["organization"] == {"path": "Retail/Shop/Till"}


def test_the_path_of_an_organization_above_the_scope_is_its_name(bank: Inventory) -> None:
    token = bank.token("Bank/Retail")
    query = "{ viewer { homeOrganization { path } actingOrganization { path } } }"
    viewer = bank.server.ask(query, token=token, acting=bank.organization("Bank/Retail/Shop/Till"))["viewer"]
    assert viewer == {"homeOrganization": {"path": "Retail"}, "actingOrganization": {"path": "Till"}}
