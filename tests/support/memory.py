"""Where the databases of a run are kept."""

from __future__ import annotations

import shutil
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - every folder in it is made by `tempfile`
ENOUGH_BYTES = 4 * 2**30


def database_parent() -> Path | None:
    """Return a folder in memory for temporary databases, or None for the default one if there is not enough memory.

    Tests create and drop hundreds of databases. Where the disk is told of each freed block, that takes minutes.
    """
    try:
        free = shutil.disk_usage(SHARED_MEMORY).free
    except FileNotFoundError:
        return None
    return SHARED_MEMORY if free > ENOUGH_BYTES else None
