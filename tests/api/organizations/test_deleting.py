"""Deleting an organization: its numbers go to the parent as they are, its keys end, its past stays."""

from __future__ import annotations

import pytest

from tests.support.database_dump import dump
from tests.support.inventory import NUMBERS, REFUSALS, RETIRED, Inventory

DELETED = f"deletedIds parent {{ name }} changedCount userErrors {{ {REFUSALS} }}"


def delete(bank: Inventory, path: str) -> dict[str, str]:
    return {"organizationId": bank.organization(path)}


def test_the_subtree_goes_and_its_numbers_go_to_the_parent(bank: Inventory) -> None:
    ids = [bank.organization(f"Bank/Retail/{name}") for name in ("Shop", "Shop/Till")]
    done = bank.mutate("deleteOrganization", DELETED, delete(bank, "Bank/Retail/Shop"))
    assert done == {"deletedIds": ids, "parent": {"name": "Retail"}, "changedCount": 3, "userErrors": []}
    retail = {"name": "Retail"}
    assert bank.show("+14185550120") == {"status": "AVAILABLE", "reservedTag": None, "organization": retail}
    assert bank.show("+19005550121") == {"status": "RESERVED", "reservedTag": "till", "organization": retail}
    assert bank.show("+19005550122") == {"status": "AVAILABLE", "reservedTag": None, "organization": retail}
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } organizations { nodes { name } } }"
    found = bank.ask(query, {"ids": ids})
    assert found["nodes"] == [None, None]
    assert [node["name"] for node in found["organizations"]["nodes"]] == ["Bank", "Desk", "Empty", "Retail", "Sales"]
    assert bank.server.differences() == []


def test_an_empty_organization_goes_without_a_number(bank: Inventory) -> None:
    done = bank.mutate("deleteOrganization", DELETED, delete(bank, "Bank/Empty"))
    assert (done["changedCount"], done["parent"], done["userErrors"]) == (0, {"name": "Bank"}, [])


def test_a_dry_run_tells_and_keeps(bank: Inventory) -> None:
    wanted = delete(bank, "Bank/Retail")
    before = dump(bank.server)
    tried = bank.mutate("deleteOrganization", DELETED, wanted | {"dryRun": True})
    assert dump(bank.server) == before
    assert tried == bank.mutate("deleteOrganization", DELETED, wanted)
    assert tried["changedCount"] == 3


@pytest.mark.parametrize("path", ["Bank/Sales", "Bank/Retail"])
def test_users_and_administrators_are_in_the_way_wherever_below(bank: Inventory, path: str) -> None:
    bank.server.create_administrator(
        organization="Bank/Retail/Shop/Till", role="VIEWER", email="till@bank.test", password="a long password"
    )
    error = bank.refused("deleteOrganization", DELETED, delete(bank, path))
    assert (error["code"], error["path"]) == ("NOT_EMPTY", ["input", "organizationId"])
    query = "query ($id: ID!) { organization(id: $id) { availableActions } }"
    actions = bank.ask(query, {"id": bank.organization(path)})["organization"]["availableActions"]
    assert "DELETE" not in actions


@pytest.mark.parametrize("at", ["Bank", "Bank/Retail"])
def test_the_acting_organization_is_not_deleted_from_inside(bank: Inventory, at: str) -> None:
    error = bank.refused("deleteOrganization", DELETED, delete(bank, at), at=at)
    assert (error["code"], error["path"]) == ("FORBIDDEN", ["input", "organizationId"])


def test_its_keys_end(bank: Inventory) -> None:
    token = bank.token("Bank/Retail/Shop")
    assert bank.server.ask("{ viewer { id } }", token=token)
    bank.mutate("deleteOrganization", DELETED, delete(bank, "Bank/Retail"))
    found = bank.server.execute("{ viewer { id } }", token=token)
    assert [error["extensions"]["code"] for error in found["errors"]] == ["UNAUTHENTICATED"]


def test_a_deleted_organization_is_not_found(bank: Inventory) -> None:
    wanted = delete(bank, "Bank/Retail")
    bank.mutate("deleteOrganization", DELETED, wanted)
    assert bank.refused("deleteOrganization", DELETED, wanted)["code"] == "NOT_FOUND"


def test_the_change_of_holder_is_in_the_history(bank: Inventory) -> None:
    bank.mutate("deleteOrganization", DELETED, delete(bank, "Bank/Retail/Shop"))
    fields = "action organizationBefore { name } organizationAfter { name } reservedTagAfter"
    assert bank.history("+19005550121", fields)[0] == {
        "action": "ORGANIZATION_DELETED",
        "organizationBefore": None,
        "organizationAfter": {"name": "Retail"},
        "reservedTagAfter": "till",
    }


def test_what_happened_inside_it_survives_it(bank: Inventory) -> None:
    numbers = {"numberIds": bank.numbers("+19005550122")}
    bank.mutate("reserveNumbers", NUMBERS, numbers | {"tag": "counter"})
    bank.mutate("unreserveNumbers", NUMBERS, numbers)
    bank.mutate("deleteOrganization", DELETED, delete(bank, "Bank/Retail/Shop"))
    assert [event["action"] for event in bank.history("+19005550122")] == [
        "ORGANIZATION_DELETED",
        "UNRESERVED",
        "RESERVED",
        "IMPORTED",
    ]


def test_the_number_that_it_had_retired_still_answers(bank: Inventory) -> None:
    bank.mutate("retireNumbers", RETIRED, {"numberIds": bank.numbers("+19005550122")})
    bank.mutate("deleteOrganization", DELETED, delete(bank, "Bank/Retail/Shop"))
    shown = bank.show("+19005550122", "retiredAt organization { name } history { nodes { action } }")
    assert shown["retiredAt"] == "2026-11-21T09:00:00Z"
    assert shown["organization"] == {"name": "Retail"}
    assert [node["action"] for node in shown["history"]["nodes"]] == ["RETIRED", "IMPORTED"]


def test_a_new_organization_is_not_taken_for_a_deleted_one(bank: Inventory) -> None:
    created = "organization { id } userErrors { code }"
    first = bank.mutate("createOrganization", created, {"name": "First"})["organization"]["id"]
    moved = {"numberIds": bank.numbers("+14185550100"), "organizationId": first}
    bank.mutate("moveNumbers", NUMBERS, moved)
    bank.mutate("deleteOrganization", DELETED, {"organizationId": first})
    second = bank.mutate("createOrganization", created, {"name": "Second"})["organization"]["id"]
    assert second != first
    fields = "organizationBefore { name } organizationAfter { name }"
    assert bank.history("+14185550100", fields)[0] == {
        "organizationBefore": None,
        "organizationAfter": {"name": "Bank"},
    }
