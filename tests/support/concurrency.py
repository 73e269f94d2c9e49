"""Concurrent clients: tasks over one application, several applications over one database, or real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.server import Server
from tests.support.waiting import PATIENCE, wait_until

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Call:
    """A request to send at the same time as others."""

    query: str
    variables: dict[str, Any]
    token: str


def payload(answer: dict[str, Any]) -> dict[str, Any]:
    """The payload of the answer's one mutation; a request error, an INTERNAL_SERVER_ERROR above all, fails the test."""
    assert "errors" not in answer, answer["errors"]
    ((_, found),) = answer["data"].items()
    result: dict[str, Any] = found
    return result


def outcome(found: dict[str, Any]) -> str:
    """Return the error codes of a payload, or `done`."""
    return "+".join(error["code"] for error in found["userErrors"]) or "done"


def outcomes(payloads: Iterable[dict[str, Any]]) -> Counter[str]:
    """Count each refusal and the successes."""
    return Counter(map(outcome, payloads))


class ConcurrentServers:
    """One or more applications over the same database, which are sent requests at the same time."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self.servers = servers

    def send_together(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        """Send all calls at the same time, distributed over the applications, and return their payloads."""
        start = threading.Barrier(len(self.servers))
        answers: dict[int, dict[str, Any]] = {}

        async def send(server: Server, index: int) -> None:
            call = calls[index]
            answers[index] = await server.post(call.query, call.variables, token=call.token)

        async def together(server: Server, share: Iterable[int]) -> None:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(send(server, index) for index in share))

        def run(number: int) -> None:
            start.wait(PATIENCE)
            self.servers[number].run(together(self.servers[number], range(number, len(calls), len(self.servers))))

        with ThreadPoolExecutor(len(self.servers)) as threads:
            list(threads.map(run, range(len(self.servers))))
        return [payload(answers[index]) for index in range(len(calls))]


@contextmanager
def concurrent_servers(server: Server, count: int) -> Iterator[ConcurrentServers]:
    """The server's application and `count` - 1 more over the same database."""
    with ExitStack() as stack:
        others = [stack.enter_context(closing(Server(server.url))) for _ in range(count - 1)]
        yield ConcurrentServers([server, *others])


@contextmanager
def processes(url: str, count: int) -> Iterator[list[str]]:
    """The addresses of `dialtree serve` in processes of their own, over one database."""
    with ExitStack() as stack:
        ports = [free_port() for _ in range(count)]
        running = [stack.enter_context(_serving(url, port)) for port in ports]
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        for address, process in zip(addresses, running, strict=True):
            wait_until_ready(address, process)
        yield addresses


async def send_together_over_http(addresses: Sequence[str], calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Send all calls at the same time, distributed over the addresses, and return their payloads."""

    async def send(client: httpx.AsyncClient, index: int, call: Call) -> dict[str, Any]:
        address = addresses[index % len(addresses)]
        headers = {"Authorization": f"Bearer {call.token}"}
        body = {"query": call.query, "variables": call.variables}
        response = await client.post(f"{address}/graphql", json=body, headers=headers)
        return payload(response.json())

    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
        return await asyncio.gather(*(send(client, index, call) for index, call in enumerate(calls)))


@contextmanager
def _serving(url: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", "from app.command import main; main()", "serve", "--port", str(port)]
    environment = os.environ | {"DIALTREE_DATABASE_URL": url}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)


def wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait for a server process."""

    def is_ready() -> bool:
        assert process.poll() is None, "the server ended"
        try:
            return httpx.get(f"{address}/health/ready", trust_env=False).is_success
        except httpx.TransportError:
            return False

    wait_until(is_ready, lambda: f"{address} was never ready")


def free_port() -> int:
    """Return an unused port on 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
