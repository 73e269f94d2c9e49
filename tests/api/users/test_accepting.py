"""Accepting invitations: the offer, single use, and picking a number."""

from __future__ import annotations

import pytest

from tests.api.users.actions import (
    ASSIGNED,
    BERLIN,
    DAY,
    ERRORS,
    FREE,
    OF_SALES,
    OTHER,
    accept,
    codes,
    figures,
    invited,
    link,
    offer,
    user,
)
from tests.support.database_dump import dump
from tests.support.inventory import Inventory

FORTNIGHT = 14 * DAY


def test_accepting_registers_the_number(bank: Inventory) -> None:
    someone = invited(bank, numberId=bank.number(FREE))
    token = link(bank)
    assert offer(bank, token) == {
        "firstName": "Cyd",
        "lastName": "Vale",
        "email": "cyd@bank.test",
        "organizationName": "Bank",
        "expiresAt": "2026-12-05T09:00:00Z",
        "number": FREE,
        "offeredNumbers": [],
    }
    bank.server.advance(60)
    done = accept(bank, token)
    assert done == {"number": FREE, "organizationName": "Bank", "offeredNumbers": [], "userErrors": []}
    now = user(bank, someone["id"])
    assert (now["status"], now["activatedAt"]) == ("ACTIVATED", "2026-11-21T09:01:00Z")
    assert now["invitationExpiresAt"] is None
    assert now["phoneNumber"] == {"number": FREE, "status": "IN_USE"}
    assert now["availableActions"] == ["UPDATE", "DELETE"]
    event = bank.history(FREE, "action actor statusBefore statusAfter userAfter")[0]
    assert event == {
        "action": "ACTIVATED",
        "actor": "Cyd Vale",
        "statusBefore": "ASSIGNED",
        "statusAfter": "IN_USE",
        "userAfter": "Cyd Vale <cyd@bank.test>",
    }
    found = figures(bank)
    assert (found["pendingInvitations"], found["registered"], found["assigned"]) == (1, 2, 1)
    assert bank.server.differences() == []


def test_an_invitation_link_works_once(bank: Inventory) -> None:
    invited(bank, numberId=bank.number(FREE))
    token = link(bank)
    assert codes(accept(bank, token)) == []
    before = dump(bank.server)
    assert codes(accept(bank, token)) == ["NOT_FOUND"]
    assert offer(bank, token) is None
    assert dump(bank.server) == before


def test_a_token_is_stored_hashed(bank: Inventory) -> None:
    invited(bank)
    assert link(bank) not in str(dump(bank.server))


def test_a_user_without_a_number_picks_one_of_the_offered_numbers(bank: Inventory) -> None:
    invited(bank)
    token = link(bank)
    offered = offer(bank, token)["offeredNumbers"]
    # Numbers of the organization itself, lowest first.
    assert [one["number"] for one in offered] == [FREE, OTHER, BERLIN]
    assert offered[0]["nationalFormat"] == "(418) 555-0100"
    unpicked = accept(bank, token)
    assert codes(unpicked) == ["INVALID_INPUT"]
    assert unpicked["userErrors"][0]["path"] == ["input", "numberId"]
    assert unpicked["offeredNumbers"] == offered
    done = accept(bank, token, OTHER)
    assert (done["number"], done["userErrors"]) == (OTHER, [])
    event = bank.history(OTHER, "action statusBefore statusAfter userBefore userAfter")[0]
    assert event == {
        "action": "ACTIVATED",
        "statusBefore": "AVAILABLE",
        "statusAfter": "IN_USE",
        "userBefore": None,
        "userAfter": "Cyd Vale <cyd@bank.test>",
    }
    assert (figures(bank)["pendingInvitations"], figures(bank)["pendingWithoutNumber"]) == (1, 0)
    assert bank.server.differences() == []


def test_picking_a_number_that_was_taken_is_a_conflict_with_new_offers(bank: Inventory) -> None:
    invited(bank)
    token = link(bank)
    invited(bank, "Dee", numberId=bank.number(FREE))
    before = dump(bank.server)
    lost = accept(bank, token, FREE)
    assert codes(lost) == ["CONFLICT"]
    assert lost["number"] is None
    assert [one["number"] for one in lost["offeredNumbers"]] == [OTHER, BERLIN]
    assert dump(bank.server) == before
    assert codes(accept(bank, token, OTHER)) == []


