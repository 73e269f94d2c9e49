"""CPU affinity: the measured server has one core to itself; the database and the load share another."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

_CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []

SERVER = _CORES[0] if len(_CORES) > 1 else None
"""The core of the measured server; None if cores cannot be chosen."""

REST = _CORES[1] if len(_CORES) > 1 else None
"""The core of PostgreSQL and of wrk."""


@contextlib.contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Pin processes that are started in this block, and their children, to one core."""
    if sys.platform != "linux" or core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def machine() -> str:
    """A short description of this machine."""
    return f"{len(_CORES) or os.cpu_count()} cores ({_processor()}), {platform.system()}"


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
