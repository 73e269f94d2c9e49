"""Activity shows changes to administrators and API keys to those who may list them, and to nobody else."""

from __future__ import annotations

import pytest

from tests.api.access.administrators.actions import ERRORS, invite
from tests.support.inventory import Inventory

ACCESS = [
    "API_KEY_REVOKED",
    "ADMINISTRATOR_DELETED",
    "ADMINISTRATOR_UPDATED",
    "API_KEY_CREATED",
    "ADMINISTRATOR_INVITED",
]
ACTIVITY = """query ($after: String, $first: Int! = 50) {
  organization { activity(first: $first, after: $after) {
    totalCount nodes { id action changes { field before after } } pageInfo { hasNextPage endCursor }
  } }
}"""


@pytest.fixture
def changed(bank: Inventory) -> Inventory:
    """The bank after changes of every kind to administrators and keys, each followed by another change."""
    threshold = iter((50, 60, 70, 40, 30))

    def other_change() -> None:
        changed = bank.mutate("setUtilizationThreshold", "userErrors { message }", {"percent": next(threshold)})
        assert changed == {"userErrors": []}

    una = invite(bank)
    other_change()
    created = bank.mutate("createApiKey", f"apiKey {{ id }} {ERRORS}", {"name": "partner", "role": "VIEWER"})
    other_change()
    changed = {"administratorId": una["id"], "role": "VIEWER"}
    bank.mutate("updateAdministrator", ERRORS, changed)
    other_change()
    bank.mutate("deleteAdministrator", ERRORS, {"administratorId": una["id"]})
    other_change()
    bank.mutate("revokeApiKey", ERRORS, {"apiKeyId": created["apiKey"]["id"]})
    other_change()
    return bank


def test_an_owner_sees_every_change(changed: Inventory) -> None:
    activity = changed.ask(ACTIVITY)["organization"]["activity"]
    actions = [node["action"] for node in activity["nodes"]]
    assert [action for action in actions if action in ACCESS] == ACCESS
    assert activity["totalCount"] == len(actions)
    assert [node["changes"][0]["field"] for node in activity["nodes"] if node["action"] in ACCESS] == [
        "apiKey",
        "administrator",
        "administrator",
        "apiKey",
        "administrator",
    ]


@pytest.mark.parametrize("role", ["ADMIN", "VIEWER"])
def test_other_roles_see_none_of_them(changed: Inventory, role: str) -> None:
    seen = changed.ask(ACTIVITY)["organization"]["activity"]["nodes"]
    expected = [node for node in seen if node["action"] not in ACCESS]
    activity = changed.ask(ACTIVITY, role=role)["organization"]["activity"]
    assert (activity["nodes"], activity["totalCount"]) == (expected, len(expected))
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    ids = [node["id"] for node in seen]
    found = changed.ask(query, {"ids": ids}, role=role)["nodes"]
    assert found == [{"id": id_} if {"id": id_} in [{"id": node["id"]} for node in expected] else None for id_ in ids]


@pytest.mark.parametrize("role", ["ADMIN", "VIEWER"])
def test_pages_are_full_without_them(changed: Inventory, role: str) -> None:
    whole = changed.ask(ACTIVITY, role=role)["organization"]["activity"]["nodes"]
    paged, after = [], None
    for size in range(len(whole), 0, -2):
        page = changed.ask(ACTIVITY, {"first": 2, "after": after}, role=role)["organization"]["activity"]
        assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (min(size, 2), size > 2)
        paged += page["nodes"]
        after = page["pageInfo"]["endCursor"]
    assert paged == whole