@pytest.mark.parametrize("number", [OF_SALES, ASSIGNED, "+442079460100"])
def test_only_available_numbers_of_the_same_organization_can_be_picked(bank: Inventory, number: str) -> None:
    invited(bank)
    wanted = bank.number(number, root="Rival" if number.startswith("+44") else None)
    before = dump(bank.server)
    document = "mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { code } } }"
    said = {"token": link(bank), "numberId": wanted}
    done = bank.server.ask(document, {"input": said}, token=None)["acceptInvitation"]
    assert codes(done) == ["CONFLICT"]
    assert dump(bank.server) == before


def test_a_user_invited_with_a_number_cannot_pick_another(bank: Inventory) -> None:
    invited(bank, numberId=bank.number(FREE))
    before = dump(bank.server)
    assert codes(accept(bank, link(bank), OTHER)) == ["INVALID_INPUT"]
    assert dump(bank.server) == before
    assert codes(accept(bank, link(bank), FREE)) == []


def test_an_invitation_can_be_accepted_until_it_expires(bank: Inventory) -> None:
    invited(bank, numberId=bank.number(FREE))
    bank.server.advance(FORTNIGHT - 1)
    assert offer(bank, link(bank))["number"] == FREE
    assert codes(accept(bank, link(bank))) == []


def test_an_expired_invitation_cannot_be_accepted(bank: Inventory) -> None:
    invited(bank, numberId=bank.number(FREE))
    token = link(bank)
    bank.server.advance(FORTNIGHT)
    assert offer(bank, token) is None
    assert codes(accept(bank, token)) == ["EXPIRED"]
    # Once it is ended, a late visitor is still told so.
    assert figures(bank)["pendingInvitations"] == 1
    assert codes(accept(bank, token)) == ["EXPIRED"]


def test_reads_show_the_number_of_an_expired_invitation_as_available(bank: Inventory) -> None:
    someone = invited(bank, numberId=bank.number(FREE))
    other = invited(bank, "Dee")
    bank.server.advance(FORTNIGHT)
    assert bank.show(FREE, "status user { id }") == {"status": "AVAILABLE", "user": None}
    for each in (someone, other):
        now = user(bank, each["id"])
        assert (now["status"], now["phoneNumber"], now["invitedAt"]) == ("NOT_INVITED", None, None)
    event = bank.history(FREE, "action actor userBefore userAfter at")[0]
    assert event == {
        "action": "INVITATION_EXPIRED",
        "actor": "Dialtree",
        "userBefore": "Cyd Vale <cyd@bank.test>",
        "userAfter": None,
        "at": "2026-12-05T09:00:00Z",
    }
    found = figures(bank)
    assert (found["pendingInvitations"], found["pendingWithoutNumber"], found["available"]) == (1, 0, 3)
    assert bank.server.differences() == []


def test_housekeeping_expires_invitations(bank: Inventory) -> None:
    invited(bank, numberId=bank.number(FREE))
    invited(bank, "Dee", organizationId=bank.organization("Bank/Sales"), numberId=bank.number(OF_SALES))
    bank.server.advance(FORTNIGHT)
    bank.server.tidy()
    rows = {row[2]: row for row in dump(bank.server)["phone_numbers"]}
    assert [rows[number][5] for number in (FREE, OF_SALES)] == [0, 0]
    assert bank.server.differences() == []
    before = dump(bank.server)
    bank.server.tidy()
    assert dump(bank.server) == before


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 10_000, "\0", "é"], ids=range(5))
def test_an_unknown_token_is_not_found(bank: Inventory, token: str) -> None:
    before = dump(bank.server)
    assert offer(bank, token) is None
    assert codes(accept(bank, token)) == ["NOT_FOUND"]
    assert dump(bank.server) == before


def test_an_offer_contains_no_nodes(bank: Inventory) -> None:
    """The tree cannot be reached from a token."""
    query = """{ __type(name: "InvitationOffer") { fields { name type { kind name ofType { kind name } } } } }"""
    fields = bank.ask(query)["__type"]["fields"]
    kinds = {(field["type"]["ofType"] or field["type"])["kind"] for field in fields}
    assert kinds == {"SCALAR", "LIST"}


def test_imported_pending_users_have_no_link_and_no_expiry(bank: Inventory) -> None:
    bank.server.advance(400 * DAY)
    assert bank.show(ASSIGNED, "status user { status invitationExpiresAt }") == {
        "status": "ASSIGNED",
        "user": {"status": "INVITED", "invitationExpiresAt": None},
    }
    ada = bank.show(ASSIGNED, "user { id }")["user"]["id"]
    assert codes(bank.mutate("resendInvitation", ERRORS, {"userId": ada})) == []
    assert codes(accept(bank, link(bank, "Ada"))) == []
