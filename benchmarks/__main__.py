"""How many requests a second one process answers, on SQLite and on PostgreSQL: `make bench`.

Everything is inside the figures but the network: sign-in, scope checks, GraphQL, the database. Rounds alternate between
the two databases, so that a machine that slows down slows both; medians are shown, with the lowest and the highest.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.operations import OPERATIONS, prepare_variables
from db.engines import open_database
from db.upgrade import migrate
from domain.access import Role
from resolvers.context import system_clock
from resolvers.demo import fill
from resolvers.operators import create_key
from tests.support.postgres import postgres_server
from tests.support.server import Server

CLIENTS = 32


async def _load(url: str, *, organizations: int, numbers: int) -> str:
    await migrate(url)
    database = await open_database(url)
    root_id = await fill(database, organization_count=organizations, number_count=numbers, seed=1, now=system_clock())
    key = await create_key(
        database, name="benchmark", organization_id=root_id, role=Role.OWNER, expires_in=None, now=system_clock()
    )
    await database.close()
    return key


async def _requests_a_second(ask: Callable[[], Any], seconds: float) -> float:
    """Requests a second of 32 clients that ask one question after the other."""
    end = time.perf_counter() + seconds

    async def client() -> int:
        done = 0
        while time.perf_counter() < end:
            answer = await ask()
            assert "errors" not in answer, answer
            done += 1
        return done

    started = time.perf_counter()
    done = sum(await asyncio.gather(*(client() for _ in range(CLIENTS))))
    return done / (time.perf_counter() - started)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--organizations", type=int, default=500)
    parser.add_argument("--numbers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="how long a round takes for each operation")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres:
        postgres.create_database("benchmark")
        urls = {"SQLite": f"sqlite:///{Path(folder) / 'benchmark.db'}", "PostgreSQL": postgres.url("benchmark")}
        servers: dict[str, tuple[Server, str, dict[str, Any]]] = {}
        for name, url in urls.items():
            key = asyncio.run(_load(url, organizations=chosen.organizations, numbers=chosen.numbers))
            server = Server(url)
            server.clock.now = datetime.now(UTC)
            servers[name] = (server, key, prepare_variables(server, key))
        _print(_measure(servers, rounds=chosen.rounds, seconds=chosen.seconds), chosen)
        for server, _, _ in servers.values():
            server.close()


def _measure(
    servers: dict[str, tuple[Server, str, dict[str, Any]]], *, rounds: int, seconds: float
) -> dict[tuple[str, str], list[float]]:
    figures: dict[tuple[str, str], list[float]] = {}
    for operation, query in OPERATIONS.items():
        for _ in range(rounds):
            for name, (server, key, variables) in servers.items():

                def ask(server: Server = server, key: str = key, variables: dict[str, Any] = variables) -> Any:
                    return server.post(query, dict(variables[operation]), token=key)  # noqa: B023 - called before it changes

                figure = server.run(_requests_a_second(ask, seconds))
                figures.setdefault((operation, name), []).append(figure)
    return figures


def _print(figures: dict[tuple[str, str], list[float]], chosen: argparse.Namespace) -> None:
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"{chosen.organizations} organizations, {chosen.numbers} numbers, {CLIENTS} clients, "
        f"{chosen.rounds} rounds of {chosen.seconds} s"
    )
    print(f"{'operation':<28}{'database':<12}{'median r/s':>11}{'lowest':>9}{'highest':>9}")
    for (operation, name), found in figures.items():
        median, low, high = statistics.median(found), min(found), max(found)
        print(f"{operation:<28}{name:<12}{median:>11.0f}{low:>9.0f}{high:>9.0f}")


if __name__ == "__main__":
    main()
