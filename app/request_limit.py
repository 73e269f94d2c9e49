"""The time limit of a request: it is cancelled when its time is over, or when its client has left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from starlette.types import Receive

from app.requests import Disconnected

WATCH_AFTER_SECONDS = 1
"""Most requests are answered before; only after it does a task wait for the end of the time or of the connection."""


class RequestLimit:
    """Cancels the code in its `with` block, which then raises TimeoutError or Disconnected.

    `is_cancellable` tells whether a departed client ends the work: a mutation goes on without its client.
    """

    def __init__(self, receive: Receive, *, seconds: float, is_cancellable: Callable[[], bool]) -> None:
        self._receive = receive
        self._seconds = seconds
        self._is_cancellable = is_cancellable
        self._reason: Exception | None = None
        self._watching: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._ends_at = loop.time() + self._seconds
        self._timer = loop.call_later(min(WATCH_AFTER_SECONDS, self._seconds), self._start_watching)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
        if self._reason is not None and self._task is not None:
            self._task.uncancel()
            if kind is asyncio.CancelledError:
                raise self._reason from error

    def _start_watching(self) -> None:
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        try:
            async with asyncio.timeout_at(self._ends_at):
                while (await self._receive())["type"] != "http.disconnect":
                    pass
                if not self._is_cancellable():
                    await asyncio.Event().wait()
            self._reason = Disconnected()
        except TimeoutError as error:
            self._reason = error
        if self._task is not None:
            self._task.cancel()
