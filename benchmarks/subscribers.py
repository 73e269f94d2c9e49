"""A thousand subscribers over four processes: how soon they are told of changes, and whether any is missed.

Each organization has ten subscribers: five follow its numbers, of which one loses its connection at random and
continues by cursor, and five its figures.
"""

from __future__ import annotations

import asyncio
import re
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx

from benchmarks.followers import Change, Follower, NumberFollower, Unit, UtilizationFollower
from benchmarks.processes import BenchmarkError, run_dialtree
from benchmarks.report import table
from tests.support.server_process import ServerProcess, server_process

WORKERS = 4
SUBSCRIBERS_OF_A_UNIT = 10
NUMBERS_OF_A_UNIT = 20
ROOT = "Live"
CONNECTING_AT_ONCE = 50
PATIENCE_SECONDS = 60.0
"""How long subscribers may take to be told of everything after the last change."""

_UNITS = """query ($after: String) {
  organizations(includeSelf: false, first: 100, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor }
  }
}"""
_NUMBERS = """query ($id: ID!) {
  phoneNumbers(filter: { organizationIds: [$id] }, first: 500) { changesCursor nodes { id } }
}"""
_RESERVE = """mutation ($id: ID!) {
  changed: reserveNumbers(input: { numberIds: [$id], tag: "live" }) { changedCount userErrors { message } }
}"""
_UNRESERVE = """mutation ($id: ID!) {
  changed: unreserveNumbers(input: { numberIds: [$id] }) { changedCount userErrors { message } }
}"""


@dataclass
class _Run:
    """The server of one database, with the subscribers and the organizations that they follow."""

    server: ServerProcess
    http: httpx.AsyncClient
    units: list[Unit] = field(default_factory=list)
    numbers: list[NumberFollower] = field(default_factory=list)
    figures: list[UtilizationFollower] = field(default_factory=list)

    @property
    def followers(self) -> list[Follower]:
        return [*self.numbers, *self.figures]

    async def ask(self, query: str, **variables: Any) -> Any:
        response = await self.http.post("/graphql", json={"query": query, "variables": variables})
        answer = response.json()
        if "errors" in answer:
            raise BenchmarkError(f"{response.status_code}: {answer['errors'][0]}")
        return answer["data"]

    def memory(self) -> list[float]:
        """The resident memory of each process in MiB."""
        status = (Path(f"/proc/{pid}/status").read_text(encoding="ascii") for pid in self.server.workers)
        return [int(re.findall(r"VmRSS:\s+(\d+) kB", text)[0]) / 1024 for text in status]


def measure(databases: Iterable[tuple[str, str]], *, subscribers: int, rate: int, seconds: int) -> str:
    """Measure each database (its name and its URL), and return a table of them."""
    _raise_file_limit()
    columns = [
        (name, asyncio.run(_measured(url, subscribers=subscribers, rate=rate, seconds=seconds)))
        for name, url in databases
    ]
    rows = [(label, *(figures[label] for _, figures in columns)) for label in columns[0][1]]
    return table(("", *(name for name, _ in columns)), rows)


async def _measured(url: str, *, subscribers: int, rate: int, seconds: int) -> dict[str, str]:
    with _serving(url, units=subscribers // SUBSCRIBERS_OF_A_UNIT) as (server, key):
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=server.address, headers=headers, timeout=30) as http:
            run = _Run(server, http)
            run.units = await _units(run)
            _add_followers(run, key)
            before = run.memory()
            tasks = await _started(run.followers)
            beside = run.memory()
            took = await _changed(run, rate=rate, seconds=seconds)
            await _wait_until_complete(run.followers)
            after = run.memory()
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result
    return _figures(run, took, before=before, beside=beside, after=after)


@contextmanager
def _serving(url: str, *, units: int) -> Iterator[tuple[ServerProcess, str]]:
    with tempfile.TemporaryDirectory(prefix="dialtree-subscribers-") as name:
        folder = Path(name)
        names = [f"{ROOT}/Unit {unit:04}" for unit in range(units)]
        lines = [
            f"+1418{2_000_000 + NUMBERS_OF_A_UNIT * unit + number},1418,{path},AVAILABLE"
            for unit, path in enumerate(names)
            for number in range(NUMBERS_OF_A_UNIT)
        ]
        organizations, numbers = folder / "organizations.csv", folder / "numbers.csv"
        organizations.write_text("\n".join(["path", ROOT, *names, ""]))
        numbers.write_text("\n".join(["number,series,path,status", *lines, ""]))
        run_dialtree(url, "migrate")
        run_dialtree(url, "import", "organizations", organizations)
        run_dialtree(url, "import", "numbers", numbers)
        key = run_dialtree(url, "key", "create", "--name", "live", "--organization", ROOT, "--role", "OWNER").strip()
        settings = {"DIALTREE_DATABASE_URL": url, "DIALTREE_SECRET": "x" * 32}
        with server_process(folder, "--workers", str(WORKERS), environment=settings) as server:
            yield server, key


