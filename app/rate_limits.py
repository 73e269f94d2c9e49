"""Rate limits: each caller has points per minute, which operations use up by their cost.

Every process counts for itself, so a caller has as many times the points as there are processes. The library `limits`
starts a thread every few milliseconds to forget old counts, which made small operations take 1.4 times as long; counts
of one minute that are all forgotten at its end need nothing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Hashable
from typing import NamedTuple

from domain.access import Actor
from domain.errors import RateLimitExceeded
from domain.limits import network_of

WINDOW_SECONDS = 60


class Allowance(NamedTuple):
    """The points of one caller in the current window."""

    limiter: RateLimiter
    key: Hashable
    points: int

    def use(self, cost: int) -> None:
        """Use up points. Raises RateLimitExceeded if too few are left."""
        self.limiter.use(self, cost)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers RateLimit and RateLimit-Policy of a response."""
        used, seconds = self.limiter.usage(self.key)
        return [
            (b"ratelimit", b'"cost";r=%d;t=%d' % (self.points - used, seconds)),
            (b"ratelimit-policy", b'"cost";q=%d;w=%d' % (self.points, WINDOW_SECONDS)),
        ]


class RateLimiter:
    """The rate limits of one process; a limit of 0 is none."""

    def __init__(self, *, points: int, anonymous_points: int) -> None:
        self._points = points
        self._anonymous_points = anonymous_points
        self._used: dict[Hashable, int] = {}
        self._window_ends_at = 0.0

    def allowance(self, caller: Actor | None, *, address: str | None) -> Allowance | None:
        """The allowance of a signed-in caller, or of an address; None if it is not limited."""
        if caller is None:
            return Allowance(self, network_of(address), self._anonymous_points) if self._anonymous_points else None
        return Allowance(self, (caller.kind, caller.id), self._points) if self._points else None

    def use(self, allowance: Allowance, cost: int) -> None:
        """Use up points. Raises RateLimitExceeded if too few are left."""
        now = time.monotonic()
        if now >= self._window_ends_at:
            self._used.clear()
            self._window_ends_at = now + WINDOW_SECONDS
        used = self._used.get(allowance.key, 0) + cost
        if used > allowance.points:
            seconds = math.ceil(self._window_ends_at - now)
            raise RateLimitExceeded(
                f"You have used up your {allowance.points} points per minute. Try again in {seconds} seconds, and"
                " select less or smaller pages.",
                retry_after=seconds,
            )
        self._used[allowance.key] = used

    def usage(self, key: Hashable) -> tuple[int, int]:
        """The points that a caller has used in the current window, and the seconds until it ends."""
        left = self._window_ends_at - time.monotonic()
        return (self._used.get(key, 0), math.ceil(left)) if left > 0 else (0, 0)
