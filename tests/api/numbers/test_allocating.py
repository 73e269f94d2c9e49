"""Allocating to descendants by series and quantity with three strategies, and withdrawing to the immediate parent."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.database_dump import dump
from tests.support.inventory import NUMBERS, Inventory
from tests.support.server import Server

TREE = "Bank\nBank/Sales\nBank/Sales/Trading\nBank/Retail\n"


def row(last: int, organization: str = "Bank", status: str = "AVAILABLE,") -> str:
    return f"+1418555{last:04},+1 418,{organization},{status},,,\n"


@pytest.fixture
def bank(server: Server) -> Inventory:
    """Five available numbers with two gaps: 100, 101, 103, 104, 105; 102 is reserved."""
    rows = "".join(row(last) for last in (100, 101, 103, 104, 105)) + row(102, status="RESERVED,kept")
    return Inventory(server, TREE, rows + row(200, "Bank/Sales"))


def allocate(bank: Inventory, quantity: int, to: str, **more: Any) -> dict[str, Any]:
    source = more.pop("source", None)
    from_ = {} if source is None else {"fromOrganizationId": bank.organization(source)}
    to_ = {"seriesId": bank.series("+1 418"), "quantity": quantity, "toOrganizationId": bank.organization(to)}
    return to_ | from_ | more


def withdraw(bank: Inventory, quantity: int, organization: str, **more: Any) -> dict[str, Any]:
    return {
        "organizationId": bank.organization(organization),
        "seriesId": bank.series("+1 418"),
        "quantity": quantity,
    } | more


def taken(done: dict[str, Any]) -> list[int]:
    assert done["userErrors"] == []
    assert done["changedCount"] == len(done["phoneNumbers"])
    return [int(number["number"][-4:]) for number in done["phoneNumbers"]]


def test_the_lowest_available_numbers_are_allocated(bank: Inventory) -> None:
    done = bank.mutate("allocateNumbers", NUMBERS, allocate(bank, 3, "Bank/Sales/Trading"))
    assert taken(done) == [100, 101, 103]
    assert [organization["name"] for organization in done["organizations"]] == ["Bank", "Sales", "Trading"]
    assert bank.show("+14185550100") == {
        "status": "AVAILABLE",
        "reservedTag": None,
        "organization": {"name": "Trading"},
    }
    assert [event["action"] for event in bank.history("+14185550100")] == ["ALLOCATED", "IMPORTED"]
    assert bank.server.differences() == []


def test_a_contiguous_block_is_the_lowest_sufficient_run(bank: Inventory) -> None:
    assert taken(bank.mutate("allocateNumbers", NUMBERS, allocate(bank, 3, "Bank/Sales", strategy="CONTIGUOUS"))) == [
        103,
        104,
        105,
    ]
    assert taken(bank.mutate("allocateNumbers", NUMBERS, allocate(bank, 2, "Bank/Sales", strategy="CONTIGUOUS"))) == [
        100,
        101,
    ]
    assert bank.server.differences() == []


@pytest.mark.parametrize(("strategy", "wanted"), [("CONTIGUOUS", "4 contiguous ones"), ("LOWEST", "90")])
def test_without_sufficient_numbers_nothing_is_allocated(bank: Inventory, strategy: str, wanted: str) -> None:
    quantity = int(wanted.split(maxsplit=1)[0])
    error = bank.refused("allocateNumbers", NUMBERS, allocate(bank, quantity, "Bank/Sales", strategy=strategy))
    assert (error["code"], error["path"]) == ("INSUFFICIENT_NUMBERS", ["input", "quantity"])
    assert re.fullmatch(rf"Bank has \d+ available numbers in .+, not {wanted}\.", error["message"])


def test_a_block_skips_numbers_of_another_length(server: Server) -> None:
    rows = (
        "+4930901820,All,Bank,AVAILABLE,,,,\n+49309018201,All,Bank,AVAILABLE,,,,\n+4930901821,All,Bank,AVAILABLE,,,,\n"
    )
    bank = Inventory(server, TREE, rows)
    wanted = {
        "seriesId": bank.series("All"),
        "quantity": 2,
        "toOrganizationId": bank.organization("Bank/Sales"),
        "strategy": "CONTIGUOUS",
    }
    done = bank.mutate("allocateNumbers", NUMBERS, wanted)
    # In text order, a longer number lies between the two consecutive ones.
    assert done["userErrors"] == []
    assert [number["number"] for number in done["phoneNumbers"]] == ["+4930901820", "+4930901821"]


def test_longest_unused_takes_the_numbers_released_first(bank: Inventory) -> None:
    for last in (100, 103):
        bank.server.advance(60)
        numbers = {"numberIds": bank.numbers(f"+1418555{last:04}")}
        bank.mutate("reserveNumbers", NUMBERS, numbers | {"tag": "for a while"})
        bank.mutate("unreserveNumbers", NUMBERS, numbers)
    done = bank.mutate("allocateNumbers", NUMBERS, allocate(bank, 4, "Bank/Sales", strategy="LONGEST_UNUSED"))
    # 101, 104 and 105 have been available since the beginning, 100 was freed before 103.
    assert taken(done) == [100, 101, 104, 105]
    assert bank.show("+14185550103", "organization { name }") == {"organization": {"name": "Bank"}}


def test_numbers_are_allocated_from_the_given_organization(bank: Inventory) -> None:
    done = bank.mutate("allocateNumbers", NUMBERS, allocate(bank, 1, "Bank/Sales/Trading", source="Bank/Sales"))
    assert taken(done) == [200]


@pytest.mark.parametrize("strategy", ["LOWEST", "LONGEST_UNUSED", "CONTIGUOUS"])
def test_a_quantity_above_the_available_numbers_is_refused(bank: Inventory, strategy: str) -> None:
    error = bank.refused("allocateNumbers", NUMBERS, allocate(bank, 6, "Bank/Sales", strategy=strategy))
    assert (error["code"], error["path"]) == ("INSUFFICIENT_NUMBERS", ["input", "quantity"])
    assert "5" in error["message"]


@pytest.mark.parametrize(
    ("quantity", "code"), [(0, "INVALID_INPUT"), (-1, "INVALID_INPUT"), (100_001, "LIMIT_EXCEEDED")]
)
def test_a_quantity_out_of_range_is_refused(bank: Inventory, quantity: int, code: str) -> None:
    for name, input_ in (
        ("allocateNumbers", allocate(bank, quantity, "Bank/Sales")),
        ("withdrawNumbers", withdraw(bank, quantity, "Bank/Sales")),
    ):
        error = bank.refused(name, NUMBERS, input_)
        assert (error["code"], error["path"]) == (code, ["input", "quantity"])


@pytest.mark.parametrize(
    ("source", "target"),
    [("Bank", "Bank"), ("Bank/Sales", "Bank"), ("Bank/Sales", "Bank/Retail"), ("Bank/Sales/Trading", "Bank/Sales")],
)
def test_numbers_are_only_allocated_to_descendants(bank: Inventory, source: str, target: str) -> None:
    error = bank.refused("allocateNumbers", NUMBERS, allocate(bank, 1, target, source=source))
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "toOrganizationId"])


def test_withdrawing_moves_the_lowest_numbers_to_the_immediate_parent(bank: Inventory) -> None:
    bank.mutate("allocateNumbers", NUMBERS, allocate(bank, 3, "Bank/Sales/Trading"))
    done = bank.mutate("withdrawNumbers", NUMBERS, withdraw(bank, 2, "Bank/Sales/Trading"))
    assert taken(done) == [100, 101]
    assert [organization["name"] for organization in done["organizations"]] == ["Bank", "Sales", "Trading"]
    assert bank.show("+14185550100", "organization { name }") == {"organization": {"name": "Sales"}}
    assert bank.show("+14185550103", "organization { name }") == {"organization": {"name": "Trading"}}
    assert [event["action"] for event in bank.history("+14185550100")] == ["WITHDRAWN", "ALLOCATED", "IMPORTED"]
    assert bank.server.differences() == []


def test_only_available_numbers_are_withdrawn(bank: Inventory) -> None:
    bank.add(row(201, "Bank/Sales", "RESERVED,kept") + "+14185550202,+1 418,Bank/Sales,IN_USE,,Bo,Rask,bo@bank.test\n")
    error = bank.refused("withdrawNumbers", NUMBERS, withdraw(bank, 2, "Bank/Sales"))
    assert (error["code"], error["path"]) == ("INSUFFICIENT_NUMBERS", ["input", "quantity"])
    assert taken(bank.mutate("withdrawNumbers", NUMBERS, withdraw(bank, 1, "Bank/Sales"))) == [200]


@pytest.mark.parametrize("place", ["Bank", "Bank/Sales"])
def test_withdrawing_from_the_acting_organization_is_refused(bank: Inventory, place: str) -> None:
    error = bank.refused("withdrawNumbers", NUMBERS, withdraw(bank, 1, place), at=place)
    assert (error["code"], error["path"]) == ("FORBIDDEN", ["input", "organizationId"])
    assert "Act from the parent" in error["message"]


@pytest.mark.parametrize(
    ("name", "input_"), [("allocateNumbers", (3, "Bank/Sales/Trading")), ("withdrawNumbers", (1, "Bank/Sales"))]
)
def test_a_dry_run_returns_the_same_payload_and_changes_nothing(
    bank: Inventory, name: str, input_: tuple[int, str]
) -> None:
    wanted = (allocate if name == "allocateNumbers" else withdraw)(bank, *input_)
    before = dump(bank.server)
    tried = bank.mutate(name, NUMBERS, wanted | {"dryRun": True})
    assert dump(bank.server) == before
    assert tried == bank.mutate(name, NUMBERS, wanted) | {"operationId": None}


def test_allocate_and_withdraw_are_offered_only_where_they_apply(bank: Inventory) -> None:
    query = "query ($id: ID!) { organization(id: $id) { availableActions } }"

    def offered(place: str, at: str = "Bank", role: str = "OWNER") -> set[str]:
        found = bank.ask(query, {"id": bank.organization(place)}, at=at, role=role)
        return set(found["organization"]["availableActions"]) & {"ALLOCATE", "WITHDRAW"}

    assert offered("Bank") == {"ALLOCATE"}
    assert offered("Bank/Sales") == {"ALLOCATE", "WITHDRAW"}
    assert offered("Bank/Sales", at="Bank/Sales") == {"ALLOCATE"}
    assert offered("Bank/Sales/Trading") == set()
    assert offered("Bank/Sales", role="VIEWER") == set()
    bank.mutate("allocateNumbers", NUMBERS, allocate(bank, 1, "Bank/Sales/Trading", source="Bank/Sales"))
    assert offered("Bank/Sales") == set()
    assert offered("Bank/Sales/Trading") == {"WITHDRAW"}
