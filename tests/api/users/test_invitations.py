"""Resending and cancelling invitations, and changing the user's name and address."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.users.actions import (
    ASSIGNED,
    DAY,
    ERRORS,
    FREE,
    HOTLINE,
    IN_USE,
    OF_SALES,
    OTHER,
    USER,
    accept,
    codes,
    figures,
    invited,
    link,
    offer,
    user,
)
from tests.support.inventory import Inventory
from tests.support.outbox import mails

RESENT = f"{USER} {ERRORS}"
CANCELLED = f"{USER} releasedPhoneNumber {{ number status }} {ERRORS}"


def resend(bank: Inventory, someone: Any, **said: Any) -> Any:
    return bank.mutate("resendInvitation", RESENT, {"userId": someone["id"]} | said)


def test_a_resent_invitation_has_a_new_link_and_expiry(bank: Inventory) -> None:
    someone = invited(bank, numberId=bank.number(FREE))
    first = link(bank)
    bank.server.advance(DAY)
    done = resend(bank, someone)
    assert done["userErrors"] == []
    assert (done["user"]["invitedAt"], done["user"]["invitationExpiresAt"]) == (
        "2026-11-21T09:00:00Z",
        "2026-12-06T09:00:00Z",
    )
    second = link(bank)
    assert second != first
    assert offer(bank, first) is None
    assert codes(accept(bank, first)) == ["NOT_FOUND"]
    assert len(mails(bank.server)) == 2
    bank.server.advance(13 * DAY)  # the first invitation would be over
    assert codes(accept(bank, second)) == []
    assert bank.server.differences() == []


def test_a_saved_user_is_invited_by_resending(bank: Inventory) -> None:
    someone = invited(bank, sendInvitation=False)
    assert mails(bank.server) == []
    done = resend(bank, someone)
    assert done["user"]["status"] == "INVITED"
    assert done["user"]["invitedAt"] == "2026-11-21T09:00:00Z"
    assert (figures(bank)["pendingInvitations"], figures(bank)["pendingWithoutNumber"]) == (2, 1)
    assert [mail.to for mail in mails(bank.server)] == [["cyd@bank.test"]]
    assert bank.server.differences() == []


def test_resending_can_name_another_number(bank: Inventory) -> None:
    someone = invited(bank, numberId=bank.number(FREE))
    done = resend(bank, someone, numberId=bank.number(HOTLINE))
    assert done["user"]["phoneNumber"] == {"number": HOTLINE, "status": "ASSIGNED"}
    assert bank.show(FREE, "status user { id }") == {"status": "AVAILABLE", "user": None}
    assert [event["action"] for event in bank.history(FREE)] == ["INVITATION_CANCELLED", "ASSIGNED", "IMPORTED"]
    assert [event["action"] for event in bank.history(HOTLINE)] == ["ASSIGNED", "IMPORTED"]
    assert offer(bank, link(bank))["number"] == HOTLINE
    assert bank.server.differences() == []


def test_resending_can_assign_a_number_to_a_user_without_one(bank: Inventory) -> None:
    someone = invited(bank)
    resend(bank, someone, numberId=bank.number(FREE))
    assert (figures(bank)["pendingInvitations"], figures(bank)["pendingWithoutNumber"]) == (2, 0)
    resend(bank, someone, numberId=bank.number(FREE))
    assert [event["action"] for event in bank.history(FREE)] == ["ASSIGNED", "IMPORTED"]
    assert bank.server.differences() == []


def test_an_expired_invitation_can_be_resent(bank: Inventory) -> None:
    someone = invited(bank, numberId=bank.number(FREE))
    bank.server.advance(20 * DAY)
    assert user(bank, someone["id"])["availableActions"] == ["UPDATE", "SEND_INVITATION", "DELETE"]
    done = resend(bank, someone, numberId=bank.number(OTHER))
    assert done["user"]["invitedAt"] == "2026-12-11T09:00:00Z"
    assert codes(accept(bank, link(bank))) == []
    assert bank.server.differences() == []


@pytest.mark.parametrize(
    ("number", "code"), [(ASSIGNED, "INVALID_TRANSITION"), (IN_USE, "INVALID_TRANSITION"), (OF_SALES, "INVALID_INPUT")]
)
def test_resending_with_an_unavailable_number_changes_nothing(bank: Inventory, number: str, code: str) -> None:
    someone = invited(bank, numberId=bank.number(FREE))
    said = {"userId": someone["id"], "numberId": bank.number(number)}
    assert bank.refused("resendInvitation", ERRORS, said)["code"] == code
    assert codes(accept(bank, link(bank))) == []


@pytest.mark.parametrize("mutation", ["resendInvitation", "cancelInvitation"])
def test_a_registered_user_has_no_invitation_to_resend_or_cancel(shared_bank: Inventory, mutation: str) -> None:
    bo = shared_bank.show(IN_USE, "user { id }")["user"]["id"]
    error = shared_bank.refused(mutation, ERRORS, {"userId": bo})
    assert (error["code"], error["numbers"]) == ("INVALID_TRANSITION", [IN_USE])
    assert error["refusals"] == [{"number": IN_USE, "status": "IN_USE", "allowed": ["MOVE", "DELETE_USER"]}]


def test_cancelling_frees_the_number_and_voids_the_link(bank: Inventory) -> None:
    someone = invited(bank, numberId=bank.number(FREE))
    token = link(bank)
    done = bank.mutate("cancelInvitation", CANCELLED, {"userId": someone["id"]})
    assert done["userErrors"] == []
    assert done["releasedPhoneNumber"] == {"number": FREE, "status": "AVAILABLE"}
    assert (done["user"]["status"], done["user"]["phoneNumber"]) == ("NOT_INVITED", None)
    assert bank.history(FREE, "action userBefore userAfter")[0] == {
        "action": "INVITATION_CANCELLED",
        "userBefore": "Cyd Vale <cyd@bank.test>",
        "userAfter": None,
    }
    assert codes(accept(bank, token)) == ["NOT_FOUND"]
    assert figures(bank)["pendingInvitations"] == 1
    assert bank.server.differences() == []
    again = bank.refused("cancelInvitation", ERRORS, {"userId": someone["id"]})
    assert (again["code"], again["path"], again["numbers"]) == ("INVALID_TRANSITION", ["input", "userId"], [])


def test_cancelling_without_a_number(bank: Inventory) -> None:
    someone = invited(bank)
    done = bank.mutate("cancelInvitation", CANCELLED, {"userId": someone["id"]})
    assert (done["releasedPhoneNumber"], done["user"]["status"]) == (None, "NOT_INVITED")
    assert figures(bank)["pendingWithoutNumber"] == 0
    assert bank.server.differences() == []


def test_cancelling_releases_the_number_of_a_saved_user(bank: Inventory) -> None:
    """A user's actions match the availableActions of the number."""
    someone = invited(bank, numberId=bank.number(FREE), sendInvitation=False)
    assert "CANCEL_INVITATION" in bank.show(FREE, "availableActions")["availableActions"]
    done = bank.mutate("cancelInvitation", CANCELLED, {"userId": someone["id"]})
    assert done["releasedPhoneNumber"] == {"number": FREE, "status": "AVAILABLE"}
    assert bank.server.differences() == []


