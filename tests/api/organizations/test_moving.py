"""Moving a subtree: every counter stays exact, and cycles are refused."""

from __future__ import annotations

import pytest

from tests.support.database_dump import dump
from tests.support.inventory import NUMBERS, REFUSALS, Inventory

MOVED = f"""
  organization {{ name parent {{ name }} }} previousParent {{ name }}
  organizations {{ name }} organizationCount operationId userErrors {{ {REFUSALS} }}
"""
FIGURES = "total available reserved registered allocatedToSubOrganizations"


def move(bank: Inventory, path: str, parent: str) -> dict[str, str]:
    return {"organizationId": bank.organization(path), "parentId": bank.organization(parent)}


def figures(bank: Inventory) -> dict[str, tuple[int, ...]]:
    query = f"{{ organizations {{ nodes {{ name utilization {{ {FIGURES} }} }} }} }}"
    nodes = bank.ask(query)["organizations"]["nodes"]
    return {node["name"]: tuple(node["utilization"][figure] for figure in FIGURES.split()) for node in nodes}


def test_a_subtree_moves_with_everything_below_it(bank: Inventory) -> None:
    before = figures(bank)
    done = bank.mutate("moveOrganization", MOVED, move(bank, "Bank/Retail/Shop", "Bank/Sales/Desk"))
    assert done["userErrors"] == []
    assert done["organization"] == {"name": "Shop", "parent": {"name": "Desk"}}
    assert done["previousParent"] == {"name": "Retail"}
    assert {organization["name"] for organization in done["organizations"]} == {"Bank", "Retail", "Sales", "Desk"}
    assert done["organizationCount"] == 4
    operation = bank.ask(
        "query ($id: ID!) { node(id: $id) { ... on Operation { action } } }", {"id": done["operationId"]}
    )
    assert operation == {"node": {"action": "ORGANIZATION_MOVED"}}
    assert figures(bank) == before | {
        "Retail": (0, 0, 0, 0, 0),
        "Sales": (5, 1, 0, 1, 3),
        "Desk": (3, 0, 0, 0, 3),
    }
    query = "query ($id: ID!) { organization(id: $id) { ancestors { name } } }"
    till = bank.organization("Bank/Sales/Desk/Shop/Till")
    ancestors = bank.ask(query, {"id": till})["organization"]["ancestors"]
    assert [ancestor["name"] for ancestor in ancestors] == ["Bank", "Sales", "Desk", "Shop"]
    assert bank.server.differences() == []


def test_numbers_can_be_moved_after_the_tree_was_changed(bank: Inventory) -> None:
    bank.mutate("moveOrganization", MOVED, move(bank, "Bank/Retail/Shop", "Bank/Sales"))
    number = {
        "numberIds": bank.numbers("+19005550122"),
        "organizationId": bank.organization("Bank/Retail"),
    }
    done = bank.mutate("moveNumbers", NUMBERS, number)
    assert [organization["name"] for organization in done["organizations"]] == [
        "Bank",
        "Sales",
        "Retail",
        "Shop",
        "Till",
    ]
    assert bank.server.differences() == []


def test_a_moved_organization_is_in_the_scope_of_its_new_parent(bank: Inventory) -> None:
    shown = "phoneNumbers { totalCount } series { nodes { name } }"
    bank.mutate("moveOrganization", MOVED, move(bank, "Bank/Retail/Shop", "Bank/Sales"))
    assert bank.ask(f"{{ {shown} }}", at="Bank/Sales") == {
        "phoneNumbers": {"totalCount": 5},
        "series": {"nodes": [{"name": "+1 418"}, {"name": "+1 900"}]},
    }


@pytest.mark.parametrize("parent", ["Bank/Retail", "Bank/Retail/Shop", "Bank/Retail/Shop/Till"])
def test_moving_an_organization_below_itself_is_refused(shared_bank: Inventory, parent: str) -> None:
    error = shared_bank.refused("moveOrganization", MOVED, move(shared_bank, "Bank/Retail", parent))
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "parentId"])


@pytest.mark.parametrize(("at", "parent"), [("Bank", "Bank/Sales"), ("Bank/Retail", "Bank/Retail/Shop")])
def test_moving_the_acting_organization_is_refused(shared_bank: Inventory, at: str, parent: str) -> None:
    error = shared_bank.refused("moveOrganization", MOVED, move(shared_bank, at, parent), at=at)
    assert (error["code"], error["path"]) == ("FORBIDDEN", ["input", "organizationId"])


def test_moving_to_a_parent_with_a_child_of_the_same_name_is_refused(bank: Inventory) -> None:
    bank.mutate("createOrganization", "userErrors { code }", {"name": "Desk", "parentId": bank.organization("Bank")})
    error = bank.refused("moveOrganization", MOVED, move(bank, "Bank/Sales/Desk", "Bank"))
    assert (error["code"], error["path"]) == ("ALREADY_EXISTS", ["input", "parentId"])


def test_moving_to_the_current_parent_writes_nothing(bank: Inventory) -> None:
    wanted = move(bank, "Bank/Retail/Shop", "Bank/Retail")
    before = dump(bank.server)
    done = bank.mutate("moveOrganization", MOVED, wanted)
    assert (done["userErrors"], done["organizations"], done["organizationCount"]) == ([], [], 0)
    assert dump(bank.server) == before


def test_a_move_is_recorded_for_the_organization_and_both_parents(bank: Inventory) -> None:
    bank.mutate("moveOrganization", MOVED, move(bank, "Bank/Retail/Shop", "Bank/Sales"))
    query = "query ($id: ID!) { organization(id: $id) { activity(first: 1) { nodes { action changedCount } } } }"
    for path in ("Bank/Retail", "Bank/Sales", "Bank/Sales/Shop"):
        found = bank.ask(query, {"id": bank.organization(path)})["organization"]["activity"]["nodes"]
        assert found == [{"action": "ORGANIZATION_MOVED", "changedCount": 0}]
