"""How busy the connections of a database are, for metrics."""

from __future__ import annotations

from typing import NamedTuple


class PoolUsage(NamedTuple):
    """The connections of one pool, and the tasks that use or wait for one."""

    pool: str
    size: int
    in_use: int
    waiting: int
