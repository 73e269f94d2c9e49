"""How fast `dialtree demo` loads an inventory, next to a bare COPY of its numbers into the same table and indexes."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import asyncpg

from benchmarks.databases import Databases
from benchmarks.inventory import Size
from benchmarks.processes import run_dialtree
from benchmarks.report import table

_COPIED = "copied_numbers"


def measure(made: Databases, size: Size) -> str:
    """Load a demo and copy its numbers, and return a table of both."""
    url = made.empty("loading")
    started_at = time.monotonic()
    run_dialtree(url, "demo", "--numbers", str(size.numbers), "--organizations", str(size.organizations))
    demo = time.monotonic() - started_at
    copied = asyncio.run(_copied(url))
    rows = [
        ("`dialtree demo`: organizations, users, numbers, counters, indexes", f"{demo:,.0f}", "1"),
        ("COPY of its numbers into a table with the same indexes", f"{copied:,.0f}", f"{copied / demo:.2f}"),
    ]
    return table((f"{size.numbers:,} numbers, {size.organizations:,} organizations", "seconds", "ratio"), rows)


async def _copied(url: str) -> float:
    """The seconds that a COPY from a file takes."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE TABLE {_COPIED} (LIKE phone_numbers INCLUDING ALL)")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "numbers"
        await connection.copy_from_table("phone_numbers", output=file, format="binary")
        started_at = time.monotonic()
        await connection.copy_to_table(_COPIED, source=file, format="binary")
        copied = time.monotonic() - started_at
    await connection.close()
    return copied