def test_name_and_email_address_can_be_changed(bank: Inventory) -> None:
    someone = invited(bank)
    token = link(bank)
    said = {"userId": someone["id"], "firstName": "Cydney"}
    done = bank.mutate("updateUser", RESENT, said)
    assert (done["user"]["firstName"], done["user"]["lastName"]) == ("Cydney", "Vale")
    assert offer(bank, token)["firstName"] == "Cydney"
    said = {"userId": someone["id"], "email": "cydney@bank.test"}
    assert bank.mutate("updateUser", RESENT, said)["user"]["email"] == "cydney@bank.test"
    # The link went to another address.
    assert codes(accept(bank, token)) == ["NOT_FOUND"]
    resend(bank, someone)
    assert offer(bank, link(bank, "Cydney"))["email"] == "cydney@bank.test"
    assert bank.server.differences() == []


def test_an_address_in_use_in_the_organization_is_refused(bank: Inventory) -> None:
    someone = invited(bank)
    error = bank.refused("updateUser", ERRORS, {"userId": someone["id"], "email": "Ada@Bank.test"})
    assert (error["code"], error["path"]) == ("ALREADY_EXISTS", ["input", "email"])
    error = bank.refused("updateUser", ERRORS, {"userId": someone["id"], "lastName": " "})
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "lastName"])


def test_updating_with_the_same_values_changes_nothing(bank: Inventory) -> None:
    someone = invited(bank)
    token = link(bank)
    said = {"userId": someone["id"], "email": " cyd@bank.test ", "firstName": "Cyd"}
    assert codes(bank.mutate("updateUser", ERRORS, said)) == []
    case = {"userId": someone["id"], "email": "Cyd@bank.test"}
    assert bank.mutate("updateUser", RESENT, case)["user"]["email"] == "Cyd@bank.test"
    assert offer(bank, token)["email"] == "Cyd@bank.test"


def test_changes_of_users_are_recorded_in_the_activity(bank: Inventory) -> None:
    someone = invited(bank)
    bank.mutate("updateUser", ERRORS, {"userId": someone["id"], "lastName": "Vail"})
    bank.mutate("cancelInvitation", ERRORS, {"userId": someone["id"]})
    query = "{ organization { activity(first: 3) { nodes { action changes { field before after } } } } }"
    assert bank.ask(query)["organization"]["activity"]["nodes"] == [
        {
            "action": "INVITATION_CANCELLED",
            "changes": [{"field": "user", "before": "Cyd Vail <cyd@bank.test>", "after": None}],
        },
        {
            "action": "USER_UPDATED",
            "changes": [{"field": "user", "before": "Cyd Vale <cyd@bank.test>", "after": "Cyd Vail <cyd@bank.test>"}],
        },
        {
            "action": "USER_ADDED",
            "changes": [{"field": "user", "before": None, "after": "Cyd Vale <cyd@bank.test>"}],
        },
    ]
