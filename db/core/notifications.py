"""PostgreSQL's notifications: they only say that there is something to read, so a lost one delays and loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import asyncpg

from db.core.database import ChangeWatch

CHANNEL = "dialtree_changes"

POLL_SECONDS = 2.0
"""How long a watch waits for a notification at most."""


class NotificationWatch(ChangeWatch):
    """Listens on a connection of its own, which is opened again when it is lost."""

    def __init__(self, url: str, connection_errors: tuple[type[BaseException], ...]) -> None:
        self._url = url
        self._connection_errors = connection_errors
        self._connection: Any = None
        self._notified = asyncio.Event()

    async def wait(self) -> None:
        """Wait for a notification, for a lost connection, or for a few seconds."""
        if await self._reconnected():
            # Notifications may have been missed in between.
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._notified.wait(), POLL_SECONDS)
        self._notified.clear()

    async def _reconnected(self) -> bool:
        if self._connection is not None and not self._connection.is_closed():
            return False
        try:
            self._connection = await asyncpg.connect(self._url, timeout=POLL_SECONDS)
            await self._connection.add_listener(CHANNEL, self._wake)
        except self._connection_errors:
            return False
        self._connection.add_termination_listener(self._wake)
        return True

    def _wake(self, *_details: Any) -> None:
        self._notified.set()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.remove_termination_listener(self._wake)
            self._connection.terminate()
