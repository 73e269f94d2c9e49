"""Reserving with and without an organization, editing the tag, unreserving; valid tags."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.database_dump import dump
from tests.support.inventory import EDITED, NUMBERS, Inventory

AVAILABLE, OTHER, RESERVED = "+14185550100", "+14185550101", "+14185550102"
ASSIGNED, IN_USE, OF_SALES = "+14185550103", "+14185550104", "+14185550105"
ALLOWED = {
    AVAILABLE: ("AVAILABLE", ["MOVE", "RESERVE", "INVITE", "RETIRE"]),
    RESERVED: ("RESERVED", ["MOVE", "EDIT_TAG", "UNRESERVE", "INVITE"]),
    ASSIGNED: ("ASSIGNED", ["CANCEL_INVITATION", "RESEND_INVITATION", "DELETE_USER"]),
    IN_USE: ("IN_USE", ["MOVE", "DELETE_USER"]),
}


def test_reserving_tags_available_numbers(bank: Inventory) -> None:
    done = bank.mutate("reserveNumbers", NUMBERS, {"numberIds": bank.numbers(AVAILABLE, OTHER), "tag": "launch"})
    assert (done["changedCount"], done["userErrors"]) == (2, [])
    assert bank.show(AVAILABLE) == {"status": "RESERVED", "reservedTag": "launch", "organization": {"name": "Bank"}}
    fields = "action statusBefore statusAfter reservedTagBefore reservedTagAfter"
    assert bank.history(AVAILABLE, fields)[0] == {
        "action": "RESERVED",
        "statusBefore": "AVAILABLE",
        "statusAfter": "RESERVED",
        "reservedTagBefore": None,
        "reservedTagAfter": "launch",
    }
    assert bank.server.differences() == []


def test_reserving_for_an_organization_allocates_to_it(bank: Inventory) -> None:
    reserve = {"numberIds": bank.numbers(AVAILABLE), "tag": "desk", "organizationId": bank.organization("Bank/Retail")}
    done = bank.mutate("reserveNumbers", NUMBERS, reserve)
    assert [organization["name"] for organization in done["organizations"]] == ["Bank", "Retail"]
    assert bank.show(AVAILABLE) == {"status": "RESERVED", "reservedTag": "desk", "organization": {"name": "Retail"}}
    assert bank.history(AVAILABLE, "action organizationBefore { name } organizationAfter { name }")[0] == {
        "action": "RESERVED",
        "organizationBefore": {"name": "Bank"},
        "organizationAfter": {"name": "Retail"},
    }
    assert bank.server.differences() == []


def test_reserving_for_the_current_holder_only_reserves(bank: Inventory) -> None:
    reserve = {"numberIds": bank.numbers(AVAILABLE), "tag": "desk", "organizationId": bank.organization("Bank")}
    assert bank.mutate("reserveNumbers", NUMBERS, reserve)["changedCount"] == 1
    assert bank.show(AVAILABLE, "status") == {"status": "RESERVED"}


def test_a_reserved_tag_is_edited(bank: Inventory) -> None:
    edit = {"numberId": bank.number(RESERVED), "tag": "  VIP line "}
    done = bank.mutate("editReservedTag", EDITED, edit)
    assert done["phoneNumber"] == {"number": RESERVED, "reservedTag": "VIP line"}
    assert done["operationId"] is not None
    found = bank.ask('{ phoneNumbers(filter: {tag: "vip LINE"}) { nodes { number } } }')
    assert found["phoneNumbers"]["nodes"] == [{"number": RESERVED}]
    assert [event["action"] for event in bank.history(RESERVED)] == ["TAG_EDITED", "IMPORTED"]
    assert bank.server.differences() == []


def test_reserving_with_the_same_tag_writes_nothing(bank: Inventory) -> None:
    before = dump(bank.server)
    done = bank.mutate("editReservedTag", EDITED, {"numberId": bank.number(RESERVED), "tag": " hotline "})
    expected: dict[str, Any] = {
        "phoneNumber": {"number": RESERVED, "reservedTag": "hotline"},
        "operationId": None,
        "userErrors": [],
    }
    assert done == expected
    assert dump(bank.server) == before


def test_unreserving_makes_available_and_clears_the_tag(bank: Inventory) -> None:
    assert bank.mutate("unreserveNumbers", NUMBERS, {"numberIds": bank.numbers(RESERVED)})["changedCount"] == 1
    assert bank.show(RESERVED, "status reservedTag forwardingNumber") == {
        "status": "AVAILABLE",
        "reservedTag": None,
        "forwardingNumber": None,
    }
    assert [event["action"] for event in bank.history(RESERVED)] == ["UNRESERVED", "IMPORTED"]
    assert bank.server.differences() == []


@pytest.mark.parametrize(
    ("name", "number", "more"),
    [
        *(("reserveNumbers", number, {"tag": "again"}) for number in (RESERVED, ASSIGNED, IN_USE)),
        *(("unreserveNumbers", number, {}) for number in (AVAILABLE, ASSIGNED, IN_USE)),
        *(("editReservedTag", number, {"tag": "new"}) for number in (AVAILABLE, ASSIGNED, IN_USE)),
        ("moveNumbers", ASSIGNED, {"organizationId": "Bank/Sales"}),
    ],
)
def test_actions_outside_the_lifecycle_table_are_refused(
    shared_bank: Inventory, name: str, number: str, more: dict[str, Any]
) -> None:
    status, allowed = ALLOWED[number]
    single = name == "editReservedTag"
    chosen = {"numberId": shared_bank.number(number)} if single else {"numberIds": shared_bank.numbers(number)}
    more = {key: shared_bank.organization(value) if key == "organizationId" else value for key, value in more.items()}
    error = shared_bank.refused(name, EDITED if single else NUMBERS, chosen | more)
    assert error["code"] == "INVALID_TRANSITION"
    assert error["refusals"] == [{"number": number, "status": status, "allowed": allowed}]
    assert (error["numbers"], error["numberCount"]) == ([number], 1)
    assert error["path"] == ["input", "numberId" if single else "numberIds"]
    assert all(word in error["message"] for word in (number, status, *allowed))


def test_a_refusal_of_selected_numbers_names_the_filter(bank: Inventory) -> None:
    error = bank.refused("unreserveNumbers", NUMBERS, {"filter": {"startsWith": "14185550100"}})
    assert (error["code"], error["path"]) == ("INVALID_TRANSITION", ["input", "filter"])


def test_a_refusal_lists_100_numbers_and_counts_all(bank: Inventory) -> None:
    bank.add("".join(f"+1418556{n:04},+1 418,Bank,RESERVED,many,,,\n" for n in range(130)))
    error = bank.refused("reserveNumbers", NUMBERS, {"filter": {"startsWith": "+1418"}, "tag": "all"})
    # The 130 and the three of the bank that are RESERVED, ASSIGNED and IN_USE, lowest first.
    assert error["numberCount"] == 133
    assert len(error["numbers"]) == len(error["refusals"]) == 100
    assert error["numbers"][:4] == [RESERVED, ASSIGNED, IN_USE, "+14185560000"]


@pytest.mark.parametrize("tag", ["", "   ", "\t\n", "\u00a0\u2003", "x" * 65, "a\nb", "a\tb", "bell\x07", "a\u2028b"])
def test_an_invalid_tag_is_refused(shared_bank: Inventory, tag: str) -> None:
    for name, selection, chosen in (
        ("reserveNumbers", NUMBERS, {"numberIds": shared_bank.numbers(AVAILABLE)}),
        ("editReservedTag", EDITED, {"numberId": shared_bank.number(RESERVED)}),
    ):
        error = shared_bank.refused(name, selection, chosen | {"tag": tag})
        assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "tag"])


def test_numbers_out_of_scope_are_refused_before_an_invalid_tag(shared_bank: Inventory) -> None:
    numbers = shared_bank.numbers("+14185550102", "+14185550103")
    for name, input_ in (
        ("editReservedTag", {"numberId": numbers[0], "tag": " "}),
        ("reserveNumbers", {"numberIds": numbers[:1], "tag": " "}),
        ("reserveNumbers", {"numberIds": numbers, "tag": " "}),
    ):
        error = shared_bank.refused(name, "userErrors { code message path numbers }", input_, at="Bank/Sales")
        assert error["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("tag", "stored"),
    [("  launch\t", "launch"), ("x" * 64, "x" * 64), (" " * 40 + "y" * 64, "y" * 64), ("Cafe\u0301", "Caf\u00e9")],
)
def test_a_tag_is_trimmed_and_normalised(bank: Inventory, tag: str, stored: str) -> None:
    bank.mutate("reserveNumbers", NUMBERS, {"numberIds": bank.numbers(AVAILABLE), "tag": tag})
    assert bank.show(AVAILABLE, "reservedTag") == {"reservedTag": stored}


def test_available_actions_follow_the_lifecycle_table(bank: Inventory) -> None:
    for number, (status, allowed) in ALLOWED.items():
        assert bank.show(number, "status availableActions") == {"status": status, "availableActions": allowed}
        assert bank.show(number, "availableActions", role="ADMIN") == {"availableActions": allowed}
        assert bank.show(number, "availableActions", role="VIEWER") == {"availableActions": []}
    # Only the root can retire numbers.
    assert bank.show(OF_SALES, "availableActions", at="Bank/Sales") == {
        "availableActions": ["MOVE", "RESERVE", "INVITE"]
    }
