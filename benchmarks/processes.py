"""Start server processes, wait until they answer, and stop them."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

PATIENCE = 60
"""Maximum seconds until a server answers its first request."""


class BenchmarkError(Exception):
    """The run cannot continue; the message says why."""


def run(*command: str | Path, environment: Mapping[str, str] | None = None, folder: Path | None = None) -> str:
    """The output of a command. Raises BenchmarkError if it failed."""
    try:
        done = subprocess.run(  # noqa: S603 - the benchmark's own commands
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise BenchmarkError(f"The benchmarks need {command[0]}, which is not installed.") from None
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def dialtree() -> Path:
    """The `dialtree` command of this environment."""
    return Path(sys.executable).with_name("dialtree")


def run_dialtree(database_url: str, *arguments: str | Path) -> str:
    """The output of `dialtree`, run on a database."""
    return run(dialtree(), *arguments, environment={"DIALTREE_DATABASE_URL": database_url})


def free_port() -> int:
    """An unused port on the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(
    command: list[str], *, environment: Mapping[str, str], log: Path, url: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a GraphQL server; the block starts after its first answer. Raises BenchmarkError if it does not start."""
    with (
        log.open("w") as written,
        subprocess.Popen(  # noqa: S603 - the benchmark's own servers
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait(process, url=url, log=log)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], *, url: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            httpx.post(url, json={"query": "{ __typename }"})
            return
        time.sleep(0.1)
    raise BenchmarkError(f"{process.args!r} did not start:\n{log.read_text()[-2000:]}")
