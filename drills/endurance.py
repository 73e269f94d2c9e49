"""Half an hour of mixed load at half of what the servers can do: times, memory and descriptors must stay flat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.plot import Panel, Series, svg
from benchmarks.report import table
from drills.drill import CLIENTS, WORKER_KILLED, Drill

QUERIES = (
    "{ phoneNumbers(filter: {statuses: [RESERVED]}) { nodes { id number reservedTag organization { name } } } }",
    '{ phoneNumbers(filter: {text: "2000"}) { totalCount nodes { id number status } } }',
    "{ organizations { nodes { name utilization { total available inUse percent } } } }",
)
WARM_UP_SECONDS = 30.0
KILL_WORKER_SECONDS = 60.0
SAMPLE_SECONDS = 10.0
WINDOW_SECONDS = 30.0
"""How long the time is whose percentiles are one point of the plot."""

PARTS = 6
"""The first and the last of so many parts of the load are compared."""


class Sample(NamedTuple):
    """What a worker process takes at a moment."""

    at: float
    memory_mib: float
    descriptors: int


@dataclass
class Endurance:
    """A drill at half of its capacity."""

    drill: Drill
    samples: list[Sample] = field(default_factory=list)
    requests_per_second: float = 0.0
    begun_at: float = 0.0

    async def run(self, seconds: float, break_things: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        """Find the capacity, then put half of it on the servers while workers are killed and things are broken."""
        drill = self.drill
        drill.kill_worker_seconds = WARM_UP_SECONDS + 1
        await drill.run(WARM_UP_SECONDS, _nothing)
        self.requests_per_second = len(drill.observed.answers) / drill.seconds
        changes = sum(len(number.changes) for number in drill.numbers)
        for client in drill.clients:
            client.interval = 2 * CLIENTS * drill.seconds / changes
        drill.kill_worker_seconds = KILL_WORKER_SECONDS
        drill.observed.answers.clear()
        self.begun_at = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            sampling = tasks.create_task(self._sample())
            await drill.run(seconds, break_things)
            sampling.cancel()

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            self.samples += [sample for worker in sorted(self.drill.server.workers) if (sample := _sample(worker))]

    def table(self) -> str:
        """The first and the last part of the load beside each other."""
        length = self.drill.seconds / PARTS
        rows = []
        parts = {"first": 0.0, "last": self.drill.seconds - length}
        for name, start in parts.items():
            begins, ends = self.begun_at + start, self.begun_at + start + length
            took = sorted(seconds for at, seconds in self.drill.observed.answers if begins <= at < ends)
            memory = [sample.memory_mib for sample in self.samples if begins <= sample.at < ends]
            descriptors = [sample.descriptors for sample in self.samples if begins <= sample.at < ends]
            rows.append(
                (
                    f"the {name} {length / 60:.0f} minutes",
                    f"{len(took) / length:,.0f}",
                    f"{1000 * _percentile(took, 50):.0f}",
                    f"{1000 * _percentile(took, 99):.0f}",
                    f"{max(memory, default=0):.0f}",
                    f"{max(descriptors, default=0)}",
                )
            )
        header = ("", "requests a second", "p50 ms", "p99 ms", "largest worker MiB", "most descriptors")
        capacity = f"Without pauses, the same clients got {self.requests_per_second:,.0f} answers a second."
        return f"{capacity}\n\n{table(header, rows)}"

    def plot(self, page: Path) -> None:
        """Write the plot."""
        p50, p99 = self._percentiles(50), self._percentiles(99)
        memory = [(self._minutes(sample.at), sample.memory_mib) for sample in self.samples]
        descriptors = [(self._minutes(sample.at), float(sample.descriptors)) for sample in self.samples]
        panels = [
            Panel("Time of an answer, ms", [Series("p50", p50), Series("p99", p99)]),
            Panel("Resident memory of each worker, MiB", [Series("a worker", memory, dots=True)]),
            Panel("Open descriptors of each worker", [Series("a worker", descriptors, dots=True)]),
        ]
        restarts = [self._minutes(at) for what, at in self.drill.failures if what != WORKER_KILLED]
        axis = "minutes; a worker is killed each minute, and PostgreSQL is restarted at the dotted lines"
        page.write_text(svg(panels, axis=axis, marks=restarts), encoding="utf-8")

    def _percentiles(self, percent: float) -> list[tuple[float, float]]:
        windows: dict[int, list[float]] = {}
        for at, seconds in self.drill.observed.answers:
            windows.setdefault(int((at - self.begun_at) / WINDOW_SECONDS), []).append(seconds)
        return [
            (window * WINDOW_SECONDS / 60, 1000 * _percentile(sorted(took), percent))
            for window, took in sorted(windows.items())
        ]

    def _minutes(self, at: float) -> float:
        return (at - self.begun_at) / 60


async def _nothing(_: asyncio.Event) -> None:
    pass


def _percentile(ordered: Sequence[float], percent: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


def _sample(pid: int) -> Sample | None:
    """What a process takes; None if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return None
    resident = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")), None)
    return None if resident is None else Sample(time.monotonic(), int(resident) / 1024, descriptors)
