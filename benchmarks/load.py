"""Load from wrk: connections that send one request after another."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.cores import REST, on_core
from benchmarks.processes import BenchmarkError, run

CONNECTIONS = 32
SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """The counts of a wrk run."""

    requests: int
    seconds: float
    p50: float
    p99: float
    """How long a request takes, in milliseconds, at the median and the 99th percentile."""

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def put_under_load(
    url: str,
    bodies: Iterable[bytes],
    *,
    headers: Mapping[str, str],
    seconds: int,
    connections: int = CONNECTIONS,
) -> Load:
    """Send the bodies in a loop for a number of seconds."""
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", str(seconds)]
    command += ["--timeout", "60"]
    command += [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    with tempfile.NamedTemporaryFile() as file, on_core(REST):
        file.writelines(body + b"\n" for body in bodies)
        file.flush()
        return parse(run(*command, "--script", SCRIPT, url, "--", file.name))


def parse(printed: str) -> Load:
    """Parse the output of wrk. Raises BenchmarkError if a request failed or none was answered."""
    lines = [line for line in printed.splitlines() if line.startswith("{")]
    if len(lines) != 1:
        raise BenchmarkError(f"wrk printed no figures:\n{printed}")
    figures = orjson.loads(lines[0])
    if figures["failed"] or not figures["requests"]:
        raise BenchmarkError(f"{figures['failed']} of {figures['requests']} requests failed:\n{printed}")
    return Load(
        requests=figures["requests"],
        seconds=figures["microseconds"] / 1e6,
        p50=figures["p50"] / 1e3,
        p99=figures["p99"] / 1e3,
    )
