"""Search for the queries that take the most processor time per point of their cost."""

from __future__ import annotations

import asyncio
import gc
import heapq
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from benchmarks.inventory import ROOT, Size, write_numbers, write_organizations
from benchmarks.random_operations import Generator, Selected, text_of
from benchmarks.report import table
from execution.costs import MAX_COST
from schema.root.schema import build_schema
from tests.support.databases import SQLiteDatabases
from tests.support.server import Server

INVENTORY = Size(2_700, organizations=600)
MIN_COST = 3_000
"""Cheaper queries are mostly overhead that every request has."""

MIN_POINTS = 5_000
"""Cheaper queries are measured as if they cost as much, so that constant work does not lead the search."""

WARM_RUNS = 2
POPULATION = 24
REPEATED = 2
"""How often the worst are measured again; the smallest figure counts."""

SHOWN = 10

_IDS = """{
  organizations(first: 500) { nodes { id } } phoneNumbers(first: 500) { nodes { id } }
  users(first: 500, filter: {includeDescendants: true}) { nodes { id } } series(first: 500) { nodes { id } }
}"""
_MOVE = """mutation ($ids: [ID!]!, $to: ID!) {
  moveNumbers(input: {numberIds: $ids, organizationId: $to}) { changedCount userErrors { message } }
}"""
_INVITE = """mutation ($csv: String!) { inviteUsers(input: {csv: $csv}) { invitedCount userErrors { message } } }"""


@dataclass(frozen=True, slots=True)
class Measured:
    """A query with its cost and its processor time in seconds, interpreted and compiled."""

    text: str
    query: Selected
    cost: int
    interpreted: float
    compiled: float

    @property
    def microseconds_per_point(self) -> float:
        """The larger of both figures."""
        return 1e6 * max(self.interpreted, self.compiled) / max(self.cost, MIN_POINTS)

    def row(self) -> list[str]:
        """The row of the table."""
        per_point = [f"{1e6 * seconds / self.cost:,.1f}" for seconds in (self.interpreted, self.compiled)]
        milliseconds = [f"{1e3 * seconds:,.0f}" for seconds in (self.interpreted, self.compiled)]
        return [f"{self.cost:,}", milliseconds[0], per_point[0], milliseconds[1], per_point[1]]


HEADER = ["cost", "interpreted ms", "µs per point", "compiled ms", "µs per point"]


class Meter:
    """Measures queries in process."""

    def __init__(self, server: Server, token: str) -> None:
        self._server = server
        self._headers = [
            (b"content-type", b"application/json"),
            (b"dialtree-cost", b"1"),
            (b"authorization", f"Bearer {token}".encode()),
        ]

    def measure(self, query: Selected) -> Measured | None:
        """Measure a query; None if it is refused or too cheap to tell."""
        text = text_of(query.below)
        seconds, answer = self._run(text)
        cost = orjson.loads(answer).get("extensions", {}).get("cost", {}).get("requested", 0)
        if not MIN_COST <= cost <= MAX_COST or b'"data"' not in answer:
            return None
        self._run(text)  # compiles
        return Measured(text, query, cost, seconds, min(self._run(text)[0] for _ in range(WARM_RUNS)))

    def again(self, measured: Measured) -> Measured:
        """Measure once more, as a document that was not seen yet, and keep the smaller figures."""
        other = self.measure(measured.query)
        if other is None:
            return measured
        seconds = min(measured.interpreted, self._run(f"{measured.text} #{time.perf_counter_ns()}")[0])
        return Measured(measured.text, measured.query, measured.cost, seconds, min(measured.compiled, other.compiled))

    def _run(self, text: str) -> tuple[float, bytes]:
        """Processor time and answer of a request."""
        waiting: asyncio.Queue[Any] = asyncio.Queue()
        waiting.put_nowait({"type": "http.request", "body": orjson.dumps({"query": text})})
        sent: list[bytes] = []
        scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": self._headers, "query_string": b""}

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))

        gc.collect()
        started_at = time.process_time()
        self._server.run(self._server.application(scope, waiting.get, send))
        return time.process_time() - started_at, b"".join(sent)


