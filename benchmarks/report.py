"""Tables of the figures, and the page in `docs/` that shows those of the last run."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.comparison import Spread
from benchmarks.cores import REST, SERVER, machine
from benchmarks.processes import BenchmarkError

Row = Sequence[str]


def table(header: Row, rows: Iterable[Row]) -> str:
    """A Markdown table: the first column is text, the others are figures."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def rate(found: Spread) -> str:
    """Requests per second: median, lowest and highest."""
    return f"{_figure(found.median)} ({_figure(found.lowest)}-{_figure(found.highest)})"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"  # noqa: PLR2004 - two digits are enough


def times(found: Spread) -> str:
    """A ratio: median, lowest and highest."""
    return f"{found.median:.2f} ({found.lowest:.2f}-{found.highest:.2f})"


def conditions(*, postgresql: str, connections: int, rounds: int, seconds: int) -> str:
    """The time and conditions of the measurement."""
    cores = f"the server on core {SERVER}, the database and the load on core {REST}"
    if SERVER is None:
        cores = "all processes on any core"
    lines = (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}, load average {os.getloadavg()[0]:.1f} at the end.",
        f"Python {platform.python_version()}, PostgreSQL {postgresql}, {connections} connections, {cores}.",
        f"Medians of {rounds} rounds of {seconds} s, with the lowest and the highest.",
    )
    return "\n".join(lines)


def write(page: Path, section: str, text: str) -> None:
    """Replace the text between the markers of a section. Raises BenchmarkError if the page has no such section."""
    begin, end = f"<!-- {section}: written by the run -->\n", f"<!-- end of {section} -->\n"
    before, opened, rest = page.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise BenchmarkError(f"{page} has no section {section!r}.")
    page.write_text(f"{before}{begin}\n{text}\n\n{end}{after}")