async def _units(run: _Run) -> list[Unit]:
    ids: list[str] = []
    after = None
    while True:
        page = (await run.ask(_UNITS, after=after))["organizations"]
        ids += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    lists = [(await run.ask(_NUMBERS, id=id_))["phoneNumbers"] for id_ in ids]
    return [
        Unit(id_, [node["id"] for node in found["nodes"]], found["changesCursor"])
        for id_, found in zip(ids, lists, strict=True)
    ]


def _add_followers(run: _Run, key: str) -> None:
    url = f"{run.server.address.replace('http', 'ws', 1)}/graphql"
    half = SUBSCRIBERS_OF_A_UNIT // 2
    for index, unit in enumerate(run.units):
        run.numbers += [
            NumberFollower(url, key, unit, disconnects=position == 0, seed=index) for position in range(half)
        ]
        run.figures += [UtilizationFollower(url, key, unit) for _ in range(half)]


async def _started(followers: Sequence[Follower]) -> list[asyncio.Task[None]]:
    """Start the subscribers, a few at a time, and wait until all have subscribed."""
    tasks = []
    for start in range(0, len(followers), CONNECTING_AT_ONCE):
        some = followers[start : start + CONNECTING_AT_ONCE]
        tasks += [asyncio.create_task(follower.run()) for follower in some]
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(follower.is_following.wait() for follower in some))
    return tasks


async def _changed(run: _Run, *, rate: int, seconds: int) -> float:
    """Make changes at a steady rate, those of each organization one at a time; how many seconds they took."""
    started_at = time.monotonic()
    turns = rate * seconds // len(run.units)
    pause = len(run.units) / rate
    async with asyncio.TaskGroup() as tasks:
        for index, unit in enumerate(run.units):
            tasks.create_task(_change(run, unit, at=started_at + index / rate, pause=pause, turns=turns))
    return time.monotonic() - started_at


async def _change(run: _Run, unit: Unit, *, at: float, pause: float, turns: int) -> None:
    for turn in range(turns):
        await asyncio.sleep(max(0.0, at + turn * pause - time.monotonic()))
        number_id, reserves = unit.following()
        change = Change(number_id, unit.reserved + (1 if reserves else -1), time.monotonic())
        # Remembered first, because subscribers may be told before the change is answered.
        unit.changes.append(change)
        answer = (await run.ask(_RESERVE if reserves else _UNRESERVE, id=number_id))["changed"]
        if answer != {"changedCount": 1, "userErrors": []}:
            raise BenchmarkError(f"A change was refused: {answer}")


async def _wait_until_complete(followers: Sequence[Follower]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and not all(follower.is_complete for follower in followers):  # noqa: ASYNC110 - of many
        await asyncio.sleep(0.1)
    # One that is told too much is told it soon afterwards.
    await asyncio.sleep(1)


def _figures(
    run: _Run, took: float, *, before: Sequence[float], beside: Sequence[float], after: Sequence[float]
) -> dict[str, str]:
    """The figures by name. Raises BenchmarkError if a change was missed or repeated."""
    made = sum(len(unit.changes) for unit in run.units)
    faults = [follower.faults for follower in run.numbers]
    missed, repeated = (sum(column) for column in zip(*faults, strict=True))
    wrong = sum(not follower.is_complete for follower in run.figures)
    figures = {
        "subscribers": f"{len(run.followers):,}",
        "changes a second": f"{made / took:,.0f}",
        "`phoneNumbersChanged`: events": f"{sum(len(follower.told) for follower in run.numbers):,}",
        "missed": str(missed),
        "repeated or in another order": str(repeated),
        "connections lost and continued": f"{sum(follower.connections - 1 for follower in run.numbers):,}",
        "from request to event, p50 and p99": _percentiles(run.numbers),
        "`utilizationChanged`: figures that are wrong at the end": str(wrong),
        "from request to figure, p50 and p99": _percentiles(run.figures),
        "memory of a process: without subscribers": f"{max(before):.0f} MiB",
        "with all": f"{max(beside):.0f} MiB",
        "after the changes": f"{max(after):.0f} MiB",
    }
    if missed or repeated or wrong:
        raise BenchmarkError("\n".join(f"{name}: {value}" for name, value in figures.items()))
    return figures


def _percentiles(followers: Iterable[Follower]) -> str:
    cuts = quantiles([1000 * latency for follower in followers for latency in follower.latencies], n=100)
    return f"{cuts[49]:,.0f} ms, {cuts[98]:,.0f} ms"


def _raise_file_limit() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
