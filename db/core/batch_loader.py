"""Reads that are gathered: what is asked for by key in the same tick of the event loop is read in one statement.

All requests of a server share it, so that a hundred clients who each look up a number cost a few statements. A read
begins after its keys were asked for, so whoever asks after a commit sees what was committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

PATIENCE_SECONDS = 0.005
"""How long keys wait for the statement of their kind that is running, before a second one goes beside it.

Fewer statements with more keys each are less work for everybody, but one that is slow, or whose connection is lost,
must not keep the others waiting.
"""

AT_ONCE = 4
"""How many statements of one kind run at once."""

Read = Callable[..., Awaitable[Mapping[Any, Any]]]
"""A function of a connection, a list of keys and named arguments, which gives what it found by key."""


class _Group:
    """The keys that wait for the next statement of one kind, and how many of its statements are running."""

    __slots__ = ("running", "timer", "waiting")

    def __init__(self) -> None:
        self.waiting: dict[Hashable, list[asyncio.Future[Any]]] = {}
        self.running = 0
        self.timer: asyncio.TimerHandle | None = None


class BatchLoader:
    """The gathered reads of one database."""

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        self._connect = connect
        self._groups: dict[Hashable, _Group] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def load(self, read: Read, key: Hashable, **arguments: Hashable) -> asyncio.Future[Any]:
        """What `read` finds for the key, or None. It runs once for all keys with the same arguments."""
        loop = asyncio.get_running_loop()
        name = (read, *arguments.items())
        group = self._groups.get(name)
        if group is None:
            group = self._groups[name] = _Group()
        # Each has a future of his own: one who stops waiting cancels his.
        future = loop.create_future()
        if group.waiting:
            group.waiting.setdefault(key, []).append(future)
        else:
            group.waiting[key] = [future]
            if not group.running:
                loop.call_soon(self._start, name, group)
            elif group.running < AT_ONCE:
                group.timer = loop.call_later(PATIENCE_SECONDS, self._start, name, group)
        return future

    def _start(self, name: Hashable, group: _Group) -> None:
        if group.timer is not None:
            group.timer.cancel()
            group.timer = None
        if group.waiting:
            waiting, group.waiting = group.waiting, {}
            group.running += 1
            task = asyncio.get_running_loop().create_task(self._run(name, group, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, name: Any, group: _Group, waiting: dict[Hashable, list[asyncio.Future[Any]]]) -> None:
        read, *arguments = name
        found: Mapping[Any, Any] = {}
        failure: Exception | None = None
        try:
            async with self._connect() as connection:
                found = await read(connection, list(waiting), **dict(arguments))
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            failure = error
        for key, futures in waiting.items():
            value = found.get(key)
            for future in futures:
                _answer(future, value, failure)
        group.running -= 1
        if group.waiting:
            self._start(name, group)
        elif not group.running:
            self._groups.pop(name, None)


def _answer(future: asyncio.Future[Any], value: Any, failure: Exception | None) -> None:
    if future.done():
        return
    if failure is None:
        future.set_result(value)
    else:
        future.set_exception(failure)
