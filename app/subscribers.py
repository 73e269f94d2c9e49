"""The subscriptions of one process: who may have one more, and how many there are."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import ExitStack
from time import perf_counter

from app.cross_origin import is_allowed
from app.metrics import Metrics
from app.settings import Settings
from domain.access import Actor
from domain.errors import RateLimitExceeded

RETRY_AFTER_SECONDS = 30

logger = logging.getLogger("dialtree.access")


class Subscribers:
    """Counts the open WebSocket connections and subscriptions of one process."""

    def __init__(self, settings: Settings, metrics: Metrics, *, local: bool) -> None:
        self._settings = settings
        self._metrics = metrics
        self._local = local
        self._origins = frozenset(settings.allowed_origins)
        self._of_callers: Counter[str] = Counter()
        self._connections: Counter[str] = Counter()

    def allows_origin(self, origin: str, *, host: str) -> bool:
        """Whether a page of this origin may subscribe."""
        return is_allowed(origin, host, self._origins, local=self._local)

    def admit_connection(self, caller: Actor | None) -> ExitStack:
        """Count one more WebSocket connection until the stack is closed. Raises RateLimitExceeded."""
        key, most = _key(caller), self._settings.subscriptions_per_caller
        if self._connections[key] >= most:
            raise RateLimitExceeded(
                f"You have {most} connections, the maximum. Close some of them first.", retry_after=RETRY_AFTER_SECONDS
            )
        return _counted(self._connections, key)

    def admit(self, caller: Actor | None, transport: str, *, name: str | None) -> ExitStack:
        """Count and log one more subscription until the stack is closed. Raises RateLimitExceeded."""
        key = _key(caller)
        self._check(key)
        stack = _counted(self._of_callers, key)
        gauge, started_at = self._metrics.open_subscriptions.labels(transport), perf_counter()
        gauge.inc()
        stack.callback(gauge.dec)
        self._log("started", transport, key, name)
        stack.callback(
            lambda: self._log(f"ended after {perf_counter() - started_at:.1f} s", transport, key, name),
        )
        return stack

    def _check(self, key: str) -> None:
        settings = self._settings
        if self._of_callers.total() >= settings.subscriptions:
            raise RateLimitExceeded(
                "This server has as many subscriptions as it can serve. Try again later.",
                retry_after=RETRY_AFTER_SECONDS,
            )
        if self._of_callers[key] >= settings.subscriptions_per_caller:
            raise RateLimitExceeded(
                f"You have {settings.subscriptions_per_caller} subscriptions, the maximum. End some of them first.",
                retry_after=RETRY_AFTER_SECONDS,
            )

    def _log(self, what: str, transport: str, caller: str, name: str | None) -> None:
        if self._settings.access_log == "on":
            shown = (name or "-").encode("unicode_escape").decode()[:100]
            logger.info("subscription %s %s over %s caller=%s", shown, what, transport, caller or "-")


def _key(caller: Actor | None) -> str:
    return "" if caller is None else caller.key


def _counted(counts: Counter[str], key: str) -> ExitStack:
    """Count one more until the stack is closed."""
    stack = ExitStack()
    counts[key] += 1
    stack.callback(_count_down, counts, key)
    return stack


def _count_down(counts: Counter[str], key: str) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
