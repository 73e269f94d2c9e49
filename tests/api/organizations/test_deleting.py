"""Deleting an organization: the parent gets its numbers unchanged, its keys are revoked, its history is kept."""

from __future__ import annotations

import pytest

from tests.support.database_dump import dump
from tests.support.inventory import NUMBERS, REFUSALS, RETIRED, Inventory

DELETED = f"""
  deletedIds parent {{ name }} changedCount organizations {{ name }} organizationCount userErrors {{ {REFUSALS} }}
"""


def delete(bank: Inventory, path: str) -> dict[str, str]:
    return {"organizationId": bank.organization(path)}


def test_deleting_a_subtree_moves_its_numbers_to_the_parent(bank: Inventory) -> None:
    ids = [bank.organization(f"Bank/Retail/{name}") for name in ("Shop", "Shop/Till")]
    done = bank.mutate("deleteOrganization", f"{DELETED} operationId", delete(bank, "Bank/Retail/Shop"))
    operation = bank.ask(
        "query ($id: ID!) { node(id: $id) { ... on Operation { action } } }", {"id": done.pop("operationId")}
    )
    assert operation == {"node": {"action": "ORGANIZATION_DELETED"}}
    assert done == {
        "deletedIds": ids,
        "parent": {"name": "Retail"},
        "changedCount": 3,
        "organizations": [{"name": "Bank"}, {"name": "Retail"}],
        "organizationCount": 2,
        "userErrors": [],
    }
    retail = {"name": "Retail"}
    assert bank.show("+14185550120") == {"status": "AVAILABLE", "reservedTag": None, "organization": retail}
    assert bank.show("+19005550121") == {"status": "RESERVED", "reservedTag": "till", "organization": retail}
    assert bank.show("+19005550122") == {"status": "AVAILABLE", "reservedTag": None, "organization": retail}
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } organizations { nodes { name } } }"
    found = bank.ask(query, {"ids": ids})
    assert found["nodes"] == [None, None]
    assert [node["name"] for node in found["organizations"]["nodes"]] == ["Bank", "Desk", "Empty", "Retail", "Sales"]
    assert bank.server.differences() == []


def test_an_organization_without_numbers_is_deleted(bank: Inventory) -> None:
    done = bank.mutate("deleteOrganization", DELETED, delete(bank, "Bank/Empty"))
    assert (done["changedCount"], done["parent"], done["userErrors"]) == (0, {"name": "Bank"}, [])
    assert (done["organizations"], done["organizationCount"]) == ([], 0)


def test_a_dry_run_of_deleting_reports_and_deletes_nothing(bank: Inventory) -> None:
    wanted = delete(bank, "Bank/Retail")
    before = dump(bank.server)
    tried = bank.mutate("deleteOrganization", DELETED, wanted | {"dryRun": True})
    assert dump(bank.server) == before
    assert bank.mutate("deleteOrganization", "operationId", wanted | {"dryRun": True}) == {"operationId": None}
    assert tried == bank.mutate("deleteOrganization", DELETED, wanted)
    assert tried["changedCount"] == 3


@pytest.mark.parametrize("path", ["Bank/Sales", "Bank/Retail"])
def test_users_or_administrators_in_the_subtree_prevent_deleting(bank: Inventory, path: str) -> None:
    bank.server.create_administrator(
        organization="Bank/Retail/Shop/Till", role="VIEWER", email="till@bank.test", password="a long password"
    )
    error = bank.refused("deleteOrganization", DELETED, delete(bank, path))
    assert (error["code"], error["path"]) == ("NOT_EMPTY", ["input", "organizationId"])
    query = "query ($id: ID!) { organization(id: $id) { availableActions } }"
    actions = bank.ask(query, {"id": bank.organization(path)})["organization"]["availableActions"]
    assert "DELETE" not in actions


@pytest.mark.parametrize("at", ["Bank", "Bank/Retail"])
def test_deleting_the_acting_organization_is_refused(shared_bank: Inventory, at: str) -> None:
    error = shared_bank.refused("deleteOrganization", DELETED, delete(shared_bank, at), at=at)
    assert (error["code"], error["path"]) == ("FORBIDDEN", ["input", "organizationId"])


def test_deleting_an_organization_revokes_its_api_keys(bank: Inventory) -> None:
    token = bank.token("Bank/Retail/Shop")
    assert bank.server.ask("{ viewer { id } }", token=token)
    bank.mutate("deleteOrganization", DELETED, delete(bank, "Bank/Retail"))
    found = bank.server.execute("{ viewer { id } }", token=token)
    assert [error["extensions"]["code"] for error in found["errors"]] == ["UNAUTHENTICATED"]


def test_a_deleted_organization_is_not_found(bank: Inventory) -> None:
    wanted = delete(bank, "Bank/Retail")
    bank.mutate("deleteOrganization", DELETED, wanted)
    assert bank.refused("deleteOrganization", DELETED, wanted)["code"] == "NOT_FOUND"


def test_deleting_an_organization_is_recorded_in_the_history_of_its_numbers(bank: Inventory) -> None:
    bank.mutate("deleteOrganization", DELETED, delete(bank, "Bank/Retail/Shop"))
    fields = "action organizationBefore { name } organizationAfter { name } reservedTagAfter"
    assert bank.history("+19005550121", fields)[0] == {
        "action": "ORGANIZATION_DELETED",
        "organizationBefore": None,
        "organizationAfter": {"name": "Retail"},
        "reservedTagAfter": "till",
    }


def test_the_history_of_a_deleted_organization_is_kept(bank: Inventory) -> None:
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


def test_a_number_retired_by_a_deleted_organization_can_be_read(bank: Inventory) -> None:
    bank.mutate("retireNumbers", RETIRED, {"numberIds": bank.numbers("+19005550122")})
    bank.mutate("deleteOrganization", DELETED, delete(bank, "Bank/Retail/Shop"))
    shown = bank.show("+19005550122", "retiredAt organization { name } history { nodes { action } }")
    assert shown["retiredAt"] == "2026-11-21T09:00:00Z"
    assert shown["organization"] == {"name": "Retail"}
    assert [node["action"] for node in shown["history"]["nodes"]] == ["RETIRED", "IMPORTED"]


def test_a_new_organization_has_another_id_than_a_deleted_one(bank: Inventory) -> None:
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
