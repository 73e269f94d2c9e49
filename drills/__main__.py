"""`python -m drills`: kill servers and databases under load, and write the report."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.databases import execute
from benchmarks.processes import BenchmarkError
from benchmarks.report import write
from drills.cluster import Cluster, cluster
from drills.drill import Drill, ended, prepared
from drills.endurance import QUERIES, Endurance
from drills.restore import from_a_copy, to_a_moment
from tests.support.pgbouncer import pooler
from tests.support.postgres import PostgresServer, kept_server

main = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)

Seconds = Annotated[float, typer.Option(min=30, help="Seconds of load.")]
Folder = Annotated[Path, typer.Option(help="Folder for the databases; it is emptied.", resolve_path=True)]
Report = Annotated[Path | None, typer.Option(help="Page whose section for this run is replaced.")]

POOL = 12
"""Connections from PgBouncer to PostgreSQL; the four processes would have 44."""

KILL_PRIMARY_SECONDS = 90.0
REJOIN_SECONDS = 30.0
"""How long a killed node stays away: longer than it keeps the lock of the primary."""


@main.command()
def failover(*, seconds: Seconds = 600, folder: Folder = Path("build/drills/cluster"), report: Report = None) -> None:
    """Kill the primary of a Patroni cluster again and again."""
    with cluster(folder) as found:
        asyncio.run(execute(found.url.replace("/dialtree", "/postgres"), "CREATE DATABASE dialtree"))
        with prepared(found.url, replica_url=found.replica_url) as drill:

            async def kill_primaries(ends: asyncio.Event) -> None:
                await _kill_primaries(found, drill, ends)

            asyncio.run(drill.run(seconds, kill_primaries))
            found.wait_until_whole()
            _finish(drill, report, "failover")


async def _kill_primaries(found: Cluster, drill: Drill, ends: asyncio.Event) -> None:
    """Kill PostgreSQL and its Patroni, as if the machine had failed, and PostgreSQL alone in turn."""
    with_patroni = True
    while not await ended(ends, KILL_PRIMARY_SECONDS):
        await asyncio.to_thread(found.wait_until_whole)
        primary = await asyncio.to_thread(found.primary)
        if primary is None:
            continue
        drill.note("primary killed with its Patroni" if with_patroni else "primary killed")
        primary.kill(with_patroni=with_patroni)
        await asyncio.sleep(REJOIN_SECONDS)
        if with_patroni:
            found.start(primary)
        with_patroni = not with_patroni


@main.command()
def restarts(*, seconds: Seconds = 120, folder: Folder = Path("build/drills/server"), report: Report = None) -> None:
    """Restart a single PostgreSQL server twice, as if its machine had failed."""
    with _server(folder) as server, prepared(server.url("dialtree")) as drill:

        async def restart_twice(ends: asyncio.Event) -> None:
            await _restart_twice(server, drill, ends, seconds)

        asyncio.run(drill.run(seconds, restart_twice))
        _finish(drill, report, "restarts")


@contextmanager
def _server(folder: Path) -> Iterator[PostgresServer]:
    shutil.rmtree(folder, ignore_errors=True)
    with kept_server(folder, "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\n") as server:
        server.create_database("dialtree")
        yield server


async def _restart_twice(server: PostgresServer, drill: Drill, ends: asyncio.Event, seconds: float) -> None:
    for _ in range(2):
        await ended(ends, seconds / 3)
        drill.note("PostgreSQL restarted")
        await asyncio.to_thread(server.restart)


@main.command()
def endurance(
    *,
    seconds: Seconds = 1800,
    folder: Folder = Path("build/drills/endurance"),
    plot: Annotated[Path, typer.Option(help="SVG file for the plot.")] = Path("build/drills/endurance.svg"),
    report: Report = None,
) -> None:
    """Put half of their capacity on the servers, and restart PostgreSQL twice."""
    with _server(folder) as server, prepared(server.url("dialtree"), queries=QUERIES) as drill:
        run = Endurance(drill)

        async def restart_twice(ends: asyncio.Event) -> None:
            await _restart_twice(server, drill, ends, seconds)

        asyncio.run(run.run(seconds, restart_twice))
        run.plot(plot)
        _finish(drill, report, "endurance", run.table())


@main.command("pooler")
def through_pooler(
    *, seconds: Seconds = 120, folder: Folder = Path("build/drills/pooler"), report: Report = None
) -> None:
    """Kill PgBouncer in transaction mode again and again, and restart the PostgreSQL server behind it once."""
    with _server(folder) as server, pooler(server, size=POOL) as running:
        url = server.url("dialtree")
        with prepared(url, pooler_url=running.url(url)) as drill:

            async def kill_pooler(ends: asyncio.Event) -> None:
                while not await ended(ends, seconds / 8):
                    drill.note("PgBouncer killed")
                    running.kill()
                    await asyncio.sleep(1)
                    running.start_again()
                    if not (await ended(ends, seconds / 8) or restarted):
                        restarted.append(True)
                        drill.note("PostgreSQL restarted")
                        await asyncio.to_thread(server.restart)

            restarted: list[bool] = []
            asyncio.run(drill.run(seconds, kill_pooler))
            _finish(drill, report, "pooler")


@main.command()
def sqlite(*, seconds: Seconds = 120, folder: Folder = Path("build/drills/sqlite"), report: Report = None) -> None:
    """Kill the processes that share an SQLite database."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("drill.db*"):
        file.unlink()

    async def nothing_else(_: asyncio.Event) -> None:
        pass

    with prepared(f"sqlite:///{folder / 'drill.db'}") as drill:
        asyncio.run(drill.run(seconds, nothing_else))
        _finish(drill, report, "sqlite")


@main.command()
def restores(*, seconds: Seconds = 60, folder: Folder = Path("build/drills/restores"), report: Report = None) -> None:
    """Back up both databases under load, restore the copies, and compare them with what clients were told."""
    shutil.rmtree(folder, ignore_errors=True)
    recovered = to_a_moment(folder / "postgresql", seconds=seconds)
    copied = from_a_copy(folder / "sqlite", seconds=seconds)
    text = f"PostgreSQL, base backup and archived log, to a moment: {recovered}\n\nSQLite, online copy: {copied}"
    print(text)
    if report is not None:
        write(report, "restores", text)


def _finish(drill: Drill, report: Path | None, section: str, *tables: str) -> None:
    text = "\n\n".join((drill.report(), *tables))
    print(text)
    if report is not None:
        write(report, section, text)


def _end(*_: Any) -> None:
    sys.exit("ended")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    try:
        main()
    except BenchmarkError as error:
        sys.exit(str(error))
