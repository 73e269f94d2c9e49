"""Creating and updating organizations: names, settings and thresholds, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.database_dump import dump
from tests.support.inventory import REFUSALS, Inventory
from tests.support.server import Server

SHOWN = f"""
  organization {{ name parent {{ name }} timeZone utilization {{ thresholdPercent }} }} userErrors {{ {REFUSALS} }}
"""


def create(bank: Inventory, **input_: Any) -> Any:
    return bank.mutate("createOrganization", SHOWN, input_)


def update(bank: Inventory, path: str, **input_: Any) -> Any:
    return bank.mutate("updateOrganization", SHOWN, {"organizationId": bank.organization(path), **input_})


def test_a_new_organization_is_created_below_the_acting_one_with_defaults(bank: Inventory) -> None:
    assert create(bank, name="  Treasury ") == {
        "organization": {
            "name": "Treasury",
            "parent": {"name": "Bank"},
            "timeZone": "UTC",
            "utilization": {"thresholdPercent": 80},
        },
        "userErrors": [],
    }
    assert bank.server.differences() == []


def test_a_new_organization_has_the_given_settings_and_parent(bank: Inventory) -> None:
    parent = bank.organization("Bank/Sales/Desk")
    made = create(bank, name="Night", parentId=parent, timeZone="Asia/Tokyo", thresholdPercent=100)
    assert made["organization"] == {
        "name": "Night",
        "parent": {"name": "Desk"},
        "timeZone": "Asia/Tokyo",
        "utilization": {"thresholdPercent": 100},
    }
    empty = "utilization { total percent thresholdReached } inventory { total } childCount"
    query = f"query ($id: ID!) {{ organization(id: $id) {{ {empty} }} }}"
    assert bank.ask(query, {"id": bank.organization("Bank/Sales/Desk/Night")})["organization"] == {
        "utilization": {"total": 0, "percent": 0, "thresholdReached": False},
        "inventory": [],
        "childCount": 0,
    }


@pytest.mark.parametrize(
    ("input_", "code", "field"),
    [
        ({"name": ""}, "INVALID_INPUT", "name"),
        ({"name": "   "}, "INVALID_INPUT", "name"),
        ({"name": "x" * 101}, "INVALID_INPUT", "name"),
        ({"name": "a\nb"}, "INVALID_INPUT", "name"),
        ({"name": "Sales"}, "ALREADY_EXISTS", "name"),
        ({"name": " Sales "}, "ALREADY_EXISTS", "name"),
        ({"name": "New", "timeZone": "Mars/Olympus"}, "INVALID_INPUT", "timeZone"),
        ({"name": "New", "timeZone": "../etc/passwd"}, "INVALID_INPUT", "timeZone"),
        ({"name": "New", "thresholdPercent": 0}, "INVALID_INPUT", "thresholdPercent"),
        ({"name": "New", "thresholdPercent": 101}, "INVALID_INPUT", "thresholdPercent"),
        ({"name": "New", "thresholdPercent": -5}, "INVALID_INPUT", "thresholdPercent"),
    ],
    ids=str,
)
def test_an_invalid_organization_is_refused(
    shared_bank: Inventory, input_: dict[str, Any], code: str, field: str
) -> None:
    error = shared_bank.refused("createOrganization", SHOWN, input_)
    assert (error["code"], error["path"]) == (code, ["input", field])


def test_names_are_unique_among_siblings_only(bank: Inventory) -> None:
    made = create(bank, name="Sales", parentId=bank.organization("Bank/Retail"))
    assert made["userErrors"] == []
    error = bank.refused(
        "updateOrganization", SHOWN, {"organizationId": bank.organization("Bank/Retail"), "name": "Sales"}
    )
    assert (error["code"], error["path"]) == ("ALREADY_EXISTS", ["input", "name"])


def test_renaming_and_changing_the_zone(bank: Inventory) -> None:
    done = update(bank, "Bank/Sales", name="Markets", timeZone="Europe/London")
    assert done["organization"] == {
        "name": "Markets",
        "parent": {"name": "Bank"},
        "timeZone": "Europe/London",
        "utilization": {"thresholdPercent": 80},
    }
    # Omitted and null fields keep their value.
    assert update(bank, "Bank/Markets", name=None, timeZone="UTC")["organization"]["name"] == "Markets"
    assert bank.server.differences() == []


def test_the_acting_organization_can_be_renamed(bank: Inventory) -> None:
    sales = {"organizationId": bank.organization("Bank/Sales"), "name": "Markets"}
    assert bank.mutate("updateOrganization", SHOWN, sales, at="Bank/Sales")["organization"]["name"] == "Markets"
    root = {"organizationId": bank.organization("Bank"), "name": "Holding"}
    assert bank.mutate("updateOrganization", SHOWN, root)["organization"]["name"] == "Holding"


def test_renaming_a_root_does_not_reveal_other_tenants_names(server: Server) -> None:
    bank = Inventory(server, "Bank\n")
    assert server.import_organizations("path\nRival\n").lines == []
    done = bank.mutate("updateOrganization", SHOWN, {"organizationId": bank.organization("Bank"), "name": "Rival"})
    assert [error["code"] for error in done["userErrors"]] in ([], ["ALREADY_EXISTS"])


def test_updating_an_organization_with_the_same_values_writes_nothing(bank: Inventory) -> None:
    same = {"organizationId": bank.organization("Bank/Sales"), "name": "Sales", "timeZone": "UTC"}
    before = dump(bank.server)
    assert bank.mutate("updateOrganization", SHOWN, same)["userErrors"] == []
    assert dump(bank.server) == before


@pytest.mark.parametrize(
    ("input_", "field"),
    [
        ({"name": " "}, "name"),
        ({"timeZone": "Nowhere"}, "timeZone"),
        ({"supplierEmail": "not an address"}, "supplierEmail"),
        ({"supplierTelephone": "12"}, "supplierTelephone"),
    ],
)
def test_invalid_settings_are_refused(shared_bank: Inventory, input_: dict[str, Any], field: str) -> None:
    wrong = {"organizationId": shared_bank.organization("Bank/Sales"), "name": "Markets"} | input_
    error = shared_bank.refused("updateOrganization", SHOWN, wrong)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", field])


@pytest.mark.parametrize("percent", [1, 50, 100])
def test_a_threshold_from_1_to_100_is_accepted(bank: Inventory, percent: int) -> None:
    sales = {"organizationId": bank.organization("Bank/Sales"), "percent": percent}
    done = bank.mutate("setUtilizationThreshold", SHOWN, sales)
    assert done["organization"]["utilization"] == {"thresholdPercent": percent}
    acting = bank.mutate("setUtilizationThreshold", SHOWN, {"percent": percent})
    assert acting["organization"]["name"] == "Bank"


@pytest.mark.parametrize("percent", [0, -1, 101, 2**31 - 1])
def test_any_other_threshold_is_refused(shared_bank: Inventory, percent: int) -> None:
    error = shared_bank.refused("setUtilizationThreshold", SHOWN, {"percent": percent})
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "percent"])


def test_the_threshold_is_reached_at_exactly_its_percent(bank: Inventory) -> None:
    # Sales holds one number in use and one available: 50 percent.
    query = "query ($id: ID!) { organization(id: $id) { utilization { percent thresholdReached } } }"
    sales = bank.organization("Bank/Sales")
    for percent, reached in ((49, True), (50, True), (51, False)):
        bank.mutate("setUtilizationThreshold", SHOWN, {"organizationId": sales, "percent": percent})
        assert bank.ask(query, {"id": sales})["organization"]["utilization"] == {
            "percent": 50.0,
            "thresholdReached": reached,
        }
