"""Deleting a user with RELEASE or RESERVE, and the forwarding number that can only be set then."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.users.actions import (
    ASSIGNED,
    ERRORS,
    FREE,
    HOTLINE,
    IN_USE,
    OTHER,
    accept,
    codes,
    figures,
    invited,
    link,
)
from tests.support.database_dump import dump
from tests.support.inventory import Inventory
from tests.support.outbox import mails

DELETED = f"deletedUserId phoneNumber {{ number status reservedTag forwardingNumber }} organization {{ name }} {ERRORS}"
FORWARDED = f"phoneNumber {{ number forwardingNumber availableActions }} operationId {ERRORS}"
TARGET, ELSEWHERE = "+14188984760", "+442079460000"


def user_on(bank: Inventory, number: str) -> str:
    found: str = bank.show(number, "user { id }")["user"]["id"]
    return found


def delete(bank: Inventory, number: str, **said: Any) -> Any:
    done = bank.mutate("deleteUser", DELETED, {"userId": user_on(bank, number)} | said)
    assert done["userErrors"] == []
    return done


def reserve(bank: Inventory, number: str = IN_USE, **said: Any) -> Any:
    return delete(bank, number, disposition="RESERVE", tag="was Bo's", **said)


@pytest.mark.parametrize("number", [ASSIGNED, IN_USE])
def test_release_makes_the_number_available(bank: Inventory, number: str) -> None:
    user_id = user_on(bank, number)
    done = delete(bank, number)
    assert done == {
        "deletedUserId": user_id,
        "phoneNumber": {"number": number, "status": "AVAILABLE", "reservedTag": None, "forwardingNumber": None},
        "organization": {"name": "Bank"},
        "userErrors": [],
    }
    assert bank.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": user_id})["node"] is None
    event = bank.history(number, "action statusAfter userBefore userAfter")[0]
    assert (event["action"], event["statusAfter"], event["userAfter"]) == ("USER_DELETED", "AVAILABLE", None)
    assert event["userBefore"] in {"Ada Ling <ada@bank.test>", "Bo Rask <bo@bank.test>"}
    assert figures(bank)["pendingInvitations"] == (0 if number == ASSIGNED else 1)
    assert bank.server.differences() == []


def test_reserve_tags_the_number_and_forwards_it(bank: Inventory) -> None:
    """Seed: "the admin has a one-time option to tag the number and add a forwarding number"."""
    done = reserve(bank, forwardingNumber="+1 (418) 898-4760")
    assert done["phoneNumber"] == {
        "number": IN_USE,
        "status": "RESERVED",
        "reservedTag": "was Bo's",
        "forwardingNumber": TARGET,
    }
    event = bank.history(IN_USE, "action reservedTagAfter forwardingNumberBefore forwardingNumberAfter")[0]
    assert event == {
        "action": "USER_DELETED",
        "reservedTagAfter": "was Bo's",
        "forwardingNumberBefore": None,
        "forwardingNumberAfter": TARGET,
    }
    found = bank.ask('{ phoneNumbers(filter: {tag: "WAS BO\'S"}) { nodes { number } } }')
    assert found["phoneNumbers"]["nodes"] == [{"number": IN_USE}]
    assert bank.server.differences() == []


def test_reserve_without_a_forwarding_number(bank: Inventory) -> None:
    assert reserve(bank, ASSIGNED)["phoneNumber"]["forwardingNumber"] is None
    assert bank.show(ASSIGNED, "availableActions") == {"availableActions": ["MOVE", "EDIT_TAG", "UNRESERVE", "INVITE"]}
    assert bank.server.differences() == []


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"disposition": "RESERVE"}, "tag"),
        ({"disposition": "RESERVE", "tag": " "}, "tag"),
        ({"disposition": "RESERVE", "tag": "x" * 65}, "tag"),
        ({"disposition": "RESERVE", "tag": "x", "forwardingNumber": "12"}, "forwardingNumber"),
        ({"disposition": "RESERVE", "tag": "x", "forwardingNumber": IN_USE}, "forwardingNumber"),
        ({"tag": "x"}, "tag"),
        ({"forwardingNumber": TARGET}, "forwardingNumber"),
    ],
)
def test_invalid_input_names_its_field_and_deletes_nothing(
    shared_bank: Inventory, said: dict[str, Any], path: str
) -> None:
    error = shared_bank.refused("deleteUser", ERRORS, {"userId": user_on(shared_bank, IN_USE)} | said)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", path])


def test_a_user_without_a_number_can_only_be_released(bank: Inventory) -> None:
    someone = invited(bank)
    token = link(bank)
    kept = {"userId": someone["id"], "disposition": "RESERVE", "tag": "x"}
    error = bank.refused("deleteUser", ERRORS, kept)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "disposition"])
    done = bank.mutate("deleteUser", DELETED, {"userId": someone["id"]})
    assert (done["phoneNumber"], done["userErrors"]) == (None, [])
    assert (figures(bank)["pendingInvitations"], figures(bank)["pendingWithoutNumber"]) == (1, 0)
    assert codes(accept(bank, token)) == ["NOT_FOUND"]
    assert bank.server.differences() == []


def test_a_dry_run_reports_and_deletes_nothing(bank: Inventory) -> None:
    user_id = user_on(bank, IN_USE)
    before = dump(bank.server)
    done = bank.mutate("deleteUser", DELETED, {"userId": user_id, "dryRun": True})
    assert (done["deletedUserId"], done["userErrors"]) == (user_id, [])
    assert done["phoneNumber"]["status"] == "IN_USE"
    assert dump(bank.server) == before


def test_repeating_an_idempotency_key_deletes_once(bank: Inventory) -> None:
    said = {"userId": user_on(bank, IN_USE), "idempotencyKey": "once"}
    first = bank.mutate("deleteUser", DELETED, said)
    assert bank.mutate("deleteUser", DELETED, said) == first
    assert codes(bank.mutate("deleteUser", ERRORS, {"userId": said["userId"]})) == ["NOT_FOUND"]


def test_a_forwarding_number_can_be_updated(bank: Inventory) -> None:
    """Seed: "if there is a forwarding number attached at that time, it can be edited or deleted"."""
    reserve(bank, forwardingNumber=TARGET)
    said = {"numberId": bank.number(IN_USE), "forwardingNumber": "+44 20 7946 0000"}
    done = bank.mutate("updateForwardingNumber", FORWARDED, said)
    assert done["phoneNumber"] == {
        "number": IN_USE,
        "forwardingNumber": ELSEWHERE,
        "availableActions": ["MOVE", "EDIT_TAG", "UNRESERVE", "UPDATE_FORWARDING", "REMOVE_FORWARDING", "INVITE"],
    }
    assert bank.history(IN_USE, "action forwardingNumberBefore forwardingNumberAfter")[0] == {
        "action": "FORWARDING_UPDATED",
        "forwardingNumberBefore": TARGET,
        "forwardingNumberAfter": ELSEWHERE,
    }
    again = bank.mutate("updateForwardingNumber", FORWARDED, said)
    assert (again["operationId"], again["userErrors"]) == (None, [])
    assert bank.server.differences() == []


def test_a_removed_forwarding_number_cannot_be_set_again(bank: Inventory) -> None:
    """Seed: "it is impossible to forward a number that didn't initially have a forwarding number attached to it"."""
    reserve(bank, forwardingNumber=TARGET)
    number = {"numberId": bank.number(IN_USE)}
    done = bank.mutate("removeForwardingNumber", FORWARDED, number)
    assert done["phoneNumber"]["forwardingNumber"] is None
    assert bank.history(IN_USE)[0] == {"action": "FORWARDING_REMOVED"}
    for mutation, more in (("updateForwardingNumber", {"forwardingNumber": TARGET}), ("removeForwardingNumber", {})):
        error = bank.refused(mutation, ERRORS, number | more)
        assert (error["code"], error["numbers"]) == ("INVALID_TRANSITION", [IN_USE])
        assert error["refusals"][0]["allowed"] == ["MOVE", "EDIT_TAG", "UNRESERVE", "INVITE"]
    assert bank.server.differences() == []


@pytest.mark.parametrize("number", [FREE, HOTLINE, ASSIGNED, IN_USE])
def test_a_number_that_was_never_forwarded_cannot_be_forwarded(shared_bank: Inventory, number: str) -> None:
    said = {"numberId": shared_bank.number(number), "forwardingNumber": TARGET}
    error = shared_bank.refused("updateForwardingNumber", ERRORS, said)
    assert (error["code"], error["path"], error["numbers"]) == ("INVALID_TRANSITION", ["input", "numberId"], [number])


@pytest.mark.parametrize("target", ["nonsense", "12", IN_USE])
def test_a_forwarding_number_must_be_a_different_valid_number(bank: Inventory, target: str) -> None:
    reserve(bank, forwardingNumber=TARGET)
    said = {"numberId": bank.number(IN_USE), "forwardingNumber": target}
    error = bank.refused("updateForwardingNumber", ERRORS, said)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "forwardingNumber"])


def test_forwarding_survives_a_move_and_ends_with_the_reservation(bank: Inventory) -> None:
    reserve(bank, forwardingNumber=TARGET)
    moved = {"numberIds": [bank.number(IN_USE)], "organizationId": bank.organization("Bank/Sales")}
    assert codes(bank.mutate("moveNumbers", ERRORS, moved)) == []
    assert bank.show(IN_USE, "status forwardingNumber") == {"status": "RESERVED", "forwardingNumber": TARGET}
    assert codes(bank.mutate("unreserveNumbers", ERRORS, {"numberIds": [bank.number(IN_USE)]})) == []
    assert bank.show(IN_USE, "status forwardingNumber") == {"status": "AVAILABLE", "forwardingNumber": None}
    assert bank.server.differences() == []


def test_deleting_a_user_sends_no_mail(bank: Inventory) -> None:
    reserve(bank, forwardingNumber=OTHER)
    assert mails(bank.server) == []
