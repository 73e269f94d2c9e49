"""Requests for more numbers: the contact, and the mail to it (T6)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.mail import MailKind, MailState
from mail.messages import MoreNumbersRequest
from tests.support.databases import Databases
from tests.support.inventory import REFUSALS, Inventory
from tests.support.mail_delivery import DELIVERY, SUPPLIER, request
from tests.support.outbox import mails
from tests.support.server import Server, opened

PAYLOAD = f"mailDelivery {{ {DELIVERY} }} userErrors {{ {REFUSALS} }}"
CONTACT = "supplierContact { message email telephone }"
MESSAGE = "To request more numbers, send an email to {}. You may also call {}."


def contact(company: Inventory, **caller: Any) -> Any:
    return company.ask(f"{{ {CONTACT} organization {{ {CONTACT} }} }}", **caller)


def set_supplier(company: Inventory, organization: str = "Halcyon", **values: str) -> Any:
    input_ = {"organizationId": company.organization(organization), **values}
    return company.mutate("updateOrganization", f"userErrors {{ {REFUSALS} }}", input_)["userErrors"]


def test_the_popup_shows_the_deployments_supplier_and_message(company: Inventory) -> None:
    expected = {
        "message": MESSAGE.format(SUPPLIER, "+1 800 555 0100"),
        "email": SUPPLIER,
        "telephone": "+1 800 555 0100",
    }
    for caller in ({}, {"at": "Halcyon/Sales/Desk", "role": "VIEWER"}):
        assert contact(company, **caller) == {
            "supplierContact": expected,
            "organization": {"supplierContact": expected},
        }


def test_a_root_can_set_its_own_supplier_for_its_tree(company: Inventory) -> None:
    company.server.import_organizations("path,time_zone,threshold\nRival\n")
    assert set_supplier(company, supplierEmail="sales@other.example", supplierTelephone="+44 20 7946 0000") == []
    expected = {
        "message": MESSAGE.format("sales@other.example", "+442079460000"),
        "email": "sales@other.example",
        "telephone": "+442079460000",
    }
    assert contact(company, at="Halcyon/Sales/Desk")["supplierContact"] == expected
    assert contact(company, at="Rival")["supplierContact"]["email"] == SUPPLIER
    assert set_supplier(company, supplierEmail="", supplierTelephone="") == []
    assert contact(company)["supplierContact"]["email"] == SUPPLIER


def test_only_a_root_can_set_a_supplier(company: Inventory) -> None:
    input_ = {"organizationId": company.organization("Halcyon/Sales"), "supplierEmail": "sales@other.example"}
    error = company.refused("updateOrganization", f"userErrors {{ {REFUSALS} }}", input_)
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "supplierEmail"])


def test_requesting_numbers_mails_the_supplier_and_returns_the_delivery(company: Inventory, server: Server) -> None:
    company.add("+14185550100,+1 418,Halcyon,AVAILABLE,,,,\n")
    server.create_administrator(
        organization="Halcyon", role="ADMIN", email="ada@halcyon.example", password="long enough by now"
    )
    query = 'mutation { signIn(input: {email: "ada@halcyon.example", password: "long enough by now"}) { token } }'
    token = server.ask(query, token=None)["signIn"]["token"]
    input_ = {
        "organizationId": company.organization("Halcyon/Sales"),
        "quantity": 250,
        "seriesId": company.series("+1 418"),
        "area": "  Quebec City ",
        "note": "Before Friday.\r\nThank you!\n",
    }
    query = f"mutation ($input: RequestMoreNumbersInput!) {{ requestMoreNumbers(input: $input) {{ {PAYLOAD} }} }}"
    payload = server.ask(query, {"input": input_}, token=token)["requestMoreNumbers"]
    (posted,) = mails(server)
    assert payload["userErrors"] == []
    assert payload["mailDelivery"] == {
        "id": payload["mailDelivery"]["id"],
        "kind": "MORE_NUMBERS_REQUEST",
        "to": [SUPPLIER],
        "subject": "Halcyon requests 250 more numbers",
        "state": "WAITING",
        "attempts": 0,
        "error": None,
        "createdAt": "2026-11-21T09:00:00Z",
        "sentAt": None,
    }
    assert (posted.kind, posted.state, posted.to) == (MailKind.MORE_NUMBERS_REQUEST, MailState.WAITING, [SUPPLIER])
    assert posted.facts == MoreNumbersRequest(
        customer="Halcyon",
        organization="Sales",
        quantity=250,
        series="+1 418",
        area="Quebec City",
        note="Before Friday.\nThank you!",
        requested_by="ada",
        reply_to="ada@halcyon.example",
    )


def test_a_request_is_recorded_in_the_organizations_activity(company: Inventory) -> None:
    request(company, organizationId=company.organization("Halcyon/Sales"), quantity=3, note="Soon")
    query = """query ($id: ID!) { organization(id: $id) { activity { nodes {
      action actor changes { field before after }
    } } } }"""
    nodes = company.ask(query, {"id": company.organization("Halcyon/Sales")})["organization"]["activity"]["nodes"]
    assert nodes[0] == {
        "action": "NUMBERS_REQUESTED",
        "actor": "OWNER 1 at Halcyon",
        "changes": [
            {"field": "quantity", "before": None, "after": "3"},
            {"field": "note", "before": None, "after": "Soon"},
        ],
    }


def test_repeating_an_idempotency_key_mails_the_supplier_once(company: Inventory, server: Server) -> None:
    first = request(company, quantity=3, idempotencyKey="once")
    assert request(company, quantity=3, idempotencyKey="once") == first
    assert len(mails(server)) == 1


@pytest.mark.parametrize(
    ("input_", "code", "path"),
    [
        ({"quantity": 0}, "INVALID_INPUT", ["input", "quantity"]),
        ({"quantity": -1}, "INVALID_INPUT", ["input", "quantity"]),
        ({"quantity": 1, "seriesId": "none"}, "NOT_FOUND", ["input", "seriesId"]),
        ({"quantity": 1, "organizationId": "none"}, "NOT_FOUND", ["input", "organizationId"]),
        ({"quantity": 1, "area": "a\nb"}, "INVALID_INPUT", ["input", "area"]),
        ({"quantity": 1, "area": "a" * 101}, "INVALID_INPUT", ["input", "area"]),
        ({"quantity": 1, "note": "a" * 2001}, "INVALID_INPUT", ["input", "note"]),
        ({"quantity": 1, "note": "a\u0007"}, "INVALID_INPUT", ["input", "note"]),
    ],
)
def test_an_invalid_request_for_numbers_is_refused(
    company: Inventory, input_: dict[str, Any], code: str, path: list[str]
) -> None:
    error = company.refused("requestMoreNumbers", PAYLOAD, input_)
    assert (error["code"], error["path"]) == (code, path)


def test_a_viewer_may_not_request_numbers(company: Inventory) -> None:
    assert company.refused("requestMoreNumbers", PAYLOAD, {"quantity": 1}, role="VIEWER")["code"] == "FORBIDDEN"


def test_without_a_supplier_requests_are_refused_and_the_popup_says_so(databases: Databases) -> None:
    with opened(databases) as server:
        company = Inventory(server, "Halcyon\n")
        assert contact(company)["supplierContact"] == {
            "message": "To request more numbers, ask the administrator of this server: no supplier is set.",
            "email": "",
            "telephone": "",
        }
        assert company.refused("requestMoreNumbers", PAYLOAD, {"quantity": 1})["code"] == "NOT_FOUND"
