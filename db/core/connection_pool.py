"""A connection pool: connections are opened on demand, kept, and used by one task at a time.

asyncpg's own pool resets every connection that is released, times idle ones and wraps every call. That costs a short
read more than the read itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from db.core.pool_usage import PoolUsage
from domain.errors import Unavailable

CLOSE_TIMEOUT_SECONDS = 10
"""How long closing a connection may take; a statement that runs on it is cancelled first."""


class PooledConnection(Protocol):
    """A connection that a pool can keep."""

    @property
    def is_closed(self) -> bool:
        """Whether the connection is closed or lost."""

    async def close(self, *, timeout: float) -> None:  # noqa: ASYNC109 - the driver's own
        """Cancel what runs on the connection and close it, by force after the timeout."""


C = TypeVar("C", bound=PooledConnection)


class ConnectionPool(Generic[C]):
    """Up to `size` connections; further tasks wait until one is released."""

    def __init__(
        self, connect: Callable[[], Awaitable[C]], *, size: int, translate: Callable[[BaseException], Exception | None]
    ) -> None:
        """Create a pool; `translate` returns the exception to raise in place of one of the driver's, or None."""
        self.translate = translate
        self._connect = connect
        self._size = size
        self._available = asyncio.Semaphore(size)
        self._idle: list[C] = []
        self._closing: set[asyncio.Task[None]] = set()
        self._acquired = 0
        self._wanted = 0

    def usage(self, name: str) -> PoolUsage:
        """Return how busy the pool is."""
        return PoolUsage(name, self._size, self._acquired, self._wanted - self._acquired)

    def acquire(self) -> AcquiredConnection[C]:
        """Return a context manager that acquires a connection and releases it at the end of the block."""
        return AcquiredConnection(self)

    async def acquire_connection(self) -> C:
        """Acquire a connection. The caller must release it."""
        self._wanted += 1
        try:
            await self._available.acquire()
        except BaseException:
            self._wanted -= 1
            raise
        self._acquired += 1
        try:
            return self._pop_idle() or await self._connect()
        except BaseException as error:
            self._give_back()
            translated = self.translate(error)
            if translated is None:
                raise
            raise translated from error

    def release(self, connection: C, *, reusable: bool) -> None:
        """Return a connection to the pool; one that is not reusable is closed."""
        if reusable:
            self._idle.append(connection)
        else:
            self._close_soon(connection)
        self._give_back()

    def _give_back(self) -> None:
        self._acquired -= 1
        self._wanted -= 1
        self._available.release()

    def _pop_idle(self) -> C | None:
        """Return the most recently used idle connection that is still open."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed:
                return connection
        return None

    def _close_soon(self, connection: C) -> None:
        task = asyncio.get_running_loop().create_task(connection.close(timeout=CLOSE_TIMEOUT_SECONDS))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Wait until every connection is released, and close them."""
        for _ in range(self._size):
            await self._available.acquire()
        while self._idle:
            self._close_soon(self._idle.pop())
        await asyncio.gather(*self._closing, return_exceptions=True)


class AcquiredConnection(AbstractAsyncContextManager[C]):
    """A connection for the duration of a `with` block.

    The connection is closed, not reused, if the server was away, or if the task is cancelled inside the block: then a
    statement may still run.
    """

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: ConnectionPool[C]) -> None:
        self._pool = pool

    async def __aenter__(self) -> C:
        self._connection = await self._pool.acquire_connection()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        translated = None if error is None else self._pool.translate(error)
        is_lost = isinstance(translated, Unavailable)
        self._pool.release(self._connection, reusable=(kind is None or issubclass(kind, Exception)) and not is_lost)
        if translated is not None:
            raise translated from error
