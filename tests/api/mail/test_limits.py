"""Mail that callers cause is limited by recipient and by organization; a refusal writes and mails nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.limits import HOUR, MAIL_OF_ORGANIZATION, REQUEST_TO_SUPPLIER, Window
from domain.mail import MailKind, MailState
from resolvers.core import limits
from tests.api.mail.test_deliveries import PAYLOAD
from tests.support.database_dump import dump
from tests.support.inventory import REFUSALS, Inventory
from tests.support.mail_delivery import SUPPLIER, deliver, request, warn
from tests.support.outbox import mails
from tests.support.server import Server
from tests.unit.mail.test_worker import Refusing

ERRORS = f"userErrors {{ {REFUSALS} }}"
CYD, DOT = "cyd@halcyon.example", "dot@halcyon.example"
SECONDS_OF_HOUR = 3600


def person(email: str = CYD, **others: Any) -> dict[str, Any]:
    return {"firstName": "Cyd", "lastName": "Vale", "email": email} | others


def invited(company: Inventory, email: str = CYD, **others: Any) -> str:
    payload = company.mutate("inviteUser", f"user {{ id }} {ERRORS}", person(email, **others))
    assert payload["userErrors"] == []
    user_id: str = payload["user"]["id"]
    return user_id


def resend(company: Inventory, user_id: str, times: int) -> None:
    for _ in range(times):
        assert company.mutate("resendInvitation", ERRORS, {"userId": user_id})["userErrors"] == []


def refused(company: Inventory, name: str, said: dict[str, Any], **caller: Any) -> tuple[str, str, list[str]]:
    """The code, message and path of the refusal of a mutation, which wrote nothing and mailed nothing."""
    error = company.refused(name, ERRORS, said, **caller)
    return error["code"], error["message"], error["path"]


def too_many(recipient: str, wait: str, *path: str) -> tuple[str, str, list[str]]:
    return "LIMIT_EXCEEDED", f"Too many mails to {recipient}. Try again in {wait}.", ["input", *path]


def test_one_recipient_gets_five_mails_in_an_hour_and_twenty_in_a_day(company: Inventory, server: Server) -> None:
    user = invited(company)
    resend(company, user, 4)
    for hour in range(1, 4):
        assert refused(company, "resendInvitation", {"userId": user}) == too_many(CYD, "60 minutes", "userId")
        server.advance(SECONDS_OF_HOUR)
        resend(company, user, 5)
        assert len(mails(server)) == 5 * hour + 5
    server.advance(SECONDS_OF_HOUR)
    assert refused(company, "resendInvitation", {"userId": user}) == too_many(CYD, "20 hours", "userId")
    assert [mail.to for mail in mails(server)] == [[CYD]] * 20
    other = invited(company, DOT)
    server.advance(20 * SECONDS_OF_HOUR - 1)
    resend(company, other, 1)
    assert refused(company, "resendInvitation", {"userId": user}) == too_many(CYD, "1 minute", "userId")
    server.advance(1)
    resend(company, user, 1)


def test_invitations_to_one_address_count_together_in_the_whole_tree(company: Inventory, server: Server) -> None:
    for path in ("Halcyon", "Halcyon/Sales", "Halcyon/Sales/Desk"):
        invited(company, CYD.upper() if path == "Halcyon" else CYD, organizationId=company.organization(path))
    resend(company, invited(company, organizationId=company.organization("Halcyon/Retail")), 1)
    server.import_organizations("path,time_zone,threshold\nHalcyon/Shop\nRival\n")
    shop = {"organizationId": company.organization("Halcyon/Shop")}
    assert refused(company, "inviteUser", person(**shop)) == too_many(CYD, "60 minutes", "email")
    for said, field in (
        ({"rows": [person(DOT), person()]}, "rows"),
        ({"rows": [person(DOT), person()], "onError": "SKIP"}, "rows"),
        ({"csv": f"Dot,Vale,{DOT}\nCyd,Vale,{CYD}\n"}, "csv"),
    ):
        assert refused(company, "inviteUsers", shop | said) == too_many(CYD, "60 minutes", field)
    # Saving a user without an invitation sends no mail, nor does a dry run.
    tried = company.mutate("inviteUsers", f"invitedCount {ERRORS}", shop | {"rows": [person()], "dryRun": True})
    assert tried == {"invitedCount": 1, "userErrors": []}
    invited(company, sendInvitation=False, **shop)
    # What one root sends does not concern another.
    assert company.mutate("inviteUser", ERRORS, person(), at="Rival")["userErrors"] == []
    assert len(mails(server)) == 6


def test_dry_runs_and_saved_users_count_nothing(company: Inventory, server: Server) -> None:
    before = dump(server)
    for _ in range(6):
        payload = company.mutate("inviteUsers", ERRORS, {"rows": [person()], "dryRun": True})
        assert payload["userErrors"] == []
    assert dump(server) == before
    user = invited(company, sendInvitation=False)
    assert dump(server)["limit_counters"] == []
    resend(company, user, 5)
    assert refused(company, "resendInvitation", {"userId": user}) == too_many(CYD, "60 minutes", "userId")


def test_invitations_of_administrators_are_limited(company: Inventory) -> None:
    said = {"name": "Una", "email": "una@halcyon.example", "role": "ADMIN"}
    for _ in range(5):
        payload = company.mutate("inviteAdministrator", f"administrator {{ id }} {ERRORS}", said)
        assert payload["userErrors"] == []
        deleted = {"administratorId": payload["administrator"]["id"]}
        assert company.mutate("deleteAdministrator", ERRORS, deleted)["userErrors"] == []
    expected = too_many("una@halcyon.example", "60 minutes", "email")
    assert refused(company, "inviteAdministrator", said) == expected
    # Invitations of users are mail to the same address.
    assert refused(company, "inviteUser", person("una@halcyon.example")) == expected


def test_requests_for_numbers_are_limited_by_organization(company: Inventory, server: Server) -> None:
    for quantity in range(1, 6):
        assert request(company, quantity=quantity)["userErrors"] == []
    message = "Your organization has sent too many requests for numbers. Try again in 60 minutes."
    expected = ("LIMIT_EXCEEDED", message, ["input", "organizationId"])
    below = {"quantity": 1, "organizationId": company.organization("Halcyon/Sales")}
    # The caller's organization counts, whichever it acts for.
    for said in ({"quantity": 1}, below):
        assert refused(company, "requestMoreNumbers", said) == expected
    assert company.mutate("requestMoreNumbers", ERRORS, {"quantity": 1}, at="Halcyon/Sales")["userErrors"] == []
    server.advance(SECONDS_OF_HOUR)
    assert request(company)["userErrors"] == []


def test_requests_to_one_supplier_are_limited(company: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REQUEST_TO_SUPPLIER", replace(REQUEST_TO_SUPPLIER, windows=(Window(2, HOUR),)))
    for path in ("Halcyon", "Halcyon/Sales"):
        assert company.mutate("requestMoreNumbers", ERRORS, {"quantity": 1}, at=path)["userErrors"] == []
    message = "The supplier has received too many requests. Try again in 60 minutes."
    expected = ("LIMIT_EXCEEDED", message, ["input", "organizationId"])
    assert refused(company, "requestMoreNumbers", {"quantity": 1}, at="Halcyon/Retail") == expected


def test_retries_of_failed_mails_are_limited(company: Inventory, server: Server) -> None:
    request_id = request(company)["mailDelivery"]["id"]
    invited(company)
    (invitation_id,) = [mail["id"] for mail in listed(company) if mail["to"] == [CYD]]
    for _ in range(4):
        deliver(server, Refusing(permanent=True))
        for mail_id in (request_id, invitation_id):
            assert company.mutate("retryMailDelivery", PAYLOAD, {"mailDeliveryId": mail_id})["userErrors"] == []
    deliver(server, Refusing(permanent=True))
    assert refused(company, "retryMailDelivery", {"mailDeliveryId": invitation_id}) == too_many(
        CYD, "60 minutes", "mailDeliveryId"
    )
    message = "Your organization has sent too many requests for numbers. Try again in 60 minutes."
    expected = ("LIMIT_EXCEEDED", message, ["input", "mailDeliveryId"])
    assert refused(company, "retryMailDelivery", {"mailDeliveryId": request_id}) == expected
    assert [(mail.state, mail.to) for mail in mails(server)] == [
        (MailState.FAILED, [SUPPLIER]),
        (MailState.FAILED, [CYD]),
    ]


def listed(company: Inventory) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = company.ask("{ mailDeliveries { nodes { id kind to } } }")["mailDeliveries"]["nodes"]
    return nodes


def test_alerts_and_their_retries_are_not_limited(company: Inventory, server: Server) -> None:
    warn(company, "ada@halcyon.example")
    number = {"numberIds": company.numbers("+14185550100")}
    for _ in range(7):
        for name, said in (("unreserveNumbers", number), ("reserveNumbers", number | {"tag": "front desk"})):
            assert company.mutate(name, ERRORS, said)["userErrors"] == []
    assert [(mail.kind, mail.to) for mail in mails(server)] == [
        (MailKind.THRESHOLD_REACHED, ["ada@halcyon.example"])
    ] * 8
    for _ in range(2):
        deliver(server, Refusing(permanent=True))
        for mail in listed(company):
            payload = company.mutate("retryMailDelivery", PAYLOAD, {"mailDeliveryId": mail["id"]})
            assert payload["userErrors"] == []
    assert dump(server)["limit_counters"] == []


def test_an_organization_has_a_total(company: Inventory, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAIL_OF_ORGANIZATION", replace(MAIL_OF_ORGANIZATION, windows=(Window(3, HOUR),)))
    message = "Your organization has sent too many mails. Try again in 60 minutes."
    people = [person(f"p{number}@halcyon.example") for number in range(4)]
    sales = {"organizationId": company.organization("Halcyon/Sales")}
    expected = ("LIMIT_EXCEEDED", message, ["input", "rows"])
    assert refused(company, "inviteUsers", {"rows": people}) == expected
    assert company.mutate("inviteUsers", ERRORS, {"rows": people[:2]})["userErrors"] == []
    assert refused(company, "inviteUsers", {"rows": people[2:]}) == expected
    invited(company, **sales)
    assert refused(company, "inviteUser", person(DOT) | sales) == ("LIMIT_EXCEEDED", message, ["input", "email"])
    # Below, others count.
    assert company.mutate("inviteUser", ERRORS, person(DOT), at="Halcyon/Sales")["userErrors"] == []
    server.advance(SECONDS_OF_HOUR)
    assert company.mutate("inviteUsers", ERRORS, {"rows": people[1:], "onError": "SKIP"})["userErrors"] == []


def test_a_long_list_is_counted_in_portions(
    company: Inventory, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CHUNK", 2)
    people = [person(f"p{number}@halcyon.example") for number in range(5)]
    assert company.mutate("inviteUsers", ERRORS, {"rows": people})["userErrors"] == []
    assert sorted(total for _, total, _ in dump(server)["limit_counters"]) == [1] * 10 + [5] * 2


def test_concurrent_mails_to_one_recipient_all_count(company: Inventory, server: Server) -> None:
    document = "mutation ($id: ID!) { resendInvitation(input: {userId: $id}) { userErrors { code } } }"

    async def all_at_once() -> list[Any]:
        posts = (server.post(document, {"id": user}, token=company.token()) for _ in range(8))
        return [answer["data"]["resendInvitation"]["userErrors"] for answer in await asyncio.gather(*posts)]

    user = invited(company)
    answers = server.run(all_at_once())
    assert (answers.count([]), answers.count([{"code": "LIMIT_EXCEEDED"}])) == (4, 4)
    assert len(mails(server)) == 5
