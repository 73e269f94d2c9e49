"""The mail of an invitation: its link works, and its delivery determines the user's status (section 11)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

import pytest

from app.services import load_deployment
from domain.mail import MailState
from mail.transports import DeliveryFailed, MailTransport
from mail.worker import DeliveryOptions, OutboxWorker
from tests.api.mail.company import ERRORS, Company, invite
from tests.support.mail_delivery import SENDER
from tests.support.outbox import mails
from tests.support.server import Server

USER = "status invitationError phoneNumber { status } organization { utilization { pendingInvitations } }"


class Scripted(MailTransport):
    """Accepts or permanently refuses one mail after the other, as scripted."""

    def __init__(self, *script: str) -> None:
        self._script = list(script)
        self.taken: list[EmailMessage] = []

    async def send(self, mail: EmailMessage, *, sender: Address, to: Sequence[Address]) -> None:
        del sender
        if self._script.pop(0) == "refuse":
            raise DeliveryFailed("550 nobody here", undelivered=range(len(to)), permanent=True)
        self.taken.append(mail)


def deliver(server: Server, transport: MailTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempt the due mails one after the other, with the links of this deployment."""
    links = server.run(load_deployment(server.settings, server.database)).links
    monkeypatch.setattr("mail.worker.CONCURRENT_DELIVERIES", 1)
    options = DeliveryOptions(transport=transport, links=links, sender=SENDER, retry_after=timedelta())
    server.run(OutboxWorker(server.database, server.clock, options).work_once())


def shown(it: Company) -> Any:
    (user,) = it.inventory.ask(f"{{ users {{ nodes {{ id {USER} }} }} }}")["users"]["nodes"]
    return user


def test_the_link_in_the_mail_accepts_the_invitation_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    it = Company(server)
    it.load("Halcyon/Sales", available=1)
    invite("Halcyon/Sales")(it)
    transport = Scripted("take")
    deliver(server, transport, monkeypatch)
    body = transport.taken[0].get_body(("plain",))
    assert body is not None
    link = re.search(r"http://127\.0\.0\.1:8000/invitation\?token=(\S+)", body.get_content())
    assert link is not None
    query = f"mutation ($token: String!) {{ acceptInvitation(input: {{token: $token}}) {{ number {ERRORS} }} }}"
    accepted = server.ask(query, {"token": link[1]}, token=None)["acceptInvitation"]
    assert accepted == {"number": "+14185000000", "userErrors": []}
    again = server.ask(query, {"token": link[1]}, token=None)["acceptInvitation"]
    assert [error["code"] for error in again["userErrors"]] == ["NOT_FOUND"]


def test_a_permanent_failure_marks_the_user_failed_and_keeps_the_number_until_a_retry_succeeds(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = Company(server)
    it.load("Halcyon/Sales", available=1)
    invite("Halcyon/Sales")(it)
    deliver(server, Scripted("refuse"), monkeypatch)
    user = shown(it)
    assert {key: user[key] for key in user if key != "id"} == {
        "status": "INVITATION_FAILED",
        "invitationError": "550 nobody here",
        "phoneNumber": {"status": "ASSIGNED"},
        "organization": {"utilization": {"pendingInvitations": 1}},
    }
    assert server.differences() == []
    (failed,) = it.inventory.ask("{ mailDeliveries { nodes { id state } } }")["mailDeliveries"]["nodes"]
    it.change("retryMailDelivery", mailDeliveryId=failed["id"])
    deliver(server, Scripted("take"), monkeypatch)
    assert (shown(it)["status"], shown(it)["invitationError"]) == ("INVITED", None)


def test_the_outcome_of_an_earlier_mail_does_not_affect_a_later_invitation(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = Company(server)
    it.load("Halcyon/Sales", available=1)
    invite("Halcyon/Sales")(it)
    it.change("resendInvitation", userId=shown(it)["id"])
    deliver(server, Scripted("refuse", "take"), monkeypatch)
    assert [mail.state for mail in mails(server)] == [MailState.FAILED, MailState.SENT]
    assert (shown(it)["status"], shown(it)["invitationError"]) == ("INVITED", None)


def test_a_mail_delivered_to_an_earlier_address_does_not_mark_the_user_invited(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = Company(server)
    it.load("Halcyon/Sales", available=1)
    invite("Halcyon/Sales")(it)
    deliver(server, Scripted("refuse"), monkeypatch)
    it.change("updateUser", userId=shown(it)["id"], email="right@halcyon.test")
    (failed,) = it.inventory.ask("{ mailDeliveries { nodes { id } } }")["mailDeliveries"]["nodes"]
    it.change("retryMailDelivery", mailDeliveryId=failed["id"])
    deliver(server, Scripted("take"), monkeypatch)
    assert [mail.state for mail in mails(server)] == [MailState.SENT]
    assert (shown(it)["status"], shown(it)["invitationError"]) == ("INVITATION_FAILED", "550 nobody here")
    it.change("resendInvitation", userId=shown(it)["id"])
    assert (shown(it)["status"], shown(it)["invitationError"]) == ("INVITED", None)
