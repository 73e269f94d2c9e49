"""Measure the download of a list of numbers: `python -m benchmarks.reports`.

A Dialtree server streams the CSV file of all numbers to a client, compared with what the database itself can do in the
same run: `COPY … TO STDOUT` on PostgreSQL, a loop over a plain cursor on SQLite. Rounds alternate; medians are shown.
Then it measures the peak memory of the server, for 10,000 rows and for all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx

from db.core.engines import open_database, sqlite_path
from db.core.migrations import migrate
from domain.access import Role
from resolvers.access.operators import create_key
from resolvers.core.context import system_clock
from resolvers.imports.demo import create_demo_inventory
from tests.support.postgres import postgres_server

REPOSITORY = Path(__file__).parents[1]
LIST = """SELECT s.name, n.number, o.name, n.status, n.reserved_tag
  FROM phone_numbers n JOIN series s ON s.id = n.series_id JOIN organizations o ON o.id = n.organization_id
  WHERE n.retired_at IS NULL ORDER BY n.number"""
LINK = "query ($filter: PhoneNumberFilter) { phoneNumbersReport(filter: $filter) { url } }"
FEW = 10_000


@dataclass(frozen=True)
class Served:
    """A Dialtree server process on a filled database."""

    name: str
    url: str
    address: str
    process: int
    key: str

    def download(self, *, to: str | None = None) -> tuple[int, float, float]:
        """The number of rows, and the seconds until the first and the last byte."""
        headers = {"Authorization": f"Bearer {self.key}"}
        body = {"query": LINK, "variables": {"filter": None if to is None else {"to": to}}}
        with httpx.Client(trust_env=False, timeout=600) as client:
            answer = client.post(f"{self.address}/graphql", json=body, headers=headers).json()
            started, first, lines = time.perf_counter(), 0.0, 0
            with client.stream("GET", answer["data"]["phoneNumbersReport"]["url"]) as response:
                assert response.status_code == 200, response.read()  # noqa: PLR2004
                for piece in response.iter_raw():
                    first = first or time.perf_counter() - started
                    lines += piece.count(b"\n")
            return lines - 1, first, time.perf_counter() - started

    def plain(self) -> float:
        """The seconds that the database itself takes for the same rows."""
        started = time.perf_counter()
        path = sqlite_path(self.url)
        if path is None:
            asyncio.run(_copy(self.url))
        else:
            with closing(sqlite3.connect(path)) as connection:
                for _ in connection.execute(LIST):
                    pass
        return time.perf_counter() - started

    def number(self, place: int) -> str:
        """The number at a position in the sorted list."""
        found = asyncio.run(_numbers(self.url, place))
        assert found is not None
        return found

    def peak(self, *, to: str | None = None) -> int:
        """The server's peak memory during a download, in KiB."""
        Path(f"/proc/{self.process}/clear_refs").write_text("5")
        self.download(to=to)
        status = Path(f"/proc/{self.process}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


async def _copy(url: str) -> None:
    async def take(_: bytes) -> None:
        pass

    connection = await asyncpg.connect(url)
    await connection.copy_from_query(LIST, output=take, format="csv")
    await connection.close()


async def _numbers(url: str, place: int) -> str | None:
    query = f"SELECT number FROM phone_numbers ORDER BY number LIMIT 1 OFFSET {place - 1:d}"  # noqa: S608 - a number
    path = sqlite_path(url)
    if path is not None:
        with closing(sqlite3.connect(path)) as connection:
            number: str = connection.execute(query).fetchone()[0]
            return number
    connected = await asyncpg.connect(url)
    found: str | None = await connected.fetchval(query)
    await connected.close()
    return found


async def _load(url: str, *, organizations: int, numbers: int) -> str:
    await migrate(url)
    database = await open_database(url)
    root_id = await create_demo_inventory(
        database, organization_count=organizations, number_count=numbers, seed=1, now=system_clock()
    )
    key = await create_key(
        database, name="benchmark", organization_id=root_id, role=Role.VIEWER, expires_in=None, now=system_clock()
    )
    await database.close()
    return key


@contextmanager
def _served(name: str, url: str, chosen: argparse.Namespace) -> Iterator[Served]:
    key = asyncio.run(_load(url, organizations=chosen.organizations, numbers=chosen.numbers))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from app.command import main; main()", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=REPOSITORY, env=os.environ | {"DIALTREE_DATABASE_URL": url}) as process:  # noqa: S603
        address = f"http://127.0.0.1:{port}"
        while True:
            try:
                if httpx.get(f"{address}/health/ready", trust_env=False).is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield Served(name, url, address, process.pid, key)
        process.send_signal(signal.SIGTERM)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reports", description=__doc__)
    parser.add_argument("--organizations", type=int, default=2_000)
    parser.add_argument("--numbers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"{chosen.organizations} organizations, {chosen.numbers} numbers, {chosen.rounds} rounds"
    )
    print(f"{'database':<12}{'rows/s':>10}{'plain rows/s':>14}{'share':>7}{'first byte':>12}{'10,000':>10}{'all':>10}")
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres:
        postgres.create_database("benchmark")
        for name, url in (
            ("SQLite", f"sqlite:///{Path(folder) / 'benchmark.db'}"),
            ("PostgreSQL", postgres.url("benchmark")),
        ):
            with _served(name, url, chosen) as served:
                _measure(served, chosen)


def _measure(served: Served, chosen: argparse.Namespace) -> None:
    few, whole = served.number(FEW), []
    # Measure memory first: a process seldom returns it to the system.
    small = min(served.peak(to=few) for _ in range(3))
    large = max(served.peak() for _ in range(2))
    ours, plain, first_bytes = [], [], []
    for _ in range(chosen.rounds):
        rows, first, seconds = served.download()
        whole.append(rows)
        first_bytes.append(first)
        ours.append(rows / seconds)
        plain.append(rows / served.plain())
    assert set(whole) == {chosen.numbers}, whole
    share = statistics.median(ours) / statistics.median(plain)
    print(
        f"{served.name:<12}{statistics.median(ours):>10.0f}{statistics.median(plain):>14.0f}{share:>7.2f}"
        f"{statistics.median(first_bytes) * 1000:>9.1f} ms{small / 1024:>6.0f} MiB{large / 1024:>6.0f} MiB"
    )


if __name__ == "__main__":
    main()
