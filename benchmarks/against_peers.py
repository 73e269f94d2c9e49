"""Measure Dialtree and its peers on one PostgreSQL server, pgbench, Dialtree on Granian, and on SQLite."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version as package_version
from pathlib import Path

from benchmarks.comparison import Spread, alternate, ratio, spread
from benchmarks.contenders import Contender, bun, dialtree_serving, granian, node, peer_serving, version
from benchmarks.databases import Databases, fetch
from benchmarks.equality import check_equal
from benchmarks.inventory import Size
from benchmarks.load import CONNECTIONS, put_under_load
from benchmarks.pgbench import pgbench
from benchmarks.pgbench import prepare as prepare_pgbench
from benchmarks.processes import BenchmarkError, run
from benchmarks.questions import EDITS, NUMBER_BY_ID, QUESTIONS, Kind, Question, Sample
from benchmarks.report import rate, table, times

DIALTREE = "Dialtree"
ON_SQLITE = "Dialtree on SQLite"
POSTGRAPHILE = "PostGraphile"
MERCURIUS = "Mercurius"
MERCURIUS_JOINED = "Mercurius, joined by hand"
CEILING = "ceiling"
ON_GRANIAN = "Dialtree on Granian"
PGBENCH = "pgbench"

SAMPLED = 20_000
"""How many distinct numbers are read, and how many are changed."""

WARM_UP = 2
"""Seconds of load before the first round, for compilers and caches to warm up."""

GOALS: dict[str, dict[str, float]] = {
    "Q2": {POSTGRAPHILE: 3, MERCURIUS: 1.7, MERCURIUS_JOINED: 0.7, PGBENCH: 0.6},
    "Q3": {POSTGRAPHILE: 3, MERCURIUS: 1.7, MERCURIUS_JOINED: 1, PGBENCH: 0.6},
    "Q4": {POSTGRAPHILE: 2, MERCURIUS: 2, MERCURIUS_JOINED: 1.5, PGBENCH: 0.6},
    "Q5": {POSTGRAPHILE: 1},
    "Q6": {POSTGRAPHILE: 20, MERCURIUS: 20},
}
"""Minimum ratio of Dialtree's requests per second to those of another server."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and for how long."""

    size: Size
    rounds: int
    seconds: int
    questions: Sequence[Question] = QUESTIONS


