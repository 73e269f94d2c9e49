"""PgBouncer in transaction mode in front of the tests' PostgreSQL server."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.postgres import PostgresServer, server_account
from tests.support.waiting import PATIENCE, wait_until

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")

_SETTINGS = """
[databases]
* = host=127.0.0.1 port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 2000
query_wait_timeout = 10
server_idle_timeout = 2
server_login_retry = 1
stats_period = 10
"""


@dataclass
class Pooler:
    """A running PgBouncer."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes]

    def url(self, database_url: str) -> str:
        """Return the address of a database of the server behind the pooler, given its own address."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database_url.rpartition('/')[2]}"

    def kill(self) -> None:
        """Kill the pooler with SIGKILL."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(PATIENCE)

    def start_again(self) -> None:
        """Start the pooler at the same port after it was killed."""
        self._process = _start(self.folder)


@contextmanager
def pooler(server: PostgresServer, *, size: int) -> Iterator[Pooler]:
    """Run PgBouncer with up to `size` connections to each database of a server."""
    with tempfile.TemporaryDirectory(prefix="dialtree-pgbouncer-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), _port()
        folder.chmod(0o777)
        (folder / "users").write_text('"postgres" ""\n', encoding="ascii")
        settings = _SETTINGS.format(server_port=server.port, port=port, folder=folder, size=size)
        (folder / "pgbouncer.ini").write_text(settings, encoding="ascii")
        running = Pooler(folder, port, _start(folder))
        try:
            yield running
        finally:
            running.kill()


def _port() -> int:
    """Return an unused port that the system gives to no client.

    A client that tries to connect while the pooler is away could otherwise get that port, and be connected to itself.
    """
    while True:
        port = random.randrange(20_000, 30_000)  # noqa: S311 - no secret
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _start(folder: Path) -> subprocess.Popen[bytes]:
    assert PROGRAM is not None
    log, owner = folder / "log", server_account()
    with log.open("wb") as written:
        process = subprocess.Popen(
            [PROGRAM, "pgbouncer.ini"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stderr=written,
            user=None if owner is None else owner.pw_uid,
            group=None if owner is None else owner.pw_gid,
            extra_groups=None if owner is None else [],
        )
    wait_until(lambda: b"process up" in log.read_bytes(), lambda: log.read_text(encoding="utf-8"))
    return process