@contextmanager
def prepared(folder: Path) -> Iterator[tuple[Server, str]]:
    """Serve an inventory with users, history and mail; the server and its owner's token."""
    databases = SQLiteDatabases(folder)
    with closing(Server(databases.create(), rate_limit=0, request_seconds=600)) as server:
        write_organizations(folder / "organizations.csv", INVENTORY)
        write_numbers(folder / "numbers.csv", INVENTORY)
        assert not server.import_organizations((folder / "organizations.csv").read_text()).lines
        assert not server.import_numbers((folder / "numbers.csv").read_text()).lines
        token = server.create_key(organization=ROOT, role="OWNER")
        for number in range(40):
            server.create_key(organization=ROOT, role="VIEWER", name=f"key {number}")
        ids = ids_of(server, token)
        for target in (*ids["Organization"][:30], ids["Organization"][0]):
            server.ask(_MOVE, {"ids": ids["PhoneNumber"][:100], "to": target}, token=token)
        rows = "\n".join(f"Ada,Byron,person{number}@example.com" for number in range(200))
        server.ask(_INVITE, {"csv": f"first_name,last_name,email\n{rows}"}, token=token)
        gc.collect()
        gc.freeze()
        yield server, token


def ids_of(server: Server, token: str) -> dict[str, list[str]]:
    """Global ids of some objects by type."""
    found = server.ask(_IDS, token=token)
    names = {"organizations": "Organization", "phoneNumbers": "PhoneNumber", "users": "User", "series": "Series"}
    return {type_: [node["id"] for node in found[name]["nodes"]] for name, type_ in names.items()}


def search(meter: Meter, generator: Generator, *, seconds: float) -> list[Measured]:
    """Climb from queries for single fields and random ones to worse ones for some time; the worst queries first."""
    kept = [measured for query in generator.every_field() if (measured := meter.measure(query))]
    kept = heapq.nlargest(POPULATION, kept, key=lambda found: found.microseconds_per_point)
    end = time.monotonic() + seconds
    step = 0
    while time.monotonic() < end:
        step += 1
        fresh = len(kept) < POPULATION or step % 8 == 0
        query = generator.query() if fresh else generator.changed(generator.choice(kept).query)
        measured = meter.measure(query)
        if measured is None or any(measured.text == other.text for other in kept):
            continue
        if len(kept) == POPULATION and measured.microseconds_per_point > kept[-1].microseconds_per_point:
            measured = meter.again(measured)
        kept = heapq.nlargest(POPULATION, [*kept, measured], key=lambda found: found.microseconds_per_point)
    for _ in range(REPEATED):
        kept = [meter.again(measured) for measured in kept[: 2 * SHOWN]]
    return sorted(kept, key=lambda found: -found.microseconds_per_point)


def measure(*, seconds: float, seed: int) -> str:
    """Search, and report the worst queries."""
    with TemporaryDirectory() as folder, prepared(Path(folder)) as (server, token):
        generator = Generator(build_schema()._schema, ids_of(server, token), seed=seed)  # noqa: SLF001
        worst = search(Meter(server, token), generator, seconds=seconds)
    return report(worst[:SHOWN])


def report(worst: Sequence[Measured]) -> str:
    """The table of the worst queries, and their texts."""
    rows = [[str(place), *measured.row()] for place, measured in enumerate(worst, 1)]
    texts = "\n\n".join(f"{place}. {shorten(measured.text)}" for place, measured in enumerate(worst, 1))
    return f"{table(['', *HEADER], rows)}\n\n{texts}"


def shorten(text: str, length: int = 1_200) -> str:
    """The beginning of a text."""
    return text if len(text) <= length else f"{text[:length]} …"
