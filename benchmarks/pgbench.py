"""The upper limit of PostgreSQL: hand-written SQL for the same questions, sent by pgbench."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.cores import SERVER, on_core
from benchmarks.databases import execute
from benchmarks.load import CONNECTIONS
from benchmarks.processes import BenchmarkError, run
from benchmarks.questions import Question, Sample
from tests.support.postgres import find_programs

STATEMENTS = Path(__file__).parent / "sql"
"""The best statements we found for each question on Dialtree's tables."""


async def prepare(url: str, sample: Sample) -> None:
    """Store the ids of the numbers to change in a table that the script reads."""
    rows = ", ".join(f"({position}, {row})" for position, row in enumerate(sample.reserved, start=1))
    await execute(
        url,
        "CREATE TABLE measured (position integer PRIMARY KEY, id bigint NOT NULL)",
        f"INSERT INTO measured VALUES {rows}",  # noqa: S608 - numbers
        "VACUUM ANALYZE measured",
    )


def pgbench(url: str, question: Question, sample: Sample, *, numbers: int, seconds: int) -> float:
    """Transactions per second."""
    script, reserved = STATEMENTS / f"{question.name}.sql", len(sample.reserved)
    return transactions_per_second(url, script, seconds=seconds, numbers=numbers, reserved=reserved)


def transactions_per_second(
    url: str, script: Path, *, seconds: int, clients: int = CONNECTIONS, **variables: int
) -> float:
    """The rate at which clients run a script, one transaction after the other."""
    command: list[str | Path] = [find_programs() / "pgbench", "--no-vacuum", "--protocol", "prepared"]
    command += ["--client", str(clients), "--time", str(seconds), "--file", script]
    command += [part for name, value in variables.items() for part in ("--define", f"{name}={value}")]
    with on_core(SERVER):
        return parse(run(*command, url))


def parse(printed: str) -> float:
    """Parse the output of pgbench. Raises BenchmarkError if a transaction failed or no figure was printed."""
    found = re.search(r"^tps = ([0-9.]+)", printed, re.MULTILINE)
    failed = re.search(r"^number of failed transactions: ([0-9]+)", printed, re.MULTILINE)
    if found is None or (failed is not None and int(failed[1])):
        raise BenchmarkError(f"pgbench printed no figures, or failures:\n{printed}")
    return float(found[1])
