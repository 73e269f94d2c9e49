"""Single changes: how many a second, next to the same rows written by pgbench or sqlite3 without counters."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

from benchmarks.comparison import ratio, spread
from benchmarks.contenders import Contender, dialtree_serving, uvicorn
from benchmarks.cores import SERVER, on_core
from benchmarks.databases import Databases, execute, rows_of
from benchmarks.inventory import Size
from benchmarks.load import CONNECTIONS, Load, put_under_load
from benchmarks.pgbench import STATEMENTS, transactions_per_second
from benchmarks.processes import BenchmarkError
from benchmarks.questions import Kind, number_id
from benchmarks.report import table
from db.core.engines import sqlite_path

SAMPLED = 10_000
"""How many numbers are reserved and unreserved in turn."""

PROCESSES = 4
"""Processes of a server that is compared with one of a single process."""

SCRIPT = STATEMENTS / "reserve.sql"
_RESERVE = """mutation ($id: ID!, $key: String) {
  reserveNumbers(input: {numberIds: [$id], tag: "desk", idempotencyKey: $key}) { changedCount userErrors { code } }
}"""
_UNRESERVE = """mutation ($id: ID!, $key: String) {
  unreserveNumbers(input: {numberIds: [$id], idempotencyKey: $key}) { changedCount userErrors { code } }
}"""
AVAILABLE = "SELECT id FROM phone_numbers WHERE status = 0 AND retired_at IS NULL ORDER BY number LIMIT 10000"
RESERVED = "SELECT id FROM phone_numbers WHERE status = 1 AND retired_at IS NULL"
_COUNT = "SELECT count(*) FROM operations"


@dataclass(slots=True)
class ChangedServer:
    """A server, with the numbers that are changed."""

    contender: Contender
    database_url: str
    ids: Sequence[int]
    _position: int = 0
    _keys: Iterator[int] = field(default_factory=itertools.count)

    def change(self, *, seconds: int, connections: int, keyed: bool) -> Load:
        """Reserve and unreserve numbers; raise BenchmarkError unless every request has changed its number."""
        before = self._operations()
        bodies = list(itertools.islice(self._bodies(keyed=keyed), 6_000 * seconds))
        # wrk parses the first request without sending it.
        bodies.insert(0, bodies[0])
        load = put_under_load(
            self.contender.url, bodies, headers=self.contender.headers, seconds=seconds, connections=connections
        )
        changed = self._operations_at_rest() - before
        if not load.requests <= changed <= load.requests + connections:
            raise BenchmarkError(f"{load.requests} requests were answered, and {changed} numbers changed.")
        self._position += changed
        return load

    def _bodies(self, *, keyed: bool) -> Iterator[bytes]:
        # Of the requests that ran when the last load ended, some were made, and some ended with their client.
        reserved = {row[0] for row in rows_of(self.database_url, RESERVED)}
        for position in itertools.count(self._position):
            id_ = self.ids[position % len(self.ids)]
            variables = {"id": number_id(Kind.DIALTREE, id_), "key": f"key {next(self._keys)}" if keyed else None}
            yield orjson.dumps({"query": _UNRESERVE if id_ in reserved else _RESERVE, "variables": variables})
            reserved ^= {id_}

    def _operations_at_rest(self) -> int:
        """Wait for the requests that are running at the end: wrk does not, and does not count them."""
        count, earlier = self._operations(), -1
        while count != earlier:
            time.sleep(1)
            count, earlier = self._operations(), count
        return count

    def _operations(self) -> int:
        return int(rows_of(self.database_url, _COUNT)[0][0])


def measure(made: Databases, size: Size, *, rounds: int, seconds: int) -> str:
    """The tables of both databases."""
    return "\n\n".join((_on_postgresql(made, size, rounds, seconds), _on_sqlite(made, size, rounds, seconds)))


def _on_postgresql(made: Databases, size: Size, rounds: int, seconds: int) -> str:
    url, bare = made.postgresql(size, "writes"), made.postgresql(size, "pgbench_writes")
    ids = [row[0] for row in rows_of(url, AVAILABLE)]
    rows = ", ".join(f"({position}, {id_})" for position, id_ in enumerate(ids, start=1))
    asyncio.run(
        execute(
            bare,
            "CREATE TABLE measured (position integer PRIMARY KEY, id bigint NOT NULL)",
            f"INSERT INTO measured VALUES {rows}",  # noqa: S608 - numbers
            "VACUUM ANALYZE measured",
        )
    )
    with (
        dialtree_serving("writes", url, made.logs) as contender,
        dialtree_serving("writes_processes", url, made.logs, server=_processes) as processes,
    ):

        def bare_changes(connections: int) -> float:
            return transactions_per_second(bare, SCRIPT, seconds=seconds, clients=connections, numbers=len(ids))

        half = len(ids) // 2
        together = Changes(f"{CONNECTIONS} clients, {PROCESSES} processes", ChangedServer(processes, url, ids[half:]))
        return _table([*_changes(ChangedServer(contender, url, ids[:half])), together], bare_changes, rounds, seconds)


def _processes(port: int) -> list[str]:
    return [*uvicorn(port), "--workers", str(PROCESSES)]


def _on_sqlite(made: Databases, size: Size, rounds: int, seconds: int) -> str:
    url = made.sqlite(size, "writes")
    path = sqlite_path(url)
    bare = f"{path}.bare"
    shutil.copyfile(str(path), bare)
    ids = [row[0] for row in rows_of(url, AVAILABLE)]
    with dialtree_serving("writes_sqlite", url, made.logs) as contender:
        changes = _changes(ChangedServer(contender, url, ids))
        return _table(changes, lambda _: _bare_transactions(bare, ids, seconds), rounds, seconds)


def _bare_transactions(path: str, ids: Sequence[int], seconds: int) -> float:
    """The rate of transactions that write the same three rows."""
    with on_core(SERVER), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        started = time.perf_counter()
        for done, id_ in enumerate(itertools.cycle(ids)):
            connection.execute("BEGIN IMMEDIATE")
            operation = connection.execute(
                "INSERT INTO operations (action, at, actor, organization_id, changed_count) VALUES (4, 0, 'x', 1, 1)"
            ).lastrowid
            connection.execute(
                "INSERT INTO number_events (phone_number_id, version, operation_id, series_id, organization_before,"
                " status_before, organization_after, status_after) SELECT id, version + 1, ?, series_id,"
                " organization_id, status, organization_id, 1 - status FROM phone_numbers WHERE id = ?",
                (operation, id_),
            )
            connection.execute(
                "UPDATE phone_numbers SET status = 1 - status, version = version + 1 WHERE id = ?", (id_,)
            )
            connection.execute("COMMIT")
            if time.perf_counter() - started > seconds:
                return (done + 1) / (time.perf_counter() - started)
    raise AssertionError("the loop never ends")


class Changes(NamedTuple):
    """How a server is measured."""

    title: str
    server: ChangedServer
    connections: int = CONNECTIONS
    keyed: bool = False

    def load(self, seconds: int) -> Load:
        """Put the server under load."""
        return self.server.change(seconds=seconds, connections=self.connections, keyed=self.keyed)


def _changes(server: ChangedServer) -> list[Changes]:
    return [
        Changes(
            f"{connections} client{'s' * (connections > 1)}{', idempotency keys' * keyed}", server, connections, keyed
        )
        for connections in (CONNECTIONS, 1)
        for keyed in (False, True)
    ]


def _table(changes: Sequence[Changes], bare: Callable[[int], float], rounds: int, seconds: int) -> str:
    rows = []
    for measured in changes:
        measured.load(seconds=1)
        loads, bares = [], []
        for _ in range(rounds):
            loads.append(measured.load(seconds))
            bares.append(bare(measured.connections))
        of = ratio([load.rate for load in loads], bares)
        rates = spread([load.rate for load in loads])
        rows.append(
            (
                measured.title,
                f"{rates.median:,.0f} ({rates.lowest:,.0f}-{rates.highest:,.0f})",
                f"{spread([load.p50 for load in loads]).median:.1f}",
                f"{spread([load.p99 for load in loads]).median:.1f}",
                f"{spread(bares).median:,.0f}",
                f"{of.median:.2f} ({of.lowest:.2f}-{of.highest:.2f})",
            )
        )
    return table(("reserve, unreserve", "a second", "p50 ms", "p99 ms", "bare transactions", "ratio"), rows)
