"""Run the load while servers and databases are killed, and report what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.cores import machine
from benchmarks.databases import fetch
from benchmarks.processes import BenchmarkError, run_dialtree
from benchmarks.report import table
from db.core.engines import sqlite_path
from drills.audit import HISTORY, compare, history_of
from drills.changes import Client, Number, Observed
from schema.core import ids
from tests.support.server_process import ServerProcess, server_process

CLIENTS = 32
NUMBERS_PER_CLIENT = 20
NUMBERS = 20_000
WORKERS = 4
KILL_WORKER_SECONDS = 20.0
ROOT = "Drill"
WORKER_KILLED = "worker killed"


class Failure(NamedTuple):
    """Something that was made to fail during the load."""

    what: str
    at: float


@dataclass
class Drill:
    """A running drill: what was killed, and what clients saw."""

    database_url: str
    server: ServerProcess
    clients: list[Client]
    numbers: list[Number]
    organizations: dict[int, str]
    observed: Observed
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    kill_worker_seconds: float = KILL_WORKER_SECONDS

    def note(self, what: str) -> None:
        """Remember a failure that happens now."""
        self.failures.append(Failure(what, time.monotonic()))
        print(f"{what}", flush=True)

    async def run(self, seconds: float, break_things: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        """Put the server under load for some time while things are broken and workers are killed."""
        ends = asyncio.Event()
        started_at = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for client in self.clients:
                tasks.create_task(client.run(ends))
            tasks.create_task(self._kill_workers(ends))
            tasks.create_task(break_things(ends))
            await asyncio.sleep(seconds)
            ends.set()
        self.seconds = time.monotonic() - started_at

    async def _kill_workers(self, ends: asyncio.Event) -> None:
        rng = random.Random(1)  # noqa: S311 - which worker, not a secret
        while not await ended(ends, self.kill_worker_seconds):
            if workers := sorted(self.server.workers):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(rng.choice(workers), signal.SIGKILL)
                    self.note(WORKER_KILLED)

    def history(self, database_url: str) -> dict[int, list[tuple[str, str | None]]]:
        """The history of the numbers in the database, or in a copy of it."""
        return history_of(_rows(database_url, HISTORY), self.organizations)

    def report(self) -> str:
        """What happened, as Markdown. Raises BenchmarkError if an answer was lost, repeated or not read back."""
        verdict = compare(self.numbers, self.history(self.database_url))
        # Fails if it finds a difference.
        run_dialtree(self.database_url, "check")
        problems = {
            "lost": verdict.lost,
            "applied twice or in another order": verdict.repeated,
            "stale reads": self.observed.stale_reads,
            "errors that repeating does not mend": self.observed.unexpected,
        }
        kinds = ", ".join(f"{code} {count:,}" for code, count in self.observed.errors.most_common()) or "none"
        rows = [
            ("changes answered with success", f"{verdict.answered:,}"),
            ("changes a second", f"{verdict.answered / self.seconds:,.0f}"),
            *((name, f"{len(found):,}") for name, found in problems.items()),
            ("own writes read back", f"{self.observed.reads:,}"),
            ("longest time without a success", f"{self._longest_gap():.1f} s"),
        ]
        failures = table(("failure", "times", "median s to the next success", "longest"), self._recoveries())
        text = (
            f"{self.seconds:.0f} s, {CLIENTS} clients, {WORKERS} server processes, {NUMBERS:,} numbers;"
            f" {machine()}.\n\n"
            f"{table(('', ''), rows)}\n\n{failures}\n\nErrors that clients saw and repeated: {kinds}.\n"
            "`dialtree check` found no difference."
        )
        if any(problems.values()):
            examples = "\n".join(f"{name}: {example}" for name, found in problems.items() for example in found[:5])
            raise BenchmarkError(f"{text}\n\n{examples}")
        return text

    def _recoveries(self) -> Iterator[tuple[str, ...]]:
        changes = sorted((change.answered_at, change.begun_at) for number in self.numbers for change in number.changes)
        took: dict[str, list[float]] = {}
        for what, at in self.failures:
            # A request that began before may have been answered by what was not killed yet.
            after = (answered - at for answered, begun in changes if begun > at)
            took.setdefault(what, []).append(next(after, float("inf")))
        for what, seconds in took.items():
            seconds.sort()
            yield what, str(len(seconds)), f"{seconds[len(seconds) // 2]:.1f}", f"{seconds[-1]:.1f}"

    def _longest_gap(self) -> float:
        answered = sorted(change.answered_at for number in self.numbers for change in number.changes)
        return max((after - before for before, after in pairwise(answered)), default=0.0)


async def ended(ends: asyncio.Event, seconds: float) -> bool:
    """Wait for some seconds; whether the load has ended."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ends.wait(), seconds)
    return ends.is_set()


@contextlib.contextmanager
def prepared(
    database_url: str, *, replica_url: str = "", pooler_url: str = "", queries: Sequence[str] = ()
) -> Iterator[Drill]:
    """Fill an empty database, and start a server with its workers and the clients."""
    with tempfile.TemporaryDirectory(prefix="dialtree-drill-") as folder:
        run_dialtree(database_url, "migrate")
        _fill(database_url, Path(folder))
        key = run_dialtree(
            database_url, "key", "create", "--name", "drill", "--organization", ROOT, "--role", "OWNER"
        ).strip()
        settings = {
            "DIALTREE_DATABASE_URL": database_url,
            "DIALTREE_REPLICA_URL": replica_url,
            "DIALTREE_POOLER_URL": pooler_url,
            "DIALTREE_SECRET": "x" * 32,
        }
        with server_process(Path(folder), "--workers", str(WORKERS), environment=settings) as server:
            yield _drill(database_url, server, key, queries)


def _fill(database_url: str, folder: Path) -> None:
    organizations, numbers = folder / "organizations.csv", folder / "numbers.csv"
    organizations.write_text(f"path\n{ROOT}\n{ROOT}/East\n{ROOT}/West\n")
    lines = [f"+1418{2_000_000 + number},1418,{ROOT}/East,AVAILABLE" for number in range(NUMBERS)]
    numbers.write_text("\n".join(["number,series,path,status", *lines, ""]))
    run_dialtree(database_url, "import", "organizations", organizations)
    run_dialtree(database_url, "import", "numbers", numbers)


def _drill(database_url: str, server: ServerProcess, key: str, queries: Sequence[str]) -> Drill:
    count = CLIENTS * NUMBERS_PER_CLIENT
    rows = _rows(database_url, f"SELECT id FROM phone_numbers ORDER BY number LIMIT {count}")  # noqa: S608 - a number
    places = _rows(database_url, "SELECT id, name FROM organizations WHERE parent_id IS NOT NULL ORDER BY name")
    organizations = {id_: str(ids.encode("Organization", id_)) for id_, _ in places}
    east, west = organizations.values()
    numbers = [Number(str(ids.encode("PhoneNumber", id_)), id_, east) for (id_,) in rows]
    observed = Observed()
    clients = [
        Client(
            f"{server.address}/graphql",
            key,
            numbers[index * NUMBERS_PER_CLIENT : (index + 1) * NUMBERS_PER_CLIENT],
            (east, west),
            observed,
            index,
            queries,
        )
        for index in range(CLIENTS)
    ]
    return Drill(database_url, server, clients, numbers, organizations, observed)


def _rows(database_url: str, sql: str) -> list[Any]:
    path = sqlite_path(database_url)
    if path is None:
        return list(asyncio.run(fetch(database_url, sql)))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()
