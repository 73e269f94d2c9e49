"""Statements of the product's help pages that no other test checks literally."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.inventory import NUMBERS, Inventory
from tests.support.server import opened

TREE = "Bank\nBank/Sales\nBank/Sales/Trading\nBank/Retail\n"
ROWS = """\
+14188984760,+1 418,Bank,AVAILABLE,,,,
+18762214187,+1 876,Bank/Sales,AVAILABLE,,,,
+442079460101,+44 20,Bank,RESERVED,14787614181418_salestag,,,
+442079460102,+44 20,Bank,RESERVED,sales_14182,,,
+442079460103,+44 20,Bank,ASSIGNED,,Ada,Ling,ada@bank.test
+442079460104,+44 20,Bank/Sales/Trading,IN_USE,,Bo,Rask,bo@bank.test
+442079460105,+44 20,Bank/Sales/Trading,AVAILABLE,,,,
"""


@pytest.fixture(scope="module")
def bank(databases: Databases) -> Iterator[Inventory]:
    """A bank that no test changes."""
    with opened(databases) as server:
        yield Inventory(server, TREE, ROWS)


def search(bank: Inventory, **wanted: Any) -> list[str]:
    query = "query ($filter: PhoneNumberFilter) { phoneNumbers(filter: $filter) { nodes { number } } }"
    return [node["number"] for node in bank.ask(query, {"filter": wanted})["phoneNumbers"]["nodes"]]


def test_1418_finds_numbers_and_tags_that_contain_it(bank: Inventory) -> None:
    assert search(bank, text="1418") == ["+14188984760", "+18762214187", "+442079460101", "+442079460102"]


def test_numbers_are_searched_by_number_tag_series_organization_and_status(bank: Inventory) -> None:
    assert search(bank, text="898476") == ["+14188984760"]
    assert search(bank, text="SALESTAG") == ["+442079460101"]
    assert search(bank, seriesIds=[bank.series("+1 418"), bank.series("+1 876")]) == ["+14188984760", "+18762214187"]
    assert search(bank, organizationIds=[bank.organization("Bank/Sales")]) == ["+18762214187"]
    assert search(bank, statuses=["ASSIGNED", "IN_USE"]) == ["+442079460103", "+442079460104"]


def test_the_options_of_the_series_and_organization_filters_are_searchable(bank: Inventory) -> None:
    found = bank.ask('{ series(search: "418") { nodes { name } } organizations(search: "sal") { nodes { name } } }')
    assert found == {"series": {"nodes": [{"name": "+1 418"}]}, "organizations": {"nodes": [{"name": "Sales"}]}}


def test_every_status_has_a_description_for_the_tooltip(bank: Inventory) -> None:
    meanings = bank.ask("{ statusMeanings { status label description } }")["statusMeanings"]
    assert [(meaning["status"], meaning["label"]) for meaning in meanings] == [
        ("AVAILABLE", "Available"),
        ("RESERVED", "Reserved"),
        ("ASSIGNED", "Assigned"),
        ("IN_USE", "In Use"),
    ]
    assert all(meaning["description"] for meaning in meanings)


def test_a_grandchild_cannot_move_a_number_to_its_parent(bank: Inventory) -> None:
    """Its access is within itself and what is below it."""
    said = {"numberIds": [bank.number("+442079460105")], "organizationId": bank.organization("Bank")}
    bank.token("Bank/Sales/Trading")
    before = dump(bank.server)
    done = bank.mutate("moveNumbers", NUMBERS, said, at="Bank/Sales/Trading")
    assert [error["code"] for error in done["userErrors"]] == ["NOT_FOUND"]
    assert dump(bank.server) == before


def test_a_target_organization_is_found_in_the_tree_or_by_name(bank: Inventory) -> None:
    walk = "{ organization { children { nodes { name childCount children { nodes { name } } } } } }"
    assert bank.ask(walk)["organization"]["children"]["nodes"] == [
        {"name": "Retail", "childCount": 0, "children": {"nodes": []}},
        {"name": "Sales", "childCount": 1, "children": {"nodes": [{"name": "Trading"}]}},
    ]
    named = bank.ask('{ organizations(search: "trad") { nodes { name ancestors { name } } } }')
    assert named["organizations"]["nodes"] == [{"name": "Trading", "ancestors": [{"name": "Bank"}, {"name": "Sales"}]}]


def test_available_actions_depend_on_the_status(bank: Inventory) -> None:
    """Available numbers show Move and Reserve, in-use and reserved ones Move."""
    rows = {number: set(bank.show(number, "availableActions")["availableActions"]) for number in search(bank)}
    assert {number for number, actions in rows.items() if {"MOVE", "RESERVE"} <= actions} == {
        "+14188984760",
        "+18762214187",
        "+442079460105",
    }
    moved_alone = {number for number, actions in rows.items() if "MOVE" in actions and "RESERVE" not in actions}
    assert moved_alone == {"+442079460101", "+442079460102", "+442079460104"}


def test_a_tag_is_shown_on_reserved_numbers_and_blank_on_others(bank: Inventory) -> None:
    tags = {number: bank.show(number, "reservedTag")["reservedTag"] for number in search(bank)}
    assert {number for number, tag in tags.items() if tag is not None} == set(search(bank, statuses=["RESERVED"]))


def test_reserved_numbers_are_searched_by_number_or_tag(bank: Inventory) -> None:
    assert search(bank, statuses=["RESERVED"]) == ["+442079460101", "+442079460102"]
    assert search(bank, statuses=["RESERVED"], text="0102") == ["+442079460102"]
    assert search(bank, statuses=["RESERVED"], text="salestag") == ["+442079460101"]


def test_the_utilization_panel_counts_the_five_categories(bank: Inventory) -> None:
    """In use: assigned, reserved, registered, and allocated numbers; available: what the administrator can use."""
    query = """{ organization { utilization {
      total inUse available reserved assigned registered allocatedToSubOrganizations pendingInvitations
      categories { label count description }
    } } }"""
    found = bank.ask(query)["organization"]["utilization"]
    slices = {part["label"]: part["count"] for part in found.pop("categories")}
    assert slices == {
        "Available": 1,
        "Reserved": 2,
        "Assigned": 1,
        "Registered": 0,
        "Allocated to Sub-Organizations": 3,
    }
    assert found == {
        "total": 7,
        "inUse": 6,
        "available": 1,
        "reserved": 2,
        "assigned": 1,
        "registered": 0,
        "allocatedToSubOrganizations": 3,
        "pendingInvitations": 1,
    }


def test_inventories_show_available_and_allocated_numbers_by_series(bank: Inventory) -> None:
    """Available by series; and the sub-organizations that numbers are allocated to, each with its series."""
    query = """{ organization {
      inventory { series { name } available }
      descendants(holdingNumbers: true) { nodes { name inventory { series { name } total available } } }
    } }"""
    found = bank.ask(query)["organization"]
    available = {row["series"]["name"]: row["available"] for row in found["inventory"]}
    assert available == {"+1 418": 1, "+1 876": 0, "+44 20": 0}
    assert [node["name"] for node in found["descendants"]["nodes"]] == ["Sales", "Trading"]
    assert found["descendants"]["nodes"][1]["inventory"] == [{"series": {"name": "+44 20"}, "total": 2, "available": 1}]
