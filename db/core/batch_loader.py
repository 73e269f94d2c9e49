"""A dataloader for the whole process: keys loaded in the same event-loop tick are read in one statement.

All requests share it, so a hundred clients that each look up a number, or all look at the same list, cost a few
statements. A batch is read after its keys were requested, so a load that follows a commit sees what was committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

MAX_BATCH_DELAY_SECONDS = 0.005
"""How long keys wait for a running batch of the same kind before another batch starts.

Larger batches are cheaper, but a slow statement or a lost connection must not delay the other keys.
"""

MAX_CONCURRENT_BATCHES = 4
"""How many batches of one kind run concurrently."""

ABANDONED_SECONDS = 0.5
"""How often running batches are looked at: one that no request waits for any longer is cancelled."""

Batch = dict[Hashable, list[asyncio.Future[Any]]]
"""The futures that wait for each key."""

BatchFunction = Callable[..., Awaitable[Mapping[Any, Any]]]
"""A function of a connection, a list of keys and keyword arguments that returns the values it found, by key."""


class _Queue:
    """The keys of the next batch of one kind, how they are read, and how many batches of that kind are running."""

    __slots__ = ("read", "running", "timer", "waiting")

    def __init__(self, read: BatchFunction) -> None:
        self.read = read
        self.waiting: Batch = {}
        self.running = 0
        self.timer: asyncio.TimerHandle | None = None


class BatchLoader:
    """Loads values from one database by key, in batches."""

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        self._connect = connect
        self._queues: dict[Hashable, _Queue] = {}
        self._running: dict[asyncio.Task[None], Batch] = {}
        self._watch: asyncio.TimerHandle | None = None

    def load(self, read: BatchFunction, key: Hashable, **arguments: Hashable) -> asyncio.Future[Any]:
        """Return a future of the value for the key, or None. Keys with equal functions and arguments share a batch."""
        kind = (read, *arguments.items())
        queue = self._queues.get(kind)
        if queue is None:
            queue = self._queues[kind] = _Queue(partial(read, **arguments))
        return self._enqueue(kind, queue, key)

    async def share(self, read: Callable[..., Awaitable[T]], *arguments: Hashable) -> T:
        """Return what `read` returns for a connection and the arguments.

        Those who ask for the same while it is read share the next reading, which begins after they asked.
        """
        kind = (read, arguments)
        queue = self._queues.get(kind)
        if queue is not None:
            found: T = await self._enqueue(kind, queue, None)
            return found
        queue = self._queues[kind] = _Queue(partial(_read_shared, read, arguments))
        queue.running = 1
        try:
            async with self._connect() as connection:
                return await read(connection, *arguments)
        finally:
            queue.running -= 1
            self._start(kind, queue)

    def _enqueue(self, kind: Hashable, queue: _Queue, key: Hashable) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        # A future per call: cancelling one must not cancel the others.
        future = loop.create_future()
        if queue.waiting:
            queue.waiting.setdefault(key, []).append(future)
        else:
            queue.waiting[key] = [future]
            if not queue.running:
                loop.call_soon(self._start, kind, queue)
            elif queue.running < MAX_CONCURRENT_BATCHES:
                queue.timer = loop.call_later(MAX_BATCH_DELAY_SECONDS, self._start, kind, queue)
        return future

    def _start(self, kind: Hashable, queue: _Queue) -> None:
        if queue.timer is not None:
            queue.timer.cancel()
            queue.timer = None
        batch, queue.waiting = queue.waiting, {}
        if not _is_abandoned(batch):
            loop = asyncio.get_running_loop()
            queue.running += 1
            task = loop.create_task(self._run(kind, queue, batch))
            self._running[task] = batch
            task.add_done_callback(self._running.pop)
            if self._watch is None:
                self._watch = loop.call_later(ABANDONED_SECONDS, self._cancel_abandoned)
        elif not queue.running:
            self._queues.pop(kind, None)

    async def _run(self, kind: Hashable, queue: _Queue, batch: Batch) -> None:
        found: Mapping[Any, Any] = {}
        failure: Exception | None = None
        try:
            async with self._connect() as connection:
                found = await queue.read(connection, list(batch))
        except Exception as error:  # noqa: BLE001 - every future of the batch gets it
            failure = error
        finally:
            queue.running -= 1
            # Forgets the queue if nothing waits.
            self._start(kind, queue)
        for key, futures in batch.items():
            value = found.get(key)
            for future in futures:
                _resolve(future, value, failure)

    def _cancel_abandoned(self) -> None:
        self._watch = None
        for task, batch in self._running.items():
            if _is_abandoned(batch):
                task.cancel()
        if self._running:
            self._watch = asyncio.get_running_loop().call_later(ABANDONED_SECONDS, self._cancel_abandoned)


async def _read_shared(
    read: Callable[..., Awaitable[Any]], arguments: tuple[Hashable, ...], connection: Any, keys: list[None]
) -> dict[None, Any]:
    return dict.fromkeys(keys, await read(connection, *arguments))


def _is_abandoned(batch: Batch) -> bool:
    return all(future.cancelled() for futures in batch.values() for future in futures)


def _resolve(future: asyncio.Future[Any], value: Any, failure: Exception | None) -> None:
    if future.done():
        return
    if failure is None:
        future.set_result(value)
    else:
        future.set_exception(failure)
