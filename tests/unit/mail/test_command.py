"""`dialtree outbox` delivers all waiting mail, including delayed retries, and exits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

from domain.mail import MailState
from resolvers.core.context import system_clock
from tests.support.databases import by_default_on_postgresql
from tests.support.inventory import Inventory
from tests.support.mail_delivery import deliver, request
from tests.support.outbox import mails
from tests.support.server import Server
from tests.support.waiting import PATIENCE, wait_until
from tests.unit.mail.test_worker import Refusing

REPOSITORY = Path(__file__).parents[3]


def outbox(server: Server, folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from app.command import main; main()", "outbox", *options]
    environment = os.environ | {"DIALTREE_DATABASE_URL": server.url, "DIALTREE_MAIL_FOLDER": str(folder)}
    environment.pop("DIALTREE_SMTP_URL", None)
    return subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE, text=True)


@by_default_on_postgresql
def test_outbox_delivers_all_waiting_mail_including_delayed_retries(
    company: Inventory, server: Server, tmp_path: Path
) -> None:
    server.clock.now = system_clock()  # the command uses the real time
    request(company)
    deliver(server, Refusing())
    request(company)
    with outbox(server, tmp_path) as process:
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert f"mail is written to the folder {tmp_path}" in said
    assert [mail.state for mail in mails(server)] == [MailState.SENT, MailState.SENT]
    assert len(list(tmp_path.glob("*.eml"))) == 2


@by_default_on_postgresql
def test_outbox_follow_runs_until_it_is_stopped(company: Inventory, server: Server, tmp_path: Path) -> None:
    server.clock.now = system_clock()

    def are_delivered(count: int) -> bool:
        assert process.poll() is None, "it ended by itself"
        return len(list(tmp_path.glob("*.eml"))) == count

    with outbox(server, tmp_path, "--follow") as process:
        for count in (1, 2):
            request(company)
            wait_until(partial(are_delivered, count), lambda: "nothing was delivered")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert "Traceback" not in said
