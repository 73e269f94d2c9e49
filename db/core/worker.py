"""Workers: any number of them, in any number of processes, do the work of one queue (see `db.core.leases`)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from db.core.database import Database, DatabaseConnection, TransactionAborted
from db.core.leases import Leases
from db.core.retry_logger import RetryLogger

LEASE = timedelta(seconds=15)
"""Lifetime of a claim; it is renewed three times as often."""

POLL_SECONDS = 1.0
"""Interval at which a worker looks for what another process has queued."""


class Claim(Protocol):
    """A row that one worker may work on; `attempts` distinguishes this claim from earlier and later ones."""

    @property
    def id(self) -> int:
        """The id of the row."""

    @property
    def attempts(self) -> int:
        """The number of this claim."""


C = TypeVar("C", bound=Claim)


class Worker(ABC, Generic[C]):
    """Claims rows of a queue and works on them, several at a time.

    `wake` is set after the commit of a transaction that has queued something. A stopping worker waits for what runs, up
    to `grace_seconds`, and cancels the rest.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        leases: Leases,
        *,
        wake: asyncio.Event,
        concurrency: int,
        grace_seconds: float,
        logger: logging.Logger,
    ) -> None:
        self._database = database
        self._clock = clock
        self._leases = leases
        self._wake = wake
        self._concurrency = concurrency
        self._grace_seconds = grace_seconds
        self._logger = logger
        self._search_logger = RetryLogger(logger, "cannot look for work")
        self._renewal_logger = RetryLogger(logger, "cannot renew a claim")
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    @abstractmethod
    async def _claim(
        self, connection: DatabaseConnection, *, now: datetime, until: datetime, **parameters: Any
    ) -> C | None:
        """Claim the row that has been due the longest."""

    async def _claim_parameters(self, connection: DatabaseConnection, *, now: datetime) -> dict[str, Any]:
        """Return the parameters of the condition under which a row may be claimed."""
        del connection, now
        return {}

    @abstractmethod
    async def _work(self, claim: C) -> None:
        """Work on a claimed row and settle it."""

    def start(self) -> None:
        """Start working in the background."""
        self._tasks = [asyncio.create_task(self._run()) for _ in range(self._concurrency)]

    async def stop(self) -> None:
        """Stop working."""
        self._stopping = True
        self._wake.set()
        if self._tasks and self._grace_seconds:
            await asyncio.wait(self._tasks, timeout=self._grace_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def work_once(self) -> None:
        """Attempt every row that is due now once."""
        now = self._clock()
        await asyncio.gather(*(self._drain(now) for _ in range(self._concurrency)))

    async def _drain(self, now: datetime) -> None:
        while await self._work_on_next(now):
            pass

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                while await self._work_on_next(self._clock()):
                    pass
                self._search_logger.success()
            except TransactionAborted:
                self._logger.debug("another process is writing; looking for work again", exc_info=True)
            except Exception:
                self._search_logger.exception()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)

    async def _work_on_next(self, now: datetime) -> bool:
        """Claim a row that is due and work on it; return whether there was one."""
        if self._stopping:
            return False
        async with self._database.read() as connection:
            parameters = await self._claim_parameters(connection, now=now)
            if not await self._leases.is_due(connection, now=now, **parameters):
                return False
        claim = await self._claim_after_others(now, parameters)
        if claim is None:
            return False
        renewal = asyncio.create_task(self._keep_renewing(claim))
        try:
            await self._work(claim)
        finally:
            renewal.cancel()
        return True

    async def _claim_after_others(self, now: datetime, parameters: dict[str, Any]) -> C | None:
        """Claim a row; after a long wait for the database, only when others had time to settle or renew their claims.

        On SQLite, a bulk change of one process keeps those of the others from both.
        """
        started_at = time.monotonic()
        async with self._database.write() as connection:
            if time.monotonic() - started_at < POLL_SECONDS:
                return await self._claim(connection, now=now, until=self._clock() + LEASE, **parameters)
        await asyncio.sleep(POLL_SECONDS)
        async with self._database.write() as connection:
            return await self._claim(connection, now=now, until=self._clock() + LEASE, **parameters)

    async def _keep_renewing(self, claim: C) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                async with self._database.write() as connection:
                    await self._leases.renew(connection, claim.id, claim.attempts, until=self._clock() + LEASE)
                self._renewal_logger.success()
            except Exception:
                self._renewal_logger.exception()
