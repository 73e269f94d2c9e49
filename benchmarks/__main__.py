"""`python -m benchmarks`: measure Dialtree against other servers and against itself."""

from __future__ import annotations

import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks import (
    abuse,
    against_peers,
    console,
    costs,
    counter_designs,
    disk,
    fair_shares,
    growth,
    loading,
    old_snapshot,
    pooler,
    reading,
    subscribers,
    writes,
)
from benchmarks.cores import machine
from benchmarks.databases import Databases, databases
from benchmarks.inventory import Size
from benchmarks.load import CONNECTIONS
from benchmarks.processes import BenchmarkError
from benchmarks.questions import QUESTIONS
from benchmarks.report import conditions, write
from tests.support.postgres import PostgresUnavailable

main = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)

Numbers = Annotated[int, typer.Option(min=10_000, help="Size of the inventory.")]
Rounds = Annotated[int, typer.Option(min=1, help="Number of rounds.")]
Seconds = Annotated[int, typer.Option(min=1, help="Seconds of load per measurement.")]
Only = Annotated[str, typer.Option(help="Measure only these questions, such as Q2,Q3.")]
Folder = Annotated[Path, typer.Option(help="Folder that keeps loaded databases between runs.", resolve_path=True)]
Report = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="Page whose section for this run is replaced.")
]


@main.command()
def peers(
    *,
    numbers: Numbers = 1_000_000,
    rounds: Rounds = 5,
    seconds: Seconds = 2,
    only: Only = "",
    folder: Folder = Path("build/benchmarks"),
    report: Report = None,
) -> None:
    """Measure against PostGraphile, Mercurius and pgbench, and on SQLite."""
    questions = [question for question in QUESTIONS if not only or question.name in only.split(",")]
    plan = against_peers.Plan(Size(numbers), rounds, seconds, questions)
    with databases(folder) as made, against_peers.start_all(made, plan, made.logs) as comparison:
        figures = {}
        for question in plan.questions:
            figures[question] = comparison.measure(question)
            print(against_peers.tables({question: figures[question]}), end="\n\n", flush=True)
        found = conditions(postgresql=made.version(), connections=CONNECTIONS, rounds=rounds, seconds=seconds)
    text = f"{found} {numbers:,} numbers.\n{against_peers.versions()}.\n\n{against_peers.tables(figures)}"
    _publish(text, report, section="peers")


@main.command("growth")
def grown(
    *,
    numbers: Annotated[
        int, typer.Option(min=1_000_000, help="Size of the largest inventory on PostgreSQL.")
    ] = 10_000_000,
    numbers_on_sqlite: Annotated[int, typer.Option(min=100_000, help="And on SQLite.")] = 2_000_000,
    rounds: Rounds = 3,
    seconds: Seconds = 2,
    folder: Folder = Path("build/benchmarks"),
    plot: Annotated[Path, typer.Option(help="SVG file for the plot.")] = Path("build/benchmarks/growth.svg"),
    report: Report = None,
) -> None:
    """Measure large inventories against small ones, a deep page against the first, and tables and indexes on disk."""
    on_postgresql = [growth.size_of(count) for count in (10_000, 1_000_000, numbers)]
    on_sqlite = [growth.size_of(count) for count in (10_000, numbers_on_sqlite)]
    with databases(folder) as made, growth.start_all(made, on_postgresql, on_sqlite) as inventories:
        figures, drawn = growth.measure(inventories, rounds=rounds, seconds=seconds)
        sizes = disk.measure(made, on_postgresql, on_sqlite)
        found = conditions(postgresql=made.version(), connections=growth.CONNECTIONS, rounds=rounds, seconds=seconds)
    plot.write_text(drawn)
    _publish(f"{found}\n\n{figures}\n\n{sizes}", report, section="growth")


@main.command()
def fairness(*, seconds: Seconds = 30, folder: Folder = Path("build/benchmarks"), report: Report = None) -> None:
    """Measure how much bulk work at one root delays small changes at another."""
    with databases(folder) as made:
        text = fair_shares.measure(made.empty("fairness"), seconds=seconds)
    _publish(text, report, section="fairness")


@main.command("export")
def beside_export(
    *,
    numbers: Numbers = 100_000,
    minutes: Annotated[int, typer.Option(min=1, help="How long the export takes.")] = 10,
    folder: Folder = Path("build/benchmarks"),
    report: Report = None,
) -> None:
    """Measure utilization and single changes on PostgreSQL beside an export that takes minutes."""
    with databases(folder) as made:
        text = f"{_found(made)}\n\n{old_snapshot.measure(made, Size(numbers), minutes=minutes)}"
    _publish(text, report, section="export")


