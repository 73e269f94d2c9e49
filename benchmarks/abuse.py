"""Abuse of subscriptions: how long others wait meanwhile, and how much memory a process takes."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import re
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from benchmarks.processes import BenchmarkError, run_dialtree
from benchmarks.report import table
from tests.attacks.attack import frame
from tests.attacks.subscriptions import HANDSHAKE
from tests.support.server_process import server_process

ROOT = "Live"
NUMBERS = 500
IDLE = 2_000
ATTACKERS = 20
PAUSE_SECONDS = 0.02
"""How often the bystander asks."""

BEGIN_SECONDS = 60
CONNECT_SECONDS = 3
MAX_DELAY_MS = 250
MAX_GROWTH_MIB = 200

_QUESTION = {"query": "{ viewer { role } }"}
_FOLLOW = "subscription { phoneNumbersChanged { cursor phoneNumbers { id number reservedTag } } }"


class Victim(NamedTuple):
    """The server, and a key for it."""

    url: str
    pid: int
    key: str

    def memory(self) -> float:
        """The resident memory in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024


Attack = Callable[[Victim], Awaitable[None]]


def measure(database_url: str, *, seconds: int) -> str:
    """A table of all attacks. Raises BenchmarkError if one delays a bystander or takes too much memory."""
    with _serving(database_url) as victim:
        return asyncio.run(_measured(victim, seconds=seconds))


