"""The subscriptions of one process: who may have one more, and how many there are."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
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
        self._total = 0
        self._of_callers: Counter[str] = Counter()

    def allows_origin(self, origin: str, *, host: str) -> bool:
        """Whether a page of this origin may subscribe."""
        return is_allowed(origin, host, self._origins, local=self._local)

    def check(self, caller: Actor | None) -> None:
        """Raise RateLimitExceeded unless the caller may have one more subscription."""
        settings = self._settings
        if self._total >= settings.subscriptions:
            raise RateLimitExceeded(
                "This server has as many subscriptions as it can serve. Try again later.",
                retry_after=RETRY_AFTER_SECONDS,
            )
        if caller is not None and self._of_callers[caller.key] >= settings.subscriptions_per_caller:
            raise RateLimitExceeded(
                f"You have {settings.subscriptions_per_caller} subscriptions, the maximum. End some of them first.",
                retry_after=RETRY_AFTER_SECONDS,
            )

    @contextmanager
    def counted(self, caller: Actor | None, transport: str, *, name: str | None) -> Iterator[None]:
        """Count a subscription, and log its start and end."""
        key, started_at = "" if caller is None else caller.key, perf_counter()
        self._total += 1
        self._of_callers[key] += 1
        gauge = self._metrics.open_subscriptions.labels(transport)
        gauge.inc()
        self._log("started", transport, key, name)
        try:
            yield
        finally:
            gauge.dec()
            self._total -= 1
            self._of_callers[key] -= 1
            if not self._of_callers[key]:
                del self._of_callers[key]
            self._log(f"ended after {perf_counter() - started_at:.1f} s", transport, key, name)

    def _log(self, what: str, transport: str, caller: str, name: str | None) -> None:
        if self._settings.access_log == "on":
            shown = (name or "-").encode("unicode_escape").decode()[:100]
            logger.info("subscription %s %s over %s caller=%s", shown, what, transport, caller or "-")
