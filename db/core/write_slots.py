"""Fair shares of a database's writer connections: no root can keep another from writing."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from db.core.pool_usage import PoolUsage


class FairSemaphore:
    """A semaphore whose waiters have keys: a released slot goes to the waiting key that holds the fewest slots."""

    def __init__(self, size: int, *, per_key: int | None = None) -> None:
        self._size = self._free = size
        self._per_key = size if per_key is None else per_key
        self._held: Counter[Hashable] = Counter()
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}

    def usage(self, name: str) -> PoolUsage:
        """Return how busy the slots are."""
        return PoolUsage(name, self._size, self._size - self._free, sum(map(len, self._waiting.values())))

    async def acquire(self, key: Hashable) -> None:
        """Take a slot for the key, waiting for one if necessary."""
        if self._free and not self._waiting and self._held[key] < self._per_key:
            self._take(key)
            return
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(granted)
        self._grant()
        try:
            await granted
        except asyncio.CancelledError:
            if granted.cancelled():
                self._forget(key, granted)
            else:
                self.release(key)
            raise

    def release(self, key: Hashable) -> None:
        """Give a slot of the key back."""
        self._free += 1
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]
        self._grant()

    def _take(self, key: Hashable) -> None:
        self._free -= 1
        self._held[key] += 1

    def _grant(self) -> None:
        while self._free:
            # The order of the dictionary breaks ties: the key that has waited longest.
            allowed = [key for key in self._waiting if self._held[key] < self._per_key]
            if not allowed:
                return
            key = min(allowed, key=self._held.__getitem__)
            waiting = self._waiting.pop(key)
            granted = waiting.popleft()
            if waiting:
                self._waiting[key] = waiting
            if granted.cancelled():
                # Its task was cancelled a moment ago, and has not run since.
                continue
            self._take(key)
            granted.set_result(None)

    def _forget(self, key: Hashable, waiter: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(key, deque())
        # `_grant` has removed it already if it was its turn.
        with contextlib.suppress(ValueError):
            waiting.remove(waiter)
        if not waiting:
            self._waiting.pop(key, None)


class WriteSlots:
    """The slots of one process for writing, shared by the roots.

    Bulk work, which holds a connection for seconds, has at most half of them, and one for each root.
    """

    def __init__(self, size: int) -> None:
        self._all = FairSemaphore(size)
        self._bulk = FairSemaphore(max(1, size // 2), per_key=1)

    def usage(self, name: str) -> PoolUsage:
        """Return how busy the slots are; bulk work that waits for one of its own counts as waiting."""
        usage = self._all.usage(name)
        return usage._replace(waiting=usage.waiting + self._bulk.usage(name).waiting)

    @asynccontextmanager
    async def slot(self, root_id: int | None, *, bulk: bool) -> AsyncIterator[None]:
        """Hold a slot for a root, or for the server itself."""
        if not bulk:
            async with _Held(self._all, root_id):
                yield
            return
        async with _Held(self._bulk, root_id), _Held(self._all, root_id):
            yield


class _Held:
    """A slot for the duration of a `with` block."""

    def __init__(self, semaphore: FairSemaphore, key: Hashable) -> None:
        self._semaphore = semaphore
        self._key = key

    async def __aenter__(self) -> None:
        await self._semaphore.acquire(self._key)

    async def __aexit__(self, *_: object) -> None:
        self._semaphore.release(self._key)