@main.command("loading")
def loaded(
    *,
    numbers: Numbers = 1_000_000,
    folder: Folder = Path("build/benchmarks"),
    report: Report = None,
) -> None:
    """Measure how long `dialtree demo` takes on PostgreSQL, next to a bare COPY."""
    with databases(folder) as made:
        text = f"{_found(made)}\n\n{loading.measure(made, growth.size_of(numbers))}"
    _publish(text, report, section="loading")


@main.command("writes")
def single_changes(
    *,
    numbers: Numbers = 1_000_000,
    rounds: Rounds = 5,
    seconds: Seconds = 5,
    folder: Folder = Path("build/benchmarks"),
    report: Report = None,
) -> None:
    """Measure single changes on both databases against bare transactions."""
    with databases(folder) as made:
        found = conditions(postgresql=made.version(), connections=CONNECTIONS, rounds=rounds, seconds=seconds)
        text = f"{found} {numbers:,} numbers.\n\n{writes.measure(made, Size(numbers), rounds=rounds, seconds=seconds)}"
    _publish(text, report, section="writes")


@main.command("subscribers")
def live(
    *,
    count: Annotated[int, typer.Option(min=10, help="Number of subscribers.")] = 1_000,
    rate: Annotated[int, typer.Option(min=1, help="Changes per second.")] = 100,
    seconds: Seconds = 30,
    folder: Folder = Path("build/benchmarks"),
    report: Report = None,
) -> None:
    """Measure how soon subscribers are told of changes, on both databases, and check that they miss none."""
    with databases(folder) as made:
        urls = (("PostgreSQL", made.empty("subscribers")), ("SQLite", made.empty_sqlite("subscribers")))
        text = f"{_found(made, seconds)}\n\n{subscribers.measure(urls, subscribers=count, rate=rate, seconds=seconds)}"
    _publish(text, report, section="subscribers")


@main.command("abuse")
def abused(*, seconds: Seconds = 4, folder: Folder = Path("build/benchmarks"), report: Report = None) -> None:
    """Measure how long others wait, and what memory it takes, while subscriptions are abused."""
    with databases(folder) as made:
        text = f"{_found(made, seconds)}\n\n{abuse.measure(made.empty('abuse'), seconds=seconds)}"
    _publish(text, report, section="abuse")


@main.command("pooler")
def through_pooler(
    *,
    numbers: Numbers = 100_000,
    rounds: Rounds = 5,
    seconds: Seconds = 3,
    folder: Folder = Path("build/benchmarks"),
    report: Report = None,
) -> None:
    """Measure reads and single changes with and without PgBouncer in transaction mode."""
    with databases(folder) as made:
        found = conditions(postgresql=made.version(), connections=CONNECTIONS, rounds=rounds, seconds=seconds)
        text = f"{found} {numbers:,} numbers.\n\n{pooler.measure(made, Size(numbers), rounds=rounds, seconds=seconds)}"
    _publish(text, report, section="pooler")


@main.command("designs")
def designs_of_counters(*, rounds: Rounds = 5, seconds: Seconds = 5, folder: Folder = Path("build/benchmarks")) -> None:
    """Measure ways to count changes of numbers, in bare SQL."""
    with databases(folder) as made:
        print(counter_designs.measure(made, rounds=rounds, seconds=seconds))


@main.command("costs")
def dearest(*, seconds: Seconds = 300, seed: Annotated[int, typer.Option(help="Seed of the search.")] = 1) -> None:
    """Search for the queries that take the most processor time per point of their cost."""
    print(costs.measure(seconds=seconds, seed=seed))


@main.command("reading")
def what_to_read(
    *,
    root: Annotated[Path, typer.Option(help="The checkout to look at.", resolve_path=True)] = Path(),
) -> None:
    """Count files, lines, long functions, and the modules that requests enter."""
    print(reading.measure(root))


@main.command("console")
def long_tasks(
    *,
    numbers: Numbers = 1_000_000,
    organizations: Annotated[int, typer.Option(min=60, help="The number of organizations.")] = 20_000,
    folder: Folder = Path("build/benchmarks"),
) -> None:
    """Measure the console in Chromium: its first view, and tasks over 50 ms while scrolling and searching."""
    print(console.measure(numbers=numbers, organizations=organizations, folder=folder))


def _found(made: Databases, seconds: int | None = None) -> str:
    each = "" if seconds is None else f", {seconds} s each"
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}, PostgreSQL {made.version()}{each}."


def _publish(text: str, report: Path | None, *, section: str) -> None:
    print(text)
    if report is not None:
        write(report, section, text)


def _end(*_: Any) -> None:
    sys.exit("ended")


if __name__ == "__main__":
    # Exit through SystemExit, so that every started process is stopped.
    signal.signal(signal.SIGTERM, _end)
    try:
        main()
    except (BenchmarkError, PostgresUnavailable) as error:
        sys.exit(str(error))
