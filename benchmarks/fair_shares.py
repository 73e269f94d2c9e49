"""Measure how much bulk work at one root delays small changes at another."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.processes import BenchmarkError, dialtree, free_port, run_dialtree, serving
from benchmarks.report import table

BULK = 6
BULK_NUMBERS = 100_000
SMALL_PER_SECOND = 20

_ADD = (
    "mutation ($first: E164!, $last: E164!, $series: ID!) { addNumbers(input: {ranges: [{first: $first, last: $last}],"
    " seriesId: $series, dryRun: true}) { changedCount userErrors { code } } }"
)
_CREATE_SERIES = (
    "mutation ($name: String!) { createSeries(input: {name: $name}) { series { id } userErrors { code } } }"
)
_SMALL = (
    "mutation ($id: ID!, $tag: String!) { reserveNumbers(input: {numberIds: [$id], tag: $tag})"
    " { changedCount userErrors { code } } }"
)
_FREE = "mutation ($id: ID!) { unreserveNumbers(input: {numberIds: [$id]}) { changedCount userErrors { code } } }"
_NUMBERS = "{ phoneNumbers(first: 500) { nodes { id } } }"


@dataclass(frozen=True, slots=True)
class Delays:
    """How long small changes took, in milliseconds, and how many failed."""

    name: str
    milliseconds: list[float]
    failed: int

    def row(self) -> list[str]:
        """The row of the table."""
        ordered = sorted(self.milliseconds)

        def at(share: float) -> str:
            return f"{ordered[min(len(ordered) - 1, int(share * len(ordered)))]:,.0f}"

        return [self.name, str(len(ordered)), str(self.failed), at(0.5), at(0.95), at(0.99), f"{ordered[-1]:,.0f}"]


HEADER = ["small changes at one root", "count", "failed", "p50 ms", "p95 ms", "p99 ms", "max ms"]


class _Client:
    """A client of one root."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"},
            timeout=120,
            trust_env=False,
            limits=httpx.Limits(max_connections=50, max_keepalive_connections=50),
        )
        self._url = url

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        response = await self._http.post(self._url, json={"query": query, "variables": variables})
        answer: dict[str, Any] = response.json()
        return answer


@contextlib.contextmanager
def _started(database_url: str) -> Iterator[tuple[str, list[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        organizations, numbers = Path(folder) / "organizations.csv", Path(folder) / "numbers.csv"
        organizations.write_text("path,time_zone,threshold\nBulk,,\nSmall,,\n")
        lines = [f"+1418898{n:04},1 418,Small,,,,," for n in range(500)]
        header = "number,series,organization,status,reserved_tag,first_name,last_name,email"
        numbers.write_text("\n".join([header, *lines]) + "\n")
        run_dialtree(database_url, "import", "organizations", organizations)
        run_dialtree(database_url, "import", "numbers", numbers)
        keys = [
            run_dialtree(
                database_url, "key", "create", "--name", root, "--organization", root, "--role", "OWNER"
            ).strip()
            for root in ("Bulk", "Small")
        ]
        url = f"http://127.0.0.1:{(port := free_port())}/graphql"
        environment = {"DIALTREE_DATABASE_URL": database_url}
        command = [str(dialtree()), "serve", "--port", str(port)]
        with serving(command, environment=environment, log=Path(folder) / "log", url=url):
            yield url, keys


def measure(database_url: str, *, seconds: int) -> str:
    """The table of delays, without and with bulk dry runs at another root."""
    with _started(database_url) as (url, (bulk, small)):
        return table(HEADER, [delays.row() for delays in asyncio.run(_measure(url, bulk, small, seconds=seconds))])


async def _measure(url: str, bulk_key: str, small_key: str, *, seconds: int) -> list[Delays]:
    bulk, small = _Client(url, bulk_key), _Client(url, small_key)
    series = (await bulk.ask(_CREATE_SERIES, name="bulk"))["data"]["createSeries"]["series"]["id"]
    ids = [node["id"] for node in (await small.ask(_NUMBERS))["data"]["phoneNumbers"]["nodes"]]
    alone = await _small_changes("alone", small, ids, seconds=seconds)
    done = 0

    async def run_bulk(index: int) -> None:
        nonlocal done
        while True:
            first = 12_122_000_000 + index * 1_000_000
            answer = await bulk.ask(_ADD, first=f"+{first}", last=f"+{first + BULK_NUMBERS - 1}", series=series)
            payload = (answer.get("data") or {}).get("addNumbers") or {"userErrors": []}
            if payload["userErrors"]:
                raise BenchmarkError(f"A dry run was refused: {payload['userErrors']}")
            done += payload.get("changedCount") == BULK_NUMBERS

    tasks = [asyncio.create_task(run_bulk(index)) for index in range(BULK)]
    await asyncio.sleep(1)
    beside = await _small_changes(f"beside {BULK} dry runs of {BULK_NUMBERS:,} numbers", small, ids, seconds=seconds)
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, BenchmarkError):
            raise ended
    print(f"{done} dry runs of {BULK_NUMBERS:,} numbers ended meanwhile", flush=True)
    return [alone, beside]


async def _small_changes(name: str, client: _Client, ids: list[str], *, seconds: int) -> Delays:
    taken: list[float] = []
    failed = 0

    async def change(number: int) -> None:
        nonlocal failed
        began = time.perf_counter()
        answer = await client.ask(_SMALL, id=ids[number % len(ids)], tag="x")
        taken.append((time.perf_counter() - began) * 1_000)
        failed += "errors" in answer or bool(answer["data"]["reserveNumbers"]["userErrors"])
        await client.ask(_FREE, id=ids[number % len(ids)])

    tasks = []
    for number in range(seconds * SMALL_PER_SECOND):
        tasks.append(asyncio.create_task(change(number)))
        await asyncio.sleep(1 / SMALL_PER_SECOND)
    await asyncio.gather(*tasks)
    return Delays(name, taken, failed)
