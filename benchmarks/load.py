"""Load from wrk: 32 connections that send one request after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.cores import REST, on_core
from benchmarks.processes import BenchmarkError, run

CONNECTIONS = 32
SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk measured; latencies are in milliseconds."""

    requests: int
    seconds: float
    median: float
    percentile_99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def parse(printed: str) -> Load:
    """The figures in what wrk printed. Raises BenchmarkError when a request failed, or none was answered."""
    lines = [line for line in printed.splitlines() if line.startswith("{")]
    if len(lines) != 1:
        raise BenchmarkError(f"wrk printed no figures:\n{printed}")
    figures = orjson.loads(lines[0])
    if figures["failed"] or not figures["requests"]:
        raise BenchmarkError(f"{figures['failed']} of {figures['requests']} requests failed:\n{printed}")
    return Load(
        requests=figures["requests"],
        seconds=figures["microseconds"] / 1e6,
        median=figures["median"] / 1e3,
        percentile_99=figures["percentile_99"] / 1e3,
    )


def put_under_load(url: str, bodies: Path, *, headers: Mapping[str, str], seconds: int) -> Load:
    """Send the bodies of a file for so many seconds."""
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", str(seconds)]
    command += ["--timeout", "30"]
    command += [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    with on_core(REST):
        return parse(run(*command, "--script", SCRIPT, url, "--", bodies))
