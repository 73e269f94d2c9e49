"""Which core does what: the server that is measured has one to itself, its database and its load share another."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

_CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []

SERVER = _CORES[0] if len(_CORES) > 1 else None
"""The core of the server that is measured; None where cores can't be chosen."""

REST = _CORES[1] if len(_CORES) > 1 else None
"""The core of PostgreSQL and of wrk."""


@contextlib.contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Let the processes that are started meanwhile, and those that they start, run on one core alone."""
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
    """What this machine is, in a few words."""
    return f"{len(_CORES) or os.cpu_count()} cores ({_processor()}), {platform.system()}"


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
