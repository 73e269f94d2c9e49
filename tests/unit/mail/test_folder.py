"""Without an SMTP server, each mail is written to a file in a folder."""

from __future__ import annotations

import logging
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from app.delivery import outbox_worker
from app.services import load_deployment
from domain.mail import MailState
from mail.transports import FolderTransport
from tests.support.inventory import Inventory
from tests.support.mail_delivery import SUPPLIER, deliver, request
from tests.support.outbox import mails
from tests.support.server import Server


def test_a_mail_is_written_to_a_file_and_the_log_names_the_folder(
    company: Inventory, server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "new" / "mail"
    request(company)
    settled = server.run(load_deployment(server.settings, server.database))
    settings = server.settings.model_copy(update={"mail_folder": folder})
    with caplog.at_level(logging.INFO, "dialtree"):
        server.run(outbox_worker(settings, server.database, server.clock, settled).work_once())
    assert f"mail is written to the folder {folder}" in caplog.text
    (file,) = folder.iterdir()
    (sent,) = mails(server)
    assert sent.state is MailState.SENT
    assert file.name == f"{(sent.message_id or '').partition('@')[0]}.eml"
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (mail["To"], mail["Message-ID"]) == (SUPPLIER, f"<{sent.message_id}>")


def test_an_address_outside_ascii_is_written_in_utf_8(company: Inventory, server: Server, tmp_path: Path) -> None:
    company.mutate(
        "updateOrganization",
        "userErrors { message }",
        {"organizationId": company.organization("Halcyon"), "supplierEmail": "zoë@Faß.example"},
    )
    request(company, area="Québec")
    deliver(server, FolderTransport(tmp_path))
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    assert b"\r\nTo: zo\xc3\xab@xn--fa-hia.example\r\n" in content
    assert message_from_bytes(content, policy=policy.default)["To"] == "zoë@xn--fa-hia.example"
    assert [mail.to for mail in mails(server)] == [["zoë@Faß.example"]]


def test_a_repeated_delivery_replaces_the_file(company: Inventory, server: Server, tmp_path: Path) -> None:
    class Forgetful(FolderTransport):
        async def send(self, *arguments: object, **named: object) -> None:
            await super().send(*arguments, **named)  # type: ignore[arg-type]
            raise RuntimeError("the reply is lost")

    request(company)
    deliver(server, Forgetful(tmp_path))
    assert [mail.state for mail in mails(server)] == [MailState.WAITING]
    server.advance(76)
    deliver(server, FolderTransport(tmp_path))
    assert [mail.state for mail in mails(server)] == [MailState.SENT]
    assert len(list(tmp_path.iterdir())) == 1


def test_an_unwritable_folder_is_retried(company: Inventory, server: Server, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    request(company)
    deliver(server, FolderTransport(blocked))
    (waiting,) = mails(server)
    assert waiting.state is MailState.WAITING
    assert waiting.error == f"cannot write to the folder {blocked}: File exists"
