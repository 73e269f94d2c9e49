"""The job worker: any number of workers, in any number of processes, run the jobs of one database.

The mutation and the end of its job are one transaction. So a job whose server dies has either succeeded or changed
nothing; in the latter case another worker runs it when its claim ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import orjson

from db.core.cancellation import finish
from db.core.database import Database, DatabaseConnection, TransactionAborted
from db.core.retry_logger import RetryLogger
from db.core.worker import LEASE, Worker
from db.jobs import queue, signals
from db.jobs.queue import JobClaim
from domain.errors import DialtreeError, RequestFailed
from domain.jobs import MAX_FAILURES, given_up, retry_delay
from resolvers.core.context import Clock
from resolvers.core.deployment import Deployment
from resolvers.core.idempotency import dump_refusal
from resolvers.core.job_run import ClaimLost, JobRun
from resolvers.core.transactions import write_with_retries
from resolvers.jobs.running import run_job

logger = logging.getLogger("dialtree.jobs")

CONCURRENT_JOBS = 2
"""Jobs that one process runs at once, of different roots."""

SIGNAL_SECONDS = 0.5
"""How often a running job publishes its progress and looks whether it is to be cancelled."""


class JobWorker(Worker[JobClaim]):
    """Runs jobs from a database."""

    def __init__(self, database: Database, clock: Clock, deployment: Deployment) -> None:
        super().__init__(
            database,
            clock,
            queue.LEASES,
            wake=deployment.jobs_queued,
            concurrency=CONCURRENT_JOBS,
            # Another process can start again at once.
            grace_seconds=0,
            logger=logger,
        )
        self._deployment = deployment

    async def _claim_parameters(self, connection: DatabaseConnection, *, now: datetime) -> dict[str, Any]:
        overdue = await queue.overdue(connection, now=now)
        if not overdue:
            return {"alive": []}
        async with self._database.aside() as aside:
            found = await signals.find(aside, [job_id for job_id, _, _ in overdue])
        return {
            "alive": [
                job_id
                for job_id, created_at, attempt in overdue
                if (signal := found.get((job_id, created_at))) is not None
                and signal.attempt == attempt
                and signal.reported_at is not None
                and signal.reported_at > now - LEASE
            ]
        }

    async def _claim(
        self, connection: DatabaseConnection, *, now: datetime, until: datetime, **parameters: Any
    ) -> JobClaim | None:
        return await queue.claim(connection, now=now, until=until, **parameters)

    async def _work(self, claim: JobClaim) -> None:
        self._deployment.job_changed(claim.id)
        if claim.failures >= MAX_FAILURES:
            logger.error("job %s (%s) was given up", claim.id, claim.kind.name)
            await self._fail(claim, given_up())
            await self._forget(claim)
            return
        run = JobRun(claim)
        running = asyncio.create_task(run_job(self._database, self._clock, self._deployment, run))
        following = asyncio.create_task(self._follow(run, running))
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError:
            await finish(self._release(claim, running))
            raise
        finally:
            following.cancel()
            await asyncio.wait([following])
        await self._settle(claim, running)

    async def _release(self, claim: JobClaim, running: asyncio.Task[None]) -> None:
        """Roll a job back, and let another process take it at once."""
        running.cancel()
        await asyncio.wait([running])
        if await self._record(queue.release, claim):
            logger.info("released job %s (%s)", claim.id, claim.kind.name)
        else:
            logger.info("job %s (%s) ended before it was released", claim.id, claim.kind.name)

    async def _follow(self, run: JobRun, running: asyncio.Task[None]) -> None:
        """Publish the progress of a job, and cancel it if a caller asks for it."""
        log = RetryLogger(logger, f"cannot publish the progress of job {run.claim.id}")
        published = None
        while True:
            progress = run.progress
            try:
                async with self._database.aside(writes=True) as connection:
                    claim = run.claim
                    is_cancelled = await signals.report(
                        connection,
                        claim.id,
                        claim.created_at,
                        attempt=claim.attempts,
                        progress=progress,
                        now=self._clock(),
                    )
            except Exception:
                log.exception()
            else:
                log.success()
                if is_cancelled:
                    running.cancel()
                    return
                if progress != published:
                    self._deployment.job_changed(run.claim.id)
                published = progress
            await asyncio.sleep(SIGNAL_SECONDS)

    async def _settle(self, claim: JobClaim, running: asyncio.Task[None]) -> None:
        """Record how a job has ended, unless it has recorded that itself."""
        error = None if running.cancelled() else running.exception()
        if running.cancelled():
            if await self._record(queue.cancel_running, claim):
                logger.info("cancelled job %s (%s)", claim.id, claim.kind.name)
            else:
                self._deployment.wake_workers()
                logger.info("job %s (%s) ended before it was cancelled", claim.id, claim.kind.name)
        else:
            await self._settle_result(claim, error)
        if error is None or isinstance(error, DialtreeError):
            await self._forget(claim)

    async def _forget(self, claim: JobClaim) -> None:
        """Delete the signals of a job that has ended, and tell its followers."""
        async with self._database.aside(writes=True) as connection:
            await signals.forget(connection, claim.id, attempt=claim.attempts)
        self._deployment.job_changed(claim.id)

    async def _settle_result(self, claim: JobClaim, error: BaseException | None) -> None:
        if error is None:
            logger.info("job %s (%s) succeeded", claim.id, claim.kind.name)
        elif isinstance(error, DialtreeError):
            logger.info("job %s (%s) failed: %s", claim.id, claim.kind.name, error.message)
            await self._fail(claim, error)
        elif isinstance(error, ClaimLost):
            logger.warning("lost the claim of job %s (%s)", claim.id, claim.kind.name)
        elif isinstance(error, RequestFailed | TransactionAborted | OSError):
            # It may have succeeded; otherwise it is run again when its claim ends.
            logger.error("job %s (%s) was interrupted: %s", claim.id, claim.kind.name, error)
        else:
            logger.error("job %s (%s) failed unexpectedly", claim.id, claim.kind.name, exc_info=error)
            due_at = self._clock() + retry_delay(claim.failures)
            async with self._database.write() as connection:
                await queue.retry(connection, claim, due_at=due_at)

    async def _record(self, settle: Callable[..., Awaitable[bool]], claim: JobClaim, **values: str) -> bool:
        return await write_with_retries(
            self._database, lambda connection: settle(connection, claim, now=self._clock(), **values)
        )

    async def _fail(self, claim: JobClaim, error: DialtreeError) -> None:
        await self._record(queue.fail, claim, errors=orjson.dumps(dump_refusal(error)).decode())