async def _measured(victim: Victim, *, seconds: int) -> str:
    rows, problems = [], []
    for name in ATTACKS:
        before, delays = victim.memory(), list[float]()
        with _under(name, victim):
            # Until the connections are open that are only held.
            await asyncio.sleep(CONNECT_SECONDS)
            async with _bystander(victim, delays):
                await asyncio.sleep(seconds)
            growth = victim.memory() - before
        p99, longest = sorted(delays)[len(delays) * 99 // 100], max(delays)
        rows.append((name, f"{len(delays):,}", f"{p99:,.0f}", f"{longest:,.0f}", f"{growth:,.0f}"))
        if longest > MAX_DELAY_MS and name != CALM:
            problems.append(f"{name}: a bystander waited {longest:,.0f} ms")
        if growth > MAX_GROWTH_MIB:
            problems.append(f"{name}: memory has grown by {growth:,.0f} MiB")
    text = table(("attack", "bystander's requests", "p99 ms", "longest ms", "memory, MiB"), rows)
    if problems:
        raise BenchmarkError("\n".join([text, "", *problems]))
    return text


@contextmanager
def _serving(url: str) -> Iterator[Victim]:
    with tempfile.TemporaryDirectory(prefix="dialtree-abuse-") as name:
        folder = Path(name)
        organizations, numbers = folder / "organizations.csv", folder / "numbers.csv"
        organizations.write_text(f"path\n{ROOT}\n")
        lines = [f"+1418{2_000_000 + number},1418,{ROOT},RESERVED,tag" for number in range(NUMBERS)]
        numbers.write_text("\n".join(["number,series,path,status,reserved_tag", *lines, ""]))
        run_dialtree(url, "migrate")
        run_dialtree(url, "import", "organizations", organizations)
        run_dialtree(url, "import", "numbers", numbers)
        key = run_dialtree(url, "key", "create", "--name", "abuse", "--organization", ROOT, "--role", "OWNER").strip()
        settings = {"DIALTREE_DATABASE_URL": url, "DIALTREE_SECRET": "x" * 32, "DIALTREE_LOG_FORMAT": "text"}
        with server_process(folder, environment=settings) as server:
            yield Victim(server.address, server.process.pid, key)


@asynccontextmanager
async def _bystander(victim: Victim, delays: list[float]) -> AsyncIterator[None]:
    """Ask a small question again and again, and keep how long each took in milliseconds."""
    headers = {"Authorization": f"Bearer {victim.key}"}

    async def ask(http: httpx.AsyncClient) -> None:
        while True:
            asked_at = time.perf_counter()
            (await http.post("/graphql", json=_QUESTION)).raise_for_status()
            delays.append(1000 * (time.perf_counter() - asked_at))
            await asyncio.sleep(PAUSE_SECONDS)

    async with httpx.AsyncClient(base_url=victim.url, headers=headers, timeout=30) as http:
        task = asyncio.create_task(ask(http))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@contextmanager
def _under(name: str, victim: Victim) -> Iterator[None]:
    """Attack from another process, so that the bystander waits for nothing but the server."""
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    process = context.Process(target=_run, args=(name, victim, begun))
    process.start()
    begun.wait(BEGIN_SECONDS)
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _run(name: str, victim: Victim, begun: Event) -> None:
    begun.set()
    asyncio.run(_attack(ATTACKS[name], victim))


async def _attack(attack: Attack, victim: Victim) -> None:
    """Attack with several connections, each of them again whenever it was closed."""

    async def again() -> None:
        while True:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await attack(victim)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(ATTACKERS):
            tasks.create_task(again())


@asynccontextmanager
async def _connected(victim: Victim, data: bytes) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    parts = urlsplit(victim.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(data)
        yield reader, writer
    finally:
        writer.transport.abort()


def _text(message: dict[str, object]) -> bytes:
    return frame(json.dumps(message).encode())


def _init(victim: Victim) -> bytes:
    return _text({"type": "connection_init", "payload": {"authorization": f"Bearer {victim.key}"}})


def _subscribe(id_: str, query: str = _FOLLOW) -> bytes:
    return _text({"type": "subscribe", "id": id_, "payload": {"query": query}})


async def _sent(victim: Victim, first: bytes, then: bytes = b"") -> None:
    """Shake hands, send, and wait until the server closes the connection."""
    async with _connected(victim, HANDSHAKE) as (reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(first)
        if then:
            await reader.read(1_000)
            writer.write(then)
        while await reader.read(65_536):
            pass


async def _idle(victim: Victim, data: Callable[[Victim], bytes], *, begun: bool) -> None:
    """Hold many connections that say nothing more."""
    async with asyncio.TaskGroup() as tasks:
        for _ in range(IDLE // ATTACKERS):
            tasks.create_task(_held(victim, data, begun=begun))


async def _held(victim: Victim, data: Callable[[Victim], bytes], *, begun: bool) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        async with _connected(victim, HANDSHAKE if begun else data(victim)) as (reader, writer):
            if begun:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(data(victim))
            while await reader.read(65_536):
                pass


async def _slow(victim: Victim) -> None:
    """Ask for large answers, and read none of them."""
    asks = "{ phoneNumbers(first: 500) { nodes { id number status reservedTag organization { path } } } }"
    async with _connected(victim, HANDSHAKE) as (reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_init(victim))
        await reader.read(1_000)
        for number in range(10_000):
            writer.write(_subscribe(str(number), asks))
            await asyncio.sleep(1 / 40)


CALM = "nothing"

ATTACKS: dict[str, Attack] = {
    CALM: lambda _: asyncio.sleep(1),
    "half a handshake, held": lambda victim: _idle(victim, lambda _: HANDSHAKE[:-2], begun=False),
    "no `connection_init`, held": lambda victim: _idle(victim, lambda _: b"", begun=True),
    "idle after `connection_ack`, held": lambda victim: _idle(victim, _init, begun=True),
    "half a message, held": lambda victim: _idle(victim, lambda _: frame(b"x" * 10_000, length=2**20), begun=True),
    "empty messages": lambda victim: _sent(victim, frame(b"") * 100_000),
    "pings": lambda victim: _sent(victim, frame(b"", 0x89) * 100_000),
    "long pings, no answer read": lambda victim: _sent(victim, frame(b"x" * 125, 0x89) * 10_000),
    "a message in bytes": lambda victim: _sent(victim, frame(b"", 0x01) + frame(b" ", 0x00) * 100_000),
    "messages of 1 MiB": lambda victim: _sent(victim, _init(victim), frame(b"[" * (2**20 - 1))),
    "500,000 JSON values": lambda victim: _sent(victim, frame(b'{"type":"ping","payload":{"a":[' + b"1," * 500_000)),
    "one id again and again": lambda victim: _sent(victim, _init(victim), _subscribe("1") * 250),
    "begun and ended": lambda victim: _sent(
        victim, _init(victim), (_subscribe("1") + _text({"type": "complete", "id": "1"})) * 125
    ),
    "slow readers": _slow,
}
