"""Delivery to a real SMTP server and to failing ones: no mail is lost, and repeats have the same Message-ID."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

import mail.smtp
from domain.mail import MailKind, MailState
from mail.smtp import SMTPServer, SMTPTransport
from tests.support.inventory import Inventory
from tests.support.mail_delivery import SUPPLIER, deliver, request, smtp, trusted, warn, worker
from tests.support.outbox import Mail, mails
from tests.support.server import Server
from tests.support.smtp_server import PASSWORD, Reply, answering, dropping, mail_server
from tests.support.waiting import PATIENCE


def the_mail(server: Server) -> Mail:
    (found,) = mails(server)
    return found


def test_a_mail_arrives_with_its_headers_and_both_parts(company: Inventory, server: Server, tmp_path: Path) -> None:
    with mail_server(tls=True, auth=True) as mx:
        request(company, quantity=1200, note="Before Friday.")
        deliver(server, smtp(mx, tls="required", ca=trusted(mx, tmp_path), password=PASSWORD))
    (got,) = mx.received
    assert (got.sender, got.to) == ("dialtree@halcyon.example", [SUPPLIER])
    assert got.session.ssl is not None
    assert got.mail["From"] == "Dialtree <dialtree@halcyon.example>"
    assert got.mail["To"] == SUPPLIER
    assert got.mail["Subject"] == "Halcyon requests 1,200 more numbers"
    assert got.mail["Date"] == "Sat, 21 Nov 2026 09:00:00 +0000"
    assert got.mail["Auto-Submitted"] == "auto-generated"
    text, html = got.mail.get_body(("plain",)), got.mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Before Friday." in text.get_content()
    assert "Before Friday." in html.get_content()
    sent = the_mail(server)
    assert (sent.state, sent.attempts, sent.error, sent.outstanding) == (MailState.SENT, 1, None, [])
    assert got.mail["Message-ID"] == f"<{sent.message_id}>"
    assert sent.facts is None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (answering("451 try later"), "451 try later"),
        (dropping, "the server disconnected"),
        (answering("421 bye"), "421 bye"),
    ],
    ids=["451", "drop in DATA", "421"],
)
def test_a_temporary_failure_is_retried(company: Inventory, server: Server, fault: Reply, error: str) -> None:
    request(company)
    with mail_server() as mx:
        mx.for_data = [fault]
        deliver(server, smtp(mx))
        waiting = the_mail(server)
        assert (waiting.state, waiting.attempts, mx.received) == (MailState.WAITING, 1, [])
        assert error in (waiting.error or "")
        assert 45 <= waiting.seconds_until_due <= 75
        deliver(server, smtp(mx))
        assert mx.received == []  # it is not due yet
        server.advance(76)
        deliver(server, smtp(mx))
    sent = the_mail(server)
    assert (sent.state, sent.attempts, sent.error) == (MailState.SENT, 2, None)
    (got,) = mx.received
    assert got.mail["Message-ID"] == f"<{waiting.message_id}>"


def test_a_retry_after_a_lost_reply_has_the_same_message_id(company: Inventory, server: Server) -> None:
    request(company)
    with mail_server() as mx:
        mx.after_data = [dropping]
        deliver(server, smtp(mx))
        assert the_mail(server).state is MailState.WAITING
        server.advance(76)
        deliver(server, smtp(mx))
    first, second = mx.received
    assert first.mail["Message-ID"] == second.mail["Message-ID"]
    assert first.mail["Date"] == second.mail["Date"]
    assert the_mail(server).state is MailState.SENT


def test_a_hanging_server_delays_no_mutation_and_no_other_mail(company: Inventory, server: Server) -> None:
    request(company)

    async def beside(hung: asyncio.Task[None]) -> None:
        assert await asyncio.to_thread(mx.hanging.wait, PATIENCE)
        mx.hangs = False
        query = "mutation { requestMoreNumbers(input: {quantity: 2}) { userErrors { message } } }"
        answer = await server.post(query, token=company.token())
        assert answer == {"data": {"requestMoreNumbers": {"userErrors": []}}}
        await worker(server, smtp(mx)).work_once()
        # The first worker has free slots and may have been faster.
        assert await asyncio.to_thread(mx.took_one.wait, PATIENCE)
        assert [got.mail["Subject"] for got in mx.received] == ["Halcyon requests 2 more numbers"]
        assert not hung.done()

    async def both() -> None:
        hung = asyncio.create_task(worker(server, smtp(mx)).work_once())
        try:
            await beside(hung)
        finally:
            mx.go_on()
            await hung

    with mail_server() as mx:
        mx.hangs = True
        server.run(both())
    assert [got.mail["Subject"] for got in mx.received][1:] == ["Halcyon requests one more number"]
    assert [(mail.state, mail.attempts) for mail in mails(server)] == [(MailState.SENT, 1)] * 2


def test_a_hanging_server_times_out_and_is_retried(
    company: Inventory, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    request(company)
    with mail_server() as mx:
        mx.hangs = True
        monkeypatch.setattr(mail.smtp, "REPLY_SECONDS", 0.5)
        deliver(server, smtp(mx))
        waiting = the_mail(server)
        assert (waiting.state, waiting.attempts, mx.received) == (MailState.WAITING, 1, [])
        assert "Timed out" in (waiting.error or "")
        monkeypatch.undo()
        mx.hangs = False
        server.advance(76)
        deliver(server, smtp(mx))
    sent = the_mail(server)
    assert (sent.state, sent.attempts, len(mx.received)) == (MailState.SENT, 2, 1)


@pytest.mark.parametrize("where", ["recipient", "data"])
def test_a_permanent_failure_fails_the_mail_which_can_be_retried(
    company: Inventory, server: Server, where: str
) -> None:
    delivery = request(company)["mailDelivery"]["id"]
    with mail_server() as mx:
        if where == "recipient":
            mx.for_recipients = {SUPPLIER: ["550 nobody here"]}
        else:
            mx.for_data = [answering("550 nobody here")]
        deliver(server, smtp(mx))
        failed = the_mail(server)
        assert (failed.state, failed.attempts, mx.received) == (MailState.FAILED, 1, [])
        assert "550 nobody here" in (failed.error or "")
        server.advance(864_000)
        deliver(server, smtp(mx))
        assert the_mail(server) == failed._replace(seconds_until_due=-864_000)
        company.mutate("retryMailDelivery", "userErrors { message }", {"mailDeliveryId": delivery})
        deliver(server, smtp(mx))
    sent = the_mail(server)
    assert (sent.state, sent.attempts, sent.message_id) == (MailState.SENT, 2, failed.message_id)
    assert len(mx.received) == 1


def test_a_refused_connection_is_retried(company: Inventory, server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unheard:
        port = unheard.getsockname()[1]
    request(company)
    deliver(server, SMTPTransport(SMTPServer.parse(f"smtp://127.0.0.1:{port}"), host_name="client.test"))
    waiting = the_mail(server)
    assert (waiting.state, waiting.attempts) == (MailState.WAITING, 1)
    assert f"Error connecting to 127.0.0.1 on port {port}" in (waiting.error or "")


def test_a_server_with_an_untrusted_certificate_receives_neither_password_nor_mail(
    company: Inventory, server: Server
) -> None:
    request(company)
    with mail_server(tls=True, auth=True) as mx:
        deliver(server, smtp(mx, tls="required", password=PASSWORD))
        assert (mx.received, mx.passwords) == ([], [])
    waiting = the_mail(server)
    assert (waiting.state, waiting.attempts) == (MailState.WAITING, 1)
    assert "certificate verify failed" in (waiting.error or "")


def test_a_server_without_starttls_receives_nothing_if_it_is_required(company: Inventory, server: Server) -> None:
    request(company)
    with mail_server() as mx:
        deliver(server, smtp(mx, tls="required", password=PASSWORD))
        assert (mx.received, mx.passwords) == ([], [])
    waiting = the_mail(server)
    assert waiting.state is MailState.WAITING
    assert "STARTTLS" in (waiting.error or "")


def test_waiting_mails_are_delivered_after_the_password_is_corrected(
    company: Inventory, server: Server, tmp_path: Path
) -> None:
    request(company)
    request(company)
    with mail_server(tls=True, auth=True) as mx:
        ca = trusted(mx, tmp_path)
        deliver(server, smtp(mx, tls="required", ca=ca, password="guess"))
        assert [mail.state for mail in mails(server)] == [MailState.WAITING, MailState.WAITING]
        assert all((mail.error or "").startswith("535 ") for mail in mails(server))
        server.run(worker(server, smtp(mx, tls="required", ca=ca, password=PASSWORD)).deliver_waiting())
    assert [mail.state for mail in mails(server)] == [MailState.SENT, MailState.SENT]
    assert len(mx.received) == 2


def test_retries_only_go_to_undelivered_recipients(company: Inventory, server: Server) -> None:
    warn(company, "ada@halcyon.example", "bo@halcyon.example", "cy@halcyon.example")
    with mail_server() as mx:
        mx.for_recipients = {"bo@halcyon.example": ["450 later"], "cy@halcyon.example": ["550 gone", "550 gone"]}
        deliver(server, smtp(mx))
        waiting = the_mail(server)
        assert waiting.kind is MailKind.THRESHOLD_REACHED
        assert (waiting.state, waiting.outstanding) == (MailState.WAITING, ["bo@halcyon.example", "cy@halcyon.example"])
        server.advance(76)
        deliver(server, smtp(mx))
    failed = the_mail(server)
    assert (failed.state, failed.outstanding) == (MailState.FAILED, ["cy@halcyon.example"])
    assert failed.error == "cy@halcyon.example: 550 gone"
    assert failed.to == ["ada@halcyon.example", "bo@halcyon.example", "cy@halcyon.example"]
    assert [got.to for got in mx.received] == [["ada@halcyon.example"], ["bo@halcyon.example"]]


def test_an_address_that_the_server_does_not_support_fails_permanently(company: Inventory, server: Server) -> None:
    company.mutate(
        "updateOrganization",
        "userErrors { message }",
        {"organizationId": company.organization("Halcyon"), "supplierEmail": "zoë@carrier.example"},
    )
    request(company)
    with mail_server(utf8=False) as mx:
        deliver(server, smtp(mx))
        assert mx.received == []
        assert the_mail(server).state is MailState.FAILED
    assert the_mail(server).error == (
        "the mail server does not support SMTPUTF8, which an address with characters outside ASCII before the @ needs"
    )


def test_an_address_outside_ascii_is_sent_with_smtputf8(company: Inventory, server: Server) -> None:
    for email in ("zoë@faß.example", "bo@halcyon.example"):
        server.create_administrator(organization="Halcyon", role="OWNER", email=email, password="long enough by now")
    company.add("+14185550100,+1 418,Halcyon,AVAILABLE,,,,\n")
    ids = company.numbers("+14185550100")
    company.mutate("reserveNumbers", "userErrors { message }", {"numberIds": ids, "tag": "front desk"})
    server.fold()
    with mail_server() as mx:
        deliver(server, smtp(mx))
    (got,) = mx.received
    assert got.to == ["bo@halcyon.example", "zoë@xn--fa-hia.example"]
    assert b"\r\nTo: bo@halcyon.example, zo\xc3\xab@xn--fa-hia.example\r\n" in got.content


def test_an_internationalized_domain_is_encoded_with_idna(company: Inventory, server: Server) -> None:
    company.mutate(
        "updateOrganization",
        "userErrors { message }",
        {"organizationId": company.organization("Halcyon"), "supplierEmail": "numbers@Faß.example"},
    )
    request(company)
    with mail_server(utf8=False) as mx:
        deliver(server, smtp(mx))
    assert [got.to for got in mx.received] == [["numbers@xn--fa-hia.example"]]
