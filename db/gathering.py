"""Reads that are gathered: what is asked for by key in the same tick of the event loop is read in one statement.

All requests of a server share it, so that a hundred clients who each look up a number cost a few statements. A read
begins after its keys were asked for, so whoever asks after a commit sees what was committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

AT_ONCE = 2
"""How many statements of one kind run at once; while they do, keys gather for the next."""

Read = Callable[..., Awaitable[Mapping[Any, Any]]]
"""A function of a connection, a list of keys and named arguments, which gives what it found by key."""


class _Group:
    """The keys that wait for the next statement of one kind, and how many of its statements are running."""

    __slots__ = ("running", "waiting")

    def __init__(self) -> None:
        self.waiting: dict[Hashable, list[asyncio.Future[Any]]] = {}
        self.running = 0


class Gathering:
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
            if group.running < AT_ONCE:
                loop.call_soon(self._start, name, group)
        return future

    def _start(self, name: Hashable, group: _Group) -> None:
        if group.waiting:
            group.running += 1
            task = asyncio.get_running_loop().create_task(self._run(name, group))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, name: Any, group: _Group) -> None:
        waiting, group.waiting = group.waiting, {}
        read, *arguments = name
        try:
            async with self._connect() as connection:
                found = await read(connection, list(waiting), **dict(arguments))
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            for futures in waiting.values():
                for future in futures:
                    if not future.done():
                        future.set_exception(error)
        else:
            for key, futures in waiting.items():
                for future in futures:
                    if not future.done():
                        future.set_result(found.get(key))
        finally:
            group.running -= 1
            if group.waiting:
                self._start(name, group)
            elif not group.running:
                self._groups.pop(name, None)