@dataclass(slots=True)
class Comparison:
    """The running servers, and the numbers that the questions ask for."""

    plan: Plan
    sample: Sample
    contenders: list[Contender]
    pgbench_url: str
    _tags: Iterator[int] = field(default_factory=itertools.count)

    def measure(self, question: Question) -> dict[str, list[float]]:
        """Requests per second of each server in each round, after all gave equal answers."""
        self._check(question)
        for warm_up in self._runs(question, WARM_UP).values():
            warm_up()
        figures = alternate(self._runs(question, self.plan.seconds), rounds=self.plan.rounds)
        self._check(question)
        return figures

    def _check(self, question: Question) -> None:
        check_equal(question, self._asked(question), self.sample, tags=self._new_tags())

    def _asked(self, question: Question) -> list[Contender]:
        return [contender for contender in self.contenders if contender.answers(question)]

    def _runs(self, question: Question, seconds: int) -> dict[str, Callable[[], float]]:
        def loaded(contender: Contender) -> Callable[[], float]:
            return lambda: self._load(contender, question, seconds)

        def bare() -> float:
            numbers = self.plan.size.numbers
            return pgbench(self.pgbench_url, question, self.sample, numbers=numbers, seconds=seconds)

        return {contender.name: loaded(contender) for contender in self._asked(question)} | {PGBENCH: bare}

    def _load(self, contender: Contender, question: Question, seconds: int) -> float:
        tags = self._new_tags()
        bodies = question.bodies(contender.kind, self.sample, tags)
        load = put_under_load(contender.url_for(question), bodies, headers=contender.headers, seconds=seconds)
        if question.writes:
            self._check_written(contender, question, tags=tags, requests=load.requests)
        return load.rate

    def _check_written(self, contender: Contender, question: Question, *, tags: str, requests: int) -> None:
        """Read back the last tags that were written, to check that answered edits were stored."""
        if requests > EDITS:
            raise BenchmarkError(f"{requests} edits used up the {EDITS} prepared tags; use fewer seconds.")
        written = question.variables(contender.kind, self.sample, tags)
        # wrk only parses the first request, and may not have waited for the last ones.
        last = requests - CONNECTIONS
        for variables in itertools.islice(written, 1, max(last, 2), max(last // 10, 1)):
            answer = contender.ask(NUMBER_BY_ID, {"id": variables["id"]})
            tag = answer["phoneNumber"]["reservedTag"]
            # A small inventory has fewer reserved numbers than edits, so a later edit may have followed.
            if not tag.startswith(f"{tags} "):
                raise BenchmarkError(f"{contender.name} confirmed the tag {variables['tag']!r}, but has {tag!r}.")

    def _new_tags(self) -> str:
        return f"edit {next(self._tags)}"


@contextlib.contextmanager
def start_all(databases: Databases, plan: Plan, logs: Path) -> Iterator[Comparison]:
    """Start all servers, each on its own copy of the same inventory."""
    ours = databases.postgresql(plan.size, "dialtree")
    sample = asyncio.run(_draw(ours, plan.size))
    bare = databases.postgresql(plan.size, "pgbench")
    asyncio.run(prepare_pgbench(bare, sample))
    with contextlib.ExitStack() as stack:
        contenders = [stack.enter_context(dialtree_serving(DIALTREE, ours, logs))]
        for kind, name, settings in (
            (Kind.POSTGRAPHILE, POSTGRAPHILE, {}),
            (Kind.MERCURIUS, MERCURIUS, {"READS": "loaders"}),
            (Kind.MERCURIUS, MERCURIUS_JOINED, {"READS": "joined"}),
            (Kind.CEILING, CEILING, {}),
        ):
            url = databases.peers(plan.size, f"{kind.value}_{settings.get('READS', '')}")
            contenders.append(stack.enter_context(peer_serving(kind, name, url, logs, settings=settings)))
        # It reads the same database: what differs is HTTP alone.
        contenders.append(stack.enter_context(dialtree_serving(ON_GRANIAN, ours, logs, server=granian)))
        on_sqlite = databases.sqlite(plan.size, "dialtree")
        contenders.append(stack.enter_context(dialtree_serving(ON_SQLITE, on_sqlite, logs)))
        yield Comparison(plan, sample, contenders, bare)


async def _draw(url: str, size: Size) -> Sample:
    dice = random.Random(1)  # noqa: S311 - a sample, no secret
    rows = await fetch(url, "SELECT id, status = 1 AS reserved FROM phone_numbers ORDER BY id")
    numbers = [row["id"] for row in rows]
    if numbers != list(range(1, size.numbers + 1)):
        raise BenchmarkError("The ids of the numbers have gaps, which the pgbench scripts do not support.")
    reserved = [row["id"] for row in rows if row["reserved"]]
    return Sample(
        numbers=tuple(dice.sample(numbers, min(SAMPLED, len(numbers)))),
        reserved=tuple(dice.sample(reserved, min(SAMPLED, len(reserved)))),
    )


def versions() -> str:
    """The versions of the peers."""
    jit = version(Kind.MERCURIUS, "graphql-jit")
    return (
        f"PostGraphile {version(Kind.POSTGRAPHILE, 'postgraphile')}, "
        f"Mercurius {version(Kind.MERCURIUS, 'mercurius')} with graphql-jit {jit}, "
        f"Node {run(node(), '--version').strip()}, Bun {run(bun(), '--version').strip()}, "
        f"Granian {package_version('granian')}"
    )


def tables(figures: Mapping[Question, Mapping[str, Sequence[float]]]) -> str:
    """Requests per second of each server, and the ratio of Dialtree's to each other's."""
    names = list(dict.fromkeys(name for found in figures.values() for name in found))
    rates = [
        [f"{question.name} {question.title}", *(rate(spread(found[name])) if name in found else "" for name in names)]
        for question, found in figures.items()
    ]
    others = [name for name in names if name != DIALTREE]
    ratios = [
        [
            question.name,
            *(_judged(question, name, ratio(found[DIALTREE], found[name])) if name in found else "" for name in others),
        ]
        for question, found in figures.items()
    ]
    return "\n\n".join(
        (
            table(["requests per second", *names], rates),
            table(["Dialtree to", *others], ratios),
        )
    )


def _judged(question: Question, name: str, found: Spread) -> str:
    goal = GOALS.get(question.name, {}).get(name)
    if goal is None:
        return times(found)
    return f"{times(found)}, goal {goal:g}{' met' if found.median >= goal else ' missed'}"
