"""What PgBouncer in transaction mode costs: reads and single changes with and without it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from benchmarks.comparison import alternate, ratio, spread
from benchmarks.contenders import CONNECTIONS, Contender, dialtree_serving
from benchmarks.databases import Databases, rows_of
from benchmarks.inventory import Size
from benchmarks.load import CONNECTIONS as CLIENTS
from benchmarks.load import put_under_load
from benchmarks.questions import QUESTIONS, Question, Sample
from benchmarks.report import rate, table, times
from benchmarks.writes import AVAILABLE, ChangedServer
from tests.support.pgbouncer import pooler

ASKED = ("Q2", "Q3")
DIRECT, POOLED = "direct", "through PgBouncer"


def measure(made: Databases, size: Size, *, rounds: int, seconds: int) -> str:
    """The table of requests per second."""
    urls = {name: made.postgresql(size, f"pooler_{number}") for number, name in enumerate((DIRECT, POOLED))}
    with pooler(made.server, size=CONNECTIONS) as running:
        settings = {"DIALTREE_POOLER_URL": running.url(urls[POOLED])}
        with (
            dialtree_serving("direct", urls[DIRECT], made.logs) as direct,
            dialtree_serving("pooled", urls[POOLED], made.logs, settings=settings) as pooled,
        ):
            rows = list(_rows({DIRECT: direct, POOLED: pooled}, urls, rounds, seconds))
    return table(("requests a second", DIRECT, POOLED, "times slower"), rows)


def _rows(
    contenders: Mapping[str, Contender], urls: Mapping[str, str], rounds: int, seconds: int
) -> Iterator[tuple[str, ...]]:
    available = {name: [row[0] for row in rows_of(url, AVAILABLE)] for name, url in urls.items()}
    numbers = random.Random(1).sample(available[DIRECT], len(available[DIRECT]))  # noqa: S311 - a sample, no secret
    sample = Sample(numbers=tuple(numbers))
    for question in QUESTIONS:
        if question.name in ASKED:
            runs = {name: partial(_ask, contender, question, sample, seconds) for name, contender in contenders.items()}
            yield _row(f"{question.name}, {question.title}", runs, rounds)
    servers = {name: ChangedServer(contenders[name], urls[name], available[name]) for name in urls}
    for keyed in (False, True):
        changes = {name: partial(_change, server, seconds, keyed=keyed) for name, server in servers.items()}
        yield _row(f"reserve, unreserve{', idempotency keys' * keyed}", changes, rounds)


def _row(title: str, runs: Mapping[str, Callable[[], float]], rounds: int) -> tuple[str, ...]:
    for run in runs.values():
        run()
    figures = alternate(runs, rounds=rounds)
    slower = ratio(figures[DIRECT], figures[POOLED])
    return title, rate(spread(figures[DIRECT])), rate(spread(figures[POOLED])), times(slower)


def _ask(contender: Contender, question: Question, sample: Sample, seconds: int) -> float:
    bodies = question.bodies(contender.kind, sample, "")
    return put_under_load(contender.url, bodies, headers=contender.headers, seconds=seconds).rate


def _change(server: ChangedServer, seconds: int, *, keyed: bool) -> float:
    return server.change(seconds=seconds, connections=CLIENTS, keyed=keyed).rate
