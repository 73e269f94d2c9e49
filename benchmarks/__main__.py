"""`python -m benchmarks`: how fast Dialtree is, against its peers and against itself."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.against_peers import Plan, gathered, tables, versions
from benchmarks.databases import databases
from benchmarks.inventory import Size
from benchmarks.processes import BenchmarkError
from benchmarks.questions import QUESTIONS
from benchmarks.report import conditions, write
from tests.support.postgres import PostgresUnavailable

main = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)

FOLDER = Path("build/benchmarks").resolve()
"""Where loaded databases are kept from one run to the next."""

Numbers = Annotated[int, typer.Option(min=1_000, help="How many numbers there are.")]
Rounds = Annotated[int, typer.Option(min=1, help="How often everything is measured.")]
Seconds = Annotated[int, typer.Option(min=1, help="How long each load lasts.")]
Report = Annotated[Path | None, typer.Option(help="A page whose section of this run is written anew.")]
Only = Annotated[str, typer.Option(help="Only these questions, such as Q2,Q3.")]


@main.callback()
def _main() -> None:
    """How fast Dialtree is, against its peers and against itself."""


@main.command()
def peers(
    *,
    numbers: Numbers = 1_000_000,
    rounds: Rounds = 5,
    seconds: Seconds = 2,
    only: Only = "",
    report: Report = None,
) -> None:
    """Measure against PostGraphile, Mercurius and pgbench."""
    questions = [question for question in QUESTIONS if not only or question.name in only.split(",")]
    plan = Plan(Size(numbers), rounds, seconds, questions)
    with databases(FOLDER) as made, gathered(made, plan, FOLDER) as field:
        figures = {}
        for question in plan.questions:
            figures[question] = field.measure(question)
            print(tables({question: figures[question]}), end="\n\n", flush=True)
        found = conditions(postgresql=made.version(), rounds=rounds, seconds=seconds)
    text = f"{found}\n{versions()}. {numbers:,} numbers.\n\n{tables(figures)}"
    print(text)
    if report is not None:
        write(report, "peers", text)


def _end(*_: Any) -> None:
    sys.exit("ended")


if __name__ == "__main__":
    # So that everything that was started is ended, too.
    signal.signal(signal.SIGTERM, _end)
    try:
        main()
    except (BenchmarkError, PostgresUnavailable) as error:
        sys.exit(str(error))
