"""Selecting the numbers of a bulk change: by id, by filter, with the expected count."""

from __future__ import annotations

from typing import Any

import pytest

from tests.properties.scope.fixtures import global_id
from tests.support.database_dump import dump
from tests.support.inventory import NUMBERS, RETIRED, Inventory

AVAILABLE, OTHER, RESERVED = "+14185550100", "+14185550101", "+14185550102"
BULK: list[tuple[str, str, dict[str, Any]]] = [
    ("moveNumbers", NUMBERS, {"organizationId": "Bank/Retail"}),
    ("reserveNumbers", NUMBERS, {"tag": "launch"}),
    ("unreserveNumbers", NUMBERS, {}),
    ("retireNumbers", RETIRED, {}),
]
every_bulk_change = pytest.mark.parametrize(("name", "selection", "more"), BULK, ids=[bulk[0] for bulk in BULK])


def filled(bank: Inventory, more: dict[str, Any]) -> dict[str, Any]:
    return {key: bank.organization(value) if key == "organizationId" else value for key, value in more.items()}


@every_bulk_change
@pytest.mark.parametrize(
    "empty",
    [
        {"filter": {}},
        {"filter": {"includeDescendants": True}},
        {"filter": {"text": ""}},
        {"filter": {"seriesIds": [], "organizationIds": [], "statuses": [], "numbers": []}},
        {"filter": {"text": None, "tag": None, "statuses": None}},
        {"numberIds": []},
        {},
        {"numberIds": None, "filter": None},
        {"numberIds": ["x"], "filter": {"text": "1418"}},
    ],
    ids=str,
)
def test_a_change_without_a_selection_is_refused(
    shared_bank: Inventory, name: str, selection: str, more: dict[str, Any], empty: dict[str, Any]
) -> None:
    error = shared_bank.refused(name, selection, filled(shared_bank, more) | empty)
    assert error["code"] == "INVALID_INPUT"
    assert error["path"] == ["input", "filter" if "filter" in empty and len(empty) == 1 else "numberIds"]


@every_bulk_change
def test_one_id_beside_a_filter_is_refused(
    shared_bank: Inventory, name: str, selection: str, more: dict[str, Any]
) -> None:
    number = RESERVED if name == "unreserveNumbers" else AVAILABLE
    both = {"numberIds": shared_bank.numbers(number), "filter": {"text": "1418"}}
    error = shared_bank.refused(name, selection, filled(shared_bank, more) | both)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "numberIds"])


@every_bulk_change
def test_an_unexpected_count_is_a_conflict(bank: Inventory, name: str, selection: str, more: dict[str, Any]) -> None:
    status = "RESERVED" if name == "unreserveNumbers" else "AVAILABLE"
    change = filled(bank, more) | {"filter": {"statuses": [status]}}
    count = bank.ask(f"{{ phoneNumbers(filter: {{statuses: [{status}]}}) {{ totalCount }} }}")["phoneNumbers"]
    for wrong in (0, count["totalCount"] - 1, count["totalCount"] + 1):
        error = bank.refused(name, selection, change | {"expectedCount": wrong})
        assert (error["code"], error["path"]) == ("CONFLICT", ["input", "expectedCount"])
    done = bank.mutate(name, selection, change | {"expectedCount": count["totalCount"]})
    assert (done["changedCount"], done["userErrors"]) == (count["totalCount"], [])
    assert bank.server.differences() == []


@every_bulk_change
def test_a_dry_run_of_every_bulk_change_writes_nothing(
    bank: Inventory, name: str, selection: str, more: dict[str, Any]
) -> None:
    status = "RESERVED" if name == "unreserveNumbers" else "AVAILABLE"
    change = filled(bank, more) | {"filter": {"statuses": [status]}}
    before = dump(bank.server)
    tried = bank.mutate(name, selection, change | {"dryRun": True})
    assert dump(bank.server) == before
    done = bank.mutate(name, selection, change)
    assert tried == done | {"operationId": None}


def test_a_filter_selects_only_inside_the_scope(bank: Inventory) -> None:
    done = bank.mutate("reserveNumbers", NUMBERS, {"filter": {"startsWith": "1"}, "tag": "ours"}, at="Bank/Sales")
    assert (done["changedCount"], done["phoneNumbers"]) == (1, [{"number": "+14185550105"}])


@pytest.mark.parametrize(
    ("filter_", "numbers"),
    [
        ({"numbers": ["+1 (418) 555-0100", "+14185550999"]}, ["+14185550100"]),
        ({"from": "+14185550100", "to": "+14185550101"}, ["+14185550100", "+14185550101"]),
        ({"endsWith": "0105"}, ["+14185550105"]),
        ({"statuses": ["AVAILABLE"], "organizationIds": ["Bank/Sales"]}, ["+14185550105"]),
        ({"text": "555-0101"}, ["+14185550101"]),
        ({"tagged": False, "statuses": ["AVAILABLE"]}, ["+14185550100", "+14185550101", "+14185550105"]),
    ],
    ids=str,
)
def test_filters_select_the_numbers_that_a_search_lists(
    bank: Inventory, filter_: dict[str, Any], numbers: list[str]
) -> None:
    chosen = {
        key: [bank.organization(path) for path in value] if key == "organizationIds" else value
        for key, value in filter_.items()
    }
    done = bank.mutate("reserveNumbers", NUMBERS, {"filter": chosen, "tag": "chosen"})
    assert [number["number"] for number in done["phoneNumbers"]] == numbers
    assert done["changedCount"] == len(numbers)


