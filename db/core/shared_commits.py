"""Small changes that wait for SQLite's one writer share a transaction, and so a COMMIT and a switch of threads.

Each change is a savepoint of its own: it succeeds or fails as if it were alone, after those before it. It is answered
after the COMMIT.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, TypeVar

from db.core.cancellation import finish
from db.core.database import DatabaseConnection
from db.core.sqlite_connection import Change, Outcome, SQLiteConnection
from db.core.write_slots import WriteSlots

MAX_CHANGES = 32
"""The most changes of a transaction: it takes about 10 ms, for which others wait."""

T = TypeVar("T")


class _Waiting(NamedTuple):
    """A change, and the future of its result."""

    change: Change[Any]
    result: asyncio.Future[Any]


class SharedCommits:
    """The changes that wait for one writer; those of the roots take turns."""

    def __init__(self, writer: SQLiteConnection, slots: WriteSlots) -> None:
        self._writer = writer
        self._slots = slots
        self._waiting: dict[int | None, deque[_Waiting]] = {}
        self._running: list[_Waiting] = []
        self._committing: asyncio.Task[None] | None = None

    @property
    def waiting_count(self) -> int:
        """How many changes wait."""
        return sum(not waiting.result.cancelled() for changes in self._waiting.values() for waiting in changes)

    async def make(self, work: Callable[[DatabaseConnection], Coroutine[Any, Any, T]], root_id: int | None) -> T:
        """Return the result of the work, after its transaction was committed."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(Change(work), loop.create_future())
        self._waiting.setdefault(root_id, deque()).append(waiting)
        if self._committing is None:
            self._committing = loop.create_task(self._commit_all())
        try:
            result: T = await asyncio.shield(waiting.result)
        except asyncio.CancelledError:
            await self._cancel(waiting)
            raise
        return result

    async def _cancel(self, waiting: _Waiting) -> None:
        """Skip a change that has not begun, or wait for its end."""
        waiting.change.is_cancelled = True
        try:
            if waiting in self._running:
                await finish(asyncio.wait([waiting.result]))
        finally:
            if not waiting.result.cancel() and not waiting.result.cancelled():
                # Its exception matters to nobody.
                waiting.result.exception()

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                async with self._slots.slot(None, bulk=False):
                    if taken := self._next():
                        await self._commit(taken)
        finally:
            self._committing = None

    async def _commit(self, taken: list[_Waiting]) -> None:
        self._running = taken
        made = self._writer.make_together([change for change, _ in taken])
        try:
            with contextlib.suppress(Exception):
                await finish(made)
        finally:
            self._running = []
            error = made.exception()
            outcomes = made.result() if error is None else [Outcome(failure=error)] * len(taken)
            self._answer(taken, outcomes)

    def _answer(self, taken: list[_Waiting], outcomes: list[Outcome]) -> None:
        for (_, result), (value, failure) in zip(taken, outcomes, strict=True):
            if isinstance(failure, asyncio.CancelledError):
                result.cancel()
            elif failure is not None:
                result.set_exception(failure)
            else:
                result.set_result(value)

    def _next(self) -> list[_Waiting]:
        """Take the next changes: one of each root, then the next one of each."""
        taken: list[_Waiting] = []
        while self._waiting and len(taken) < MAX_CHANGES:
            root_id, changes = next(iter(self._waiting.items()))
            del self._waiting[root_id]
            waiting = changes.popleft()
            if not waiting.result.cancelled():
                taken.append(waiting)
            if changes:
                self._waiting[root_id] = changes
        return taken
