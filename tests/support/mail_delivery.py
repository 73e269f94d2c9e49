"""Queue mail through the API, and deliver it with workers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mail.envelope import parse_sender
from mail.smtp import SMTPServer, SMTPTransport
from mail.transports import MailTransport
from mail.worker import DeliveryOptions, OutboxWorker
from tests.support.inventory import Inventory
from tests.support.sample_mails import LINKS
from tests.support.server import Server
from tests.support.smtp_server import USER, MailServer

SUPPLIER = "numbers@carrier.example"
SENDER = parse_sender("Dialtree <dialtree@halcyon.example>")
DELIVERY = "id kind to subject state attempts error createdAt sentAt"
RETRY_SECONDS = 60


def request(company: Inventory, **input_: Any) -> Any:
    """Request a number from the supplier, which queues one mail."""
    selection = f"mailDelivery {{ {DELIVERY} }} userErrors {{ code message path }}"
    return company.mutate("requestMoreNumbers", selection, {"quantity": 1, **input_})


def warn(company: Inventory, *emails: str) -> None:
    """Have administrators of the root who get one mail together."""
    for email in emails:
        company.server.create_administrator(
            organization="Halcyon", role="OWNER", email=email, password="long enough by now"
        )
    company.add("+14185550100,+1 418,Halcyon,AVAILABLE,,,,\n")
    ids = company.numbers("+14185550100")
    payload = company.mutate("reserveNumbers", "userErrors { message }", {"numberIds": ids, "tag": "front desk"})
    assert payload["userErrors"] == []
    company.server.fold()


def smtp(
    server: MailServer, *, tls: str = "offered", ca: Path | None = None, password: str | None = None
) -> MailTransport:
    """Return a transport for a server."""
    user = "" if password is None else f"{USER}:{quote(password, safe='')}@"
    url = f"smtp://{user}127.0.0.1:{server.port}?starttls={tls}" + (f"&ca={ca}" if ca else "")
    return SMTPTransport(SMTPServer.parse(url), host_name="client.test")


def trusted(server: MailServer, folder: Path) -> Path:
    """A file with the certificate of the server's issuer."""
    file = folder / "ca.pem"
    server.certificates.cert_pem.write_to_path(str(file))
    return file


def worker(server: Server, transport: MailTransport) -> OutboxWorker:
    """A worker on the server's database, by the server's clock."""
    options = DeliveryOptions(
        transport=transport, links=LINKS, sender=SENDER, retry_after=timedelta(seconds=RETRY_SECONDS)
    )
    return OutboxWorker(server.database, server.clock, options)


def deliver(server: Server, transport: MailTransport) -> None:
    """Attempt every due mail once."""
    server.run(worker(server, transport).work_once())
