"""Rate limits: each caller has points per minute, which operations use up by their cost.

Every process counts for itself, so a caller has as many times the points as there are processes.
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from domain.errors import RateLimitExceeded
from domain.limits import network_of

WINDOW_SECONDS = 60


class Allowance(NamedTuple):
    """The points of one caller."""

    limiter: RateLimiter
    item: RateLimitItemPerMinute
    key: str

    def use(self, cost: int) -> None:
        """Use up points. Raises RateLimitExceeded if too few are left."""
        self.limiter.use(self, cost)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers RateLimit and RateLimit-Policy of a response."""
        return self.limiter.headers(self)


class RateLimiter:
    """The rate limits of one process; a limit of 0 is none."""

    def __init__(self, *, points: int, anonymous_points: int) -> None:
        self._strategy = FixedWindowRateLimiter(MemoryStorage())
        self._signed_in = RateLimitItemPerMinute(points) if points else None
        self._anonymous = RateLimitItemPerMinute(anonymous_points) if anonymous_points else None

    def allowance(self, *, caller: str | None, address: str | None) -> Allowance | None:
        """The allowance of a signed-in caller, or of an address; None if it is not limited."""
        item = self._anonymous if caller is None else self._signed_in
        return None if item is None else Allowance(self, item, caller or network_of(address))

    def use(self, allowance: Allowance, cost: int) -> None:
        """Use up points. Raises RateLimitExceeded if too few are left."""
        if not self._strategy.hit(allowance.item, allowance.key, cost=cost):
            seconds = self._seconds_left(allowance)
            raise RateLimitExceeded(
                f"You have used up your {allowance.item.amount} points per minute. Try again in {seconds} seconds,"
                " and select less or smaller pages.",
                retry_after=seconds,
            )

    def headers(self, allowance: Allowance) -> list[tuple[bytes, bytes]]:
        """The headers RateLimit and RateLimit-Policy of a response."""
        stats = self._strategy.get_window_stats(allowance.item, allowance.key)
        seconds = max(0, math.ceil(stats.reset_time - time.time()))
        return [
            (b"ratelimit", b'"cost";r=%d;t=%d' % (max(0, stats.remaining), seconds)),
            (b"ratelimit-policy", b'"cost";q=%d;w=%d' % (allowance.item.amount, WINDOW_SECONDS)),
        ]

    def _seconds_left(self, allowance: Allowance) -> int:
        stats = self._strategy.get_window_stats(allowance.item, allowance.key)
        return max(1, math.ceil(stats.reset_time - time.time()))
