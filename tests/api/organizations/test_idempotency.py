"""Idempotency keys of changes to the tree: the first response is replayed and nothing is repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.database_dump import dump
from tests.support.inventory import Inventory

ERRORS = "userErrors { code }"
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "createOrganization": (f"organization {{ id }} {ERRORS}", {"name": "Treasury"}),
    "updateOrganization": (f"organization {{ id }} {ERRORS}", {"organizationId": "Bank/Empty", "name": "Full"}),
    "setUtilizationThreshold": (f"organization {{ id }} {ERRORS}", {"percent": 33}),
    "moveOrganization": (
        f"organization {{ id }} previousParent {{ id }} organizationCount {ERRORS}",
        {"organizationId": "Bank/Empty", "parentId": "Bank/Sales"},
    ),
    "deleteOrganization": (f"deletedIds parent {{ id }} changedCount {ERRORS}", {"organizationId": "Bank/Retail"}),
    "createSeries": (f"series {{ id }} {ERRORS}", {"name": "+44 20"}),
    "updateSeries": (f"series {{ id }} {ERRORS}", {"seriesId": "+1 900", "name": "Premium"}),
}


def with_ids(bank: Inventory, input_: dict[str, Any]) -> dict[str, Any]:
    find: dict[str, Callable[[str], str]] = {
        "organizationId": bank.organization,
        "parentId": bank.organization,
        "seriesId": bank.series,
    }
    return {key: find[key](value) if key in find else value for key, value in input_.items()}


@pytest.mark.parametrize("name", list(CHANGES))
def test_repeating_an_idempotency_key_replays_the_first_response(bank: Inventory, name: str) -> None:
    selection, input_ = CHANGES[name]
    wanted = with_ids(bank, input_) | {"idempotencyKey": "once"}
    first = bank.mutate(name, selection, wanted)
    assert first["userErrors"] == []
    before = dump(bank.server)
    assert bank.mutate(name, selection, wanted) == first
    assert dump(bank.server) == before
    other = "percent" if "percent" in wanted else "name" if "name" in wanted else "organizationId"
    error = bank.refused(name, f"{ERRORS[:-1]} path }}", wanted | {other: {"percent": 34}.get(other, "other")})
    assert error == {"code": "IDEMPOTENCY_MISMATCH", "path": ["input", "idempotencyKey"]}


def test_a_refusal_is_replayed(bank: Inventory) -> None:
    taken = {"name": "Sales", "idempotencyKey": "taken"}
    selection, _ = CHANGES["createOrganization"]
    first = bank.mutate("createOrganization", selection, taken)
    assert first == {"organization": None, "userErrors": [{"code": "ALREADY_EXISTS"}]}
    renamed = {"organizationId": bank.organization("Bank/Sales"), "name": "Markets"}
    bank.mutate("updateOrganization", ERRORS, renamed)
    assert bank.mutate("createOrganization", selection, taken) == first
