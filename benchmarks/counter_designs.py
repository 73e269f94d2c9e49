"""Ways to count in the transaction that changes a number, in bare SQL: the measurement behind decision 34.

A change writes an operation, an event and a number, and counts for the holder and the four organizations above it.
"""

from __future__ import annotations

import asyncio
from functools import partial

from benchmarks.comparison import alternate, ratio, spread
from benchmarks.databases import Databases, execute
from benchmarks.load import CONNECTIONS
from benchmarks.pgbench import STATEMENTS, transactions_per_second
from benchmarks.report import rate, table, times

SCRIPTS = STATEMENTS / "counters"
DESIGNS = {
    "none": "none",
    "one row for each organization": "rows",
    "a row for each organization and connection": "slots",
    "one appended row, added up later": "appended",
}


def measure(made: Databases, *, rounds: int, seconds: int) -> str:
    """The table of changes per second."""
    url = made.empty("designs")
    asyncio.run(execute(url, *(SCRIPTS / "tables.sql").read_text().strip().split(";\n")))
    figures = alternate(
        {
            name: partial(transactions_per_second, url, SCRIPTS / f"{script}.sql", seconds=seconds)
            for name, script in DESIGNS.items()
        },
        rounds=rounds,
    )
    rows = [(name, rate(spread(found)), times(ratio(found, figures["none"]))) for name, found in figures.items()]
    return table(("counters", f"changes per second, {CONNECTIONS} clients", "of those without counters"), rows)
