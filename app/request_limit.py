"""Time limits of requests and of their bodies: one is cancelled when its time is over, or when its client has left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import TracebackType

from app.requests import Disconnected
from domain.errors import TimeLimitExceeded

WATCH_AFTER_SECONDS = 1
"""Most requests are answered before; only after it does a task wait for the end of the time or of the connection."""


@asynccontextmanager
async def time_limit(seconds: float) -> AsyncIterator[None]:
    """Limit the time of a block outside GraphQL. Raises TimeLimitExceeded."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise time_limit_exceeded(seconds) from error


def time_limit_exceeded(seconds: float) -> TimeLimitExceeded:
    """The error of a request outside GraphQL that has reached its time limit."""
    return TimeLimitExceeded(
        f"This took longer than {seconds:g} seconds. See whether it was done before you try again."
    )


class RequestLimits:
    """The same time limit for all running requests. One timer serves them, because one for each would cost more."""

    def __init__(self, *, seconds: float) -> None:
        self.seconds = seconds
        self._unwatched: set[RequestLimit] = set()
        self._timer: asyncio.TimerHandle | None = None

    def limit(self, departure: Callable[[], Awaitable[None]] | None = None) -> RequestLimit:
        """Return the limit of a request, which also ends when `departure`, if it is given, returns."""
        return RequestLimit(self, departure)

    def add(self, limit: RequestLimit) -> None:
        """Watch a request, if it still runs after a while."""
        self._unwatched.add(limit)
        if self._timer is None:
            self._start_timer()

    def discard(self, limit: RequestLimit) -> None:
        """Forget a request that has ended."""
        self._unwatched.discard(limit)

    def _start_timer(self) -> None:
        pause = min(WATCH_AFTER_SECONDS, self.seconds / 2)
        self._timer = asyncio.get_running_loop().call_later(pause, self._watch_running)

    def _watch_running(self) -> None:
        self._timer = None
        for limit in self._unwatched:
            limit.start_watching()
        self._unwatched.clear()


class RequestLimit:
    """Cancels the code in its `with` block, which then raises TimeoutError or Disconnected."""

    def __init__(self, limits: RequestLimits, departure: Callable[[], Awaitable[None]] | None) -> None:
        self._limits = limits
        self._departure = departure
        self._reason: Exception | None = None
        self._watching: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._ends_at = asyncio.get_running_loop().time() + self._limits.seconds
        self._limits.add(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._limits.discard(self)
        if self._watching is not None:
            self._watching.cancel()
        if self._reason is not None and self._task is not None:
            self._task.uncancel()
            if kind is asyncio.CancelledError:
                raise self._reason from error

    def start_watching(self) -> None:
        """Wait for the end of the time or of the connection in a task."""
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        try:
            async with asyncio.timeout_at(self._ends_at):
                await (asyncio.Event().wait() if self._departure is None else self._departure())
            self._reason = Disconnected()
        except TimeoutError as error:
            self._reason = error
        if self._task is not None:
            self._task.cancel()
