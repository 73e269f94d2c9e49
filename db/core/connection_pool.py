"""Connections that are lent: opened when they are needed, kept, and each used by one at a time.

A driver's own pool does the same with more care than is needed here (it resets what it takes back, times what is idle,
and stands between the caller and every call), which costs a short read more than the read itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Generic, Protocol, TypeVar

CLOSING_SECONDS = 10
"""How long a connection may take to close: a statement that runs on it is cancelled first."""


class Lendable(Protocol):
    """A connection."""

    @property
    def is_closed(self) -> bool:
        """Whether it is of no use any more."""

    async def close(self, *, timeout: float) -> None:  # noqa: ASYNC109 - the driver's own
        """Cancel what runs on it, and close it; at once when the time is over."""


C = TypeVar("C", bound=Lendable)


class ConnectionPool(Generic[C]):
    """Lends up to `size` connections at once; whoever asks for more waits his turn."""

    def __init__(self, connect: Callable[[], Awaitable[C]], *, size: int) -> None:
        self._connect = connect
        self._size = size
        self._turns = asyncio.Semaphore(size)
        self._idle: list[C] = []
        self._closing: set[asyncio.Task[None]] = set()

    def acquire(self) -> Acquisition[C]:
        """A connection, for a `with` block."""
        return Acquisition(self)

    async def take(self) -> C:
        """A connection, which has to be brought back."""
        await self._turns.acquire()
        try:
            return self._open() or await self._connect()
        except BaseException:
            self._turns.release()
            raise

    def take_back(self, connection: C, *, whole: bool) -> None:
        """Take a connection back; where it may be in the middle of something, to be closed."""
        if whole:
            self._idle.append(connection)
        else:
            self._give_up(connection)
        self._turns.release()

    def _open(self) -> C | None:
        """The connection that was used last, of those that are not lost."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed:
                return connection
        return None

    def _give_up(self, connection: C) -> None:
        task = asyncio.get_running_loop().create_task(connection.close(timeout=CLOSING_SECONDS))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close every connection, once those that are lent are back."""
        for _ in range(self._size):
            await self._turns.acquire()
        while self._idle:
            self._give_up(self._idle.pop())
        await asyncio.gather(*self._closing, return_exceptions=True)


class Acquisition(AbstractAsyncContextManager[C]):
    """A connection for as long as a `with` block lasts.

    Whoever is cancelled while he has it may leave it in the middle of something: it is closed.
    """

    __slots__ = ("_connection", "_lender")

    def __init__(self, lender: ConnectionPool[C]) -> None:
        self._lender = lender

    async def __aenter__(self) -> C:
        self._connection = await self._lender.take()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._lender.take_back(self._connection, whole=kind is None or issubclass(kind, Exception))
