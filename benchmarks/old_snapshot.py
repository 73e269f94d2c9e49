"""Utilization and single changes while an export keeps its snapshot open for minutes.

The appended changes of counters are folded and deleted all the time, but PostgreSQL keeps deleted rows for as long as a
snapshot from before exists.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import quantiles

import asyncpg
import httpx

from benchmarks.contenders import dialtree_serving
from benchmarks.databases import Databases, execute, rows_of
from benchmarks.growth import UTILIZATION
from benchmarks.inventory import Size
from benchmarks.processes import BenchmarkError
from benchmarks.questions import Kind
from benchmarks.report import table
from benchmarks.writes import AVAILABLE, ChangedServer

CLIENTS = 8
"""Clients that change numbers all the time."""

PAUSE_SECONDS = 0.01
"""Between two questions for the utilization."""

_QUESTION = {"query": UTILIZATION.documents[Kind.DIALTREE]}
_DEAD = "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'counter_deltas'"


def measure(made: Databases, size: Size, *, minutes: int) -> str:
    """Measure before, during and after an export, and return a table of the minutes."""
    url = made.postgresql(size, "old_snapshot")
    with dialtree_serving("old_snapshot", url, made.logs) as contender:
        server = ChangedServer(contender, url, [row[0] for row in rows_of(url, AVAILABLE)])
        return asyncio.run(_measured(server, url, minutes))


async def _measured(server: ChangedServer, url: str, minutes: int) -> str:
    async with httpx.AsyncClient(headers=dict(server.contender.headers)) as http:
        rows = [await _minute("before", server, url, http)]
        async with _snapshot(url):
            rows += [await _minute(f"minute {minute + 1}", server, url, http) for minute in range(minutes)]
        rows.append(await _minute("after", server, url, http))
    return table(("export", "changes a second", "utilization p50 ms", "p99 ms", "deleted rows kept"), rows)


@asynccontextmanager
async def _snapshot(url: str) -> AsyncIterator[None]:
    connection = await asyncpg.connect(url)
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT count(*) FROM phone_numbers")
    try:
        yield
    finally:
        await connection.close()


async def _minute(title: str, server: ChangedServer, url: str, http: httpx.AsyncClient) -> tuple[str, ...]:
    changing = asyncio.create_task(asyncio.to_thread(server.change, seconds=60, connections=CLIENTS, keyed=False))
    latencies = []
    while not changing.done():
        started_at = time.perf_counter()
        response = await http.post(server.contender.url, json=_QUESTION)
        if "errors" in response.json():
            raise BenchmarkError(response.text)
        latencies.append(1_000 * (time.perf_counter() - started_at))
        await asyncio.sleep(PAUSE_SECONDS)
    load = await changing
    # As autovacuum does, which is off during measurements.
    await execute(url, "VACUUM counter_deltas")
    ((dead,),) = await asyncio.to_thread(rows_of, url, _DEAD)
    cuts = quantiles(latencies, n=100)
    return title, f"{load.rate:,.0f}", f"{cuts[49]:.1f}", f"{cuts[98]:.1f}", f"{dead:,}"
