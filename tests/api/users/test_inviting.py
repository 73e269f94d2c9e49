"""Inviting one user: with a number, by tag, from a series, with none, or only saving the user."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.users.actions import (
    ASSIGNED,
    BERLIN,
    ERRORS,
    FREE,
    HOTLINE,
    IN_USE,
    LATER_HOTLINE,
    OF_SALES,
    OTHER,
    USER,
    codes,
    figures,
    invited,
    person,
)
from tests.support.inventory import Inventory
from tests.support.outbox import facts_of, mails

START = {"pendingInvitations": 1, "pendingWithoutNumber": 0, "shortfall": 0}
EVENT = "action statusBefore statusAfter userBefore userAfter reservedTagBefore reservedTagAfter"


def test_inviting_a_user_assigns_the_number(bank: Inventory) -> None:
    user = invited(bank, numberId=bank.number(FREE))
    assert (user["status"], user["organization"]) == ("INVITED", {"name": "Bank"})
    assert user["phoneNumber"] == {"number": FREE, "status": "ASSIGNED"}
    assert (user["invitedAt"], user["invitationExpiresAt"]) == ("2026-11-21T09:00:00Z", "2026-12-05T09:00:00Z")
    assert user["availableActions"] == ["UPDATE", "RESEND_INVITATION", "CANCEL_INVITATION", "DELETE"]
    assert bank.history(FREE, EVENT)[0] == {
        "action": "ASSIGNED",
        "statusBefore": "AVAILABLE",
        "statusAfter": "ASSIGNED",
        "userBefore": None,
        "userAfter": "Cyd Vale <cyd@bank.test>",
        "reservedTagBefore": None,
        "reservedTagAfter": None,
    }
    found = figures(bank)
    assert (found["pendingInvitations"], found["pendingWithoutNumber"], found["assigned"]) == (2, 0, 2)
    (mail,) = mails(bank.server)
    assert (mail.kind.name, mail.to) == ("INVITATION", ["cyd@bank.test"])
    assert (facts_of(mail).number, facts_of(mail).organization) == (FREE, "Bank")
    assert bank.server.differences() == []


def test_inviting_onto_a_reserved_number_clears_tag_and_forwarding(bank: Inventory) -> None:
    bo = bank.show(IN_USE, "user { id }")["user"]["id"]
    kept = {"userId": bo, "disposition": "RESERVE", "tag": "was Bo's", "forwardingNumber": OTHER}
    assert codes(bank.mutate("deleteUser", ERRORS, kept)) == []
    assert bank.show(IN_USE, "forwardingNumber") == {"forwardingNumber": OTHER}
    invited(bank, numberId=bank.number(IN_USE))
    assert bank.show(IN_USE, "status reservedTag forwardingNumber") == {
        "status": "ASSIGNED",
        "reservedTag": None,
        "forwardingNumber": None,
    }
    assert bank.server.differences() == []


def test_inviting_by_tag_takes_the_lowest_exact_match(bank: Inventory) -> None:
    assert invited(bank, "Cyd", reservedTag=" Hotline ")["phoneNumber"]["number"] == HOTLINE
    assert invited(bank, "Dee", reservedTag="hotline")["phoneNumber"]["number"] == LATER_HOTLINE
    error = bank.refused("inviteUser", ERRORS, person("Eve", reservedTag="hotline"))
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "reservedTag"])


def test_inviting_by_tag_prefers_the_exact_case(bank: Inventory) -> None:
    tag = {"numberId": bank.number(LATER_HOTLINE), "tag": "HOTLINE"}
    assert codes(bank.mutate("editReservedTag", ERRORS, tag)) == []
    assert invited(bank, reservedTag="HOTLINE")["phoneNumber"]["number"] == LATER_HOTLINE


def test_inviting_from_a_series_takes_the_lowest_available_number(bank: Inventory) -> None:
    series = bank.series("+1 418")
    assert invited(bank, "Cyd", seriesId=series)["phoneNumber"]["number"] == FREE
    assert invited(bank, "Dee", seriesId=series)["phoneNumber"]["number"] == OTHER
    error = bank.refused("inviteUser", ERRORS, person("Eve", seriesId=series))
    assert (error["code"], error["path"]) == ("INSUFFICIENT_NUMBERS", ["input", "seriesId"])
    assert bank.show(OF_SALES, "status") == {"status": "AVAILABLE"}


def test_a_user_invited_without_a_number_counts_as_pending_not_in_the_total(bank: Inventory) -> None:
    user = invited(bank)
    assert (user["status"], user["phoneNumber"]) == ("INVITED", None)
    assert figures(bank) | {"available": 0} == START | {
        "pendingInvitations": 2,
        "pendingWithoutNumber": 1,
        "available": 0,
        "assigned": 1,
        "registered": 1,
        "reserved": 2,
    }
    assert facts_of(mails(bank.server)[0]).number is None
    assert bank.server.differences() == []


def test_the_shortfall_is_pending_users_minus_available_numbers(bank: Inventory) -> None:
    retail = {"organizationId": bank.organization("Bank/Retail")}
    for name in ("Cyd", "Dee"):
        invited(bank, name, **retail)
    assert figures(bank, "Bank/Retail")["shortfall"] == 2
    moved = {"numberIds": [bank.number(FREE)], **retail}
    assert codes(bank.mutate("moveNumbers", ERRORS, moved)) == []
    assert figures(bank, "Bank/Retail")["shortfall"] == 1
    # Pending counts are of the organization's own users.
    assert figures(bank)["pendingInvitations"] == 1


def test_a_user_can_be_saved_without_inviting(bank: Inventory) -> None:
    user = invited(bank, numberId=bank.number(FREE), sendInvitation=False)
    assert (user["status"], user["invitedAt"], user["invitationExpiresAt"]) == ("NOT_INVITED", None, None)
    assert user["phoneNumber"] == {"number": FREE, "status": "ASSIGNED"}
    assert user["availableActions"] == ["UPDATE", "SEND_INVITATION", "CANCEL_INVITATION", "DELETE"]
    assert figures(bank)["pendingInvitations"] == 1
    assert mails(bank.server) == []
    without = invited(bank, "Dee", sendInvitation=False)
    assert without["availableActions"] == ["UPDATE", "SEND_INVITATION", "DELETE"]
    assert figures(bank)["pendingWithoutNumber"] == 0
    assert bank.server.differences() == []


def test_an_email_address_is_unique_within_its_organization_only(bank: Inventory) -> None:
    error = bank.refused("inviteUser", ERRORS, person("Cyd", email="ADA@bank.test"))
    assert (error["code"], error["path"]) == ("ALREADY_EXISTS", ["input", "email"])
    elsewhere = person("Ada", organizationId=bank.organization("Bank/Sales"))
    assert codes(bank.mutate("inviteUser", ERRORS, elsewhere)) == []


@pytest.mark.parametrize(("number", "allowed"), [(ASSIGNED, "CANCEL_INVITATION"), (IN_USE, "MOVE")])
def test_inviting_with_a_number_in_use_is_refused_with_its_allowed_actions(
    bank: Inventory, number: str, allowed: str
) -> None:
    error = bank.refused("inviteUser", ERRORS, person(numberId=bank.number(number)))
    assert (error["code"], error["numbers"], error["numberCount"]) == ("INVALID_TRANSITION", [number], 1)
    assert allowed in error["refusals"][0]["allowed"]
    assert mails(bank.server) == []


def test_an_allocated_number_can_only_be_used_within_its_organization(bank: Inventory) -> None:
    """Seed: "will force the number to only be used within that Sub-Organization"."""
    error = bank.refused("inviteUser", ERRORS, person(numberId=bank.number(OF_SALES)))
    assert (error["code"], error["path"], error["numbers"]) == ("INVALID_INPUT", ["input", "numberId"], [OF_SALES])
    sales = bank.organization("Bank/Sales")
    upward = bank.refused("inviteUser", ERRORS, person(numberId=bank.number(FREE), organizationId=sales))
    assert upward["code"] == "INVALID_INPUT"
    tagged = bank.refused("inviteUser", ERRORS, person(reservedTag="hotline", organizationId=sales))
    assert tagged["code"] == "NOT_FOUND"
    berlin = bank.refused("inviteUser", ERRORS, person(seriesId=bank.series("+49 30"), organizationId=sales))
    assert berlin["code"] == "INSUFFICIENT_NUMBERS"
    assert bank.show(BERLIN, "status") == {"status": "AVAILABLE"}


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"firstName": " "}, "firstName"),
        ({"lastName": "\n"}, "lastName"),
        ({"lastName": "x" * 101}, "lastName"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b\r\nBcc: everybody@bank.test"}, "email"),
        ({"reservedTag": " "}, "reservedTag"),
    ],
)
def test_invalid_input_names_its_field_and_writes_nothing(bank: Inventory, said: dict[str, Any], path: str) -> None:
    error = bank.refused("inviteUser", ERRORS, person() | said)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", path])
    assert mails(bank.server) == []


def test_an_invitation_selects_a_number_in_one_way_only(bank: Inventory) -> None:
    two = person(reservedTag="hotline", seriesId=bank.series("+1 418"))
    error = bank.refused("inviteUser", ERRORS, two)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "seriesId"])


def test_a_viewer_may_not_invite(bank: Inventory) -> None:
    error = bank.refused("inviteUser", ERRORS, person(), role="VIEWER")
    assert error["code"] == "FORBIDDEN"
    assert invited(bank)["status"] == "INVITED"


def test_repeating_an_idempotency_key_invites_once(bank: Inventory) -> None:
    said = person(numberId=bank.number(FREE), idempotencyKey="once")
    first = bank.mutate("inviteUser", f"{USER} {ERRORS}", said)
    again = bank.mutate("inviteUser", f"{USER} {ERRORS}", said)
    assert again == first
    assert len(mails(bank.server)) == 1
    other = bank.mutate("inviteUser", ERRORS, said | {"firstName": "Cid"})
    assert codes(other) == ["IDEMPOTENCY_MISMATCH"]
