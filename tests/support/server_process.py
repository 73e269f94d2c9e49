"""`dialtree serve` in processes of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from app.command import main
from tests.support.concurrency import free_port, wait_until_ready
from tests.support.waiting import PATIENCE, wait_until

REPOSITORY = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from app.command import main; main()"]


@dataclass(frozen=True)
class ServerProcess:
    """A running server with its log."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    @property
    def workers(self) -> set[int]:
        """The ids of the worker processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return {int(child) for child in children.split() if b"spawn_main" in _command_line(int(child))}

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_ended(pids: set[int]) -> None:
    """Wait until none of the processes runs."""
    wait_until(lambda: not any(map(is_running, pids)), lambda: f"of {pids}, some still run")


@contextmanager
def server_process(
    folder: Path, *options: str, environment: Mapping[str, str], ready: bool = True
) -> Iterator[ServerProcess]:
    """Run a server in a folder; its log is `server.log`. With `ready`, the block starts when it answers."""
    port, log = free_port(), folder / "server.log"
    variables = {name: value for name, value in os.environ.items() if not name.startswith("DIALTREE_")}
    with (
        log.open("wb") as written,
        subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port), *options],
            cwd=folder,
            env={**variables, "PYTHONPATH": str(REPOSITORY), **environment},
            stdout=written,
            stderr=written,
        ) as process,
    ):
        try:
            running = ServerProcess(process, f"http://127.0.0.1:{port}", log)
            if ready:
                wait_until_ready(running.address, process)
            yield running
        finally:
            process.kill()


def create_bank(url: str) -> str:
    """Create an organization, and return its path."""
    file = Path(url.removeprefix("sqlite:///")).with_name("organizations.csv")
    file.write_text("path,time_zone,threshold\nBank,,\n", encoding="utf-8")
    run_command(url, "import", "organizations", str(file))
    return "Bank"


def run_command(url: str, *arguments: str, stdin: str = "") -> str:
    """Run a command in this process, and return what it writes to standard output."""
    result = CliRunner().invoke(main, arguments, input=stdin, env={"DIALTREE_DATABASE_URL": url})
    assert result.exit_code == 0, result.stderr
    return result.stdout


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""