@pytest.mark.parametrize(
    ("filter_", "path"),
    [
        ({"numbers": [AVAILABLE, "nonsense"]}, ["input", "filter", "numbers", "1"]),
        ({"from": "nonsense"}, ["input", "filter", "from"]),
        ({"to": "12"}, ["input", "filter", "to"]),
    ],
)
def test_an_invalid_number_in_a_filter_is_refused(
    shared_bank: Inventory, filter_: dict[str, Any], path: list[str]
) -> None:
    error = shared_bank.refused("reserveNumbers", NUMBERS, {"filter": filter_, "tag": "x"})
    assert (error["code"], error["path"]) == ("INVALID_INPUT", path)


def test_one_unknown_id_refuses_the_change(bank: Inventory) -> None:
    ids = [*bank.numbers(AVAILABLE), global_id("PhoneNumber", 99_999), *bank.numbers(OTHER)]
    error = bank.refused("reserveNumbers", NUMBERS, {"numberIds": ids, "tag": "x"})
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "numberIds", "1"])


def test_an_id_named_twice_counts_once(bank: Inventory) -> None:
    ids = bank.numbers(AVAILABLE, OTHER, AVAILABLE)
    done = bank.mutate("reserveNumbers", NUMBERS, {"numberIds": ids, "tag": "x", "expectedCount": 2})
    assert (done["changedCount"], done["userErrors"]) == (2, [])
    assert len(bank.history(AVAILABLE)) == 2


def test_the_payload_lists_100_numbers_and_counts_all(bank: Inventory) -> None:
    bank.add("".join(f"+1418556{n:04},+1 418,Bank,AVAILABLE,,,,\n" for n in range(150)))
    done = bank.mutate("reserveNumbers", NUMBERS, {"filter": {"startsWith": "1418556"}, "tag": "many"})
    assert done["changedCount"] == 150
    assert [number["number"] for number in done["phoneNumbers"]] == [f"+1418556{n:04}" for n in range(100)]


def test_a_retired_number_is_never_selected(bank: Inventory) -> None:
    ids = bank.numbers(AVAILABLE)
    bank.mutate("retireNumbers", RETIRED, {"numberIds": ids})
    error = bank.refused("reserveNumbers", NUMBERS, {"numberIds": ids, "tag": "x"})
    assert error["code"] == "NOT_FOUND"
    done = bank.mutate("reserveNumbers", NUMBERS, {"filter": {"numbers": [AVAILABLE]}, "tag": "x"})
    assert (done["changedCount"], done["userErrors"]) == (0, [])


def test_a_full_number_is_found_as_a_number_and_in_tags(bank: Inventory) -> None:
    bank.mutate("reserveNumbers", NUMBERS, {"numberIds": bank.numbers(OTHER), "tag": "FOR 14185550100, soon"})
    query = "query ($text: String!) { phoneNumbers(filter: {text: $text}) { totalCount nodes { number } } }"
    for text, expected in (
        ("14185550100", [AVAILABLE, OTHER]),
        ("+14185550100", [AVAILABLE]),
        ("(418) 555-0100", [AVAILABLE]),
        ("24185550100", []),
    ):
        found = bank.ask(query, {"text": text})["phoneNumbers"]
        assert [node["number"] for node in found["nodes"]] == expected
        assert found["totalCount"] == len(expected)


@pytest.mark.parametrize("by", ["filter", "ids"])
def test_as_many_numbers_as_the_limit_are_changed_whole_and_one_more_is_refused(
    bank: Inventory, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    found = bank.ask("{ phoneNumbers(filter: {statuses: [AVAILABLE]}) { nodes { id number } } }")["phoneNumbers"][
        "nodes"
    ]
    wanted = {"numberIds": [node["id"] for node in found]} if by == "ids" else {"filter": {"statuses": ["AVAILABLE"]}}
    monkeypatch.setattr("resolvers.core.unit_of_work.OPERATION_LIMIT", len(found) - 1)
    error = bank.refused("reserveNumbers", NUMBERS, {"tag": "launch", **wanted})
    assert error["code"] == "LIMIT_EXCEEDED"
    monkeypatch.setattr("resolvers.core.unit_of_work.OPERATION_LIMIT", len(found))
    done = bank.mutate("reserveNumbers", NUMBERS, {"tag": "launch", **wanted})
    assert (done["changedCount"], done["userErrors"]) == (len(found), [])
    assert {bank.show(node["number"])["status"] for node in found} == {"RESERVED"}
