"""How many messages a client may send: so many per second on average, and more in a burst."""

from __future__ import annotations


class Pace:
    """Counts what one client sends."""

    def __init__(self, *, per_second: float, at_once: int, now: float) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._count = 0.0
        self._counted_at = now

    def is_kept_by(self, count: int, *, now: float) -> bool:
        """Count some more; whether they are within the pace."""
        elapsed, self._counted_at = now - self._counted_at, now
        self._count = max(0.0, self._count - elapsed * self._per_second) + count
        return self._count <= self._at_once
