"""The outbox worker: any number of workers, in any number of processes, deliver the mail of one database.

A worker claims a mail for a few seconds and renews the claim while the delivery takes; if the worker dies, the claim
expires and another worker takes over. So every mail is delivered at least once, with the same Message-ID each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address

from db.core.database import Database
from db.mail import outbox
from db.mail.outbox import Claim
from domain.mail import RETRY_FOR, retry_delay
from mail.envelope import address, compose
from mail.links import Links
from mail.messages import load, render
from mail.transports import DeliveryFailed, MailTransport

logger = logging.getLogger("dialtree.mail")

CONCURRENT_DELIVERIES = 4
"""Deliveries that one worker runs at once, so that a slow server or a large mail does not hold up the others."""

LEASE = timedelta(seconds=15)
"""Lifetime of a claim; it is renewed three times as often."""

POLL_SECONDS = 1.0
"""Interval at which a worker looks for mail that another process has queued."""

GRACE_SECONDS = 5.0
"""Time that running deliveries have to finish when a worker stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOptions:
    """How a worker delivers mail; `retry_after` is the delay before the first retry.

    `mail_queued` wakes the worker; set it after the commit of a transaction that queued mail.
    """

    transport: MailTransport
    links: Links
    sender: Address
    retry_after: timedelta
    mail_queued: asyncio.Event = field(default_factory=asyncio.Event)


class OutboxWorker:
    """Delivers mail from a database's outbox."""

    def __init__(self, database: Database, clock: Callable[[], datetime], options: DeliveryOptions) -> None:
        self._database = database
        self._clock = clock
        self._options = options
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start delivering in the background."""
        self._tasks = [asyncio.create_task(self._run()) for _ in range(CONCURRENT_DELIVERIES)]

    async def stop(self) -> None:
        """Stop. Running deliveries may finish within GRACE_SECONDS."""
        self._stopping = True
        self._options.mail_queued.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def deliver_waiting(self) -> None:
        """Attempt every waiting mail once, including those whose next attempt is not due yet."""
        async with self._database.write() as connection:
            await outbox.make_due(connection, now=self._clock())
        await self.deliver_due()

    async def deliver_due(self) -> None:
        """Attempt every mail that is due once."""
        now = self._clock()
        await asyncio.gather(*(self._drain(now) for _ in range(CONCURRENT_DELIVERIES)))

    async def _drain(self, now: datetime) -> None:
        while await self._deliver_next(now):
            pass

    async def _run(self) -> None:
        mail_queued = self._options.mail_queued
        while not self._stopping:
            mail_queued.clear()
            try:
                while await self._deliver_next(self._clock()):
                    pass
            except Exception:
                logger.exception("cannot read the outbox; retrying in %s seconds", POLL_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(mail_queued.wait(), POLL_SECONDS)

    async def _deliver_next(self, now: datetime) -> bool:
        """Claim and deliver a mail that is due; return whether there was one."""
        if self._stopping:
            return False
        async with self._database.read() as connection:
            if not await outbox.is_due(connection, now=now):
                return False
        until = self._clock() + LEASE
        message_id = f"{uuid.uuid4().hex}@{self._options.sender.domain}"
        async with self._database.write() as connection:
            claim = await outbox.claim(connection, now=now, until=until, message_id=message_id)
        if claim is None:
            return False
        renewal = asyncio.create_task(self._renew(claim))
        try:
            await self._deliver(claim)
        finally:
            renewal.cancel()
        return True

    async def _renew(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                async with self._database.write() as connection:
                    await outbox.renew_claim(connection, claim, until=self._clock() + LEASE)
            except Exception:
                logger.exception("cannot renew the claim of mail %s; retrying", claim.id)

    async def _deliver(self, claim: Claim) -> None:
        try:
            await self._send(claim)
        except DeliveryFailed as failure:
            await self._record_failure(claim, failure)
            return
        async with self._database.write() as connection:
            await outbox.mark_delivered(connection, claim, now=self._clock())
        logger.info("sent mail %s (%s)", claim.id, claim.kind.name)

    async def _send(self, claim: Claim) -> None:
        options = self._options
        all_recipients = range(len(claim.outstanding))
        try:
            to = [address(email) for email in claim.outstanding]
            mail = compose(
                render(load(claim.kind, claim.facts), options.links),
                sender=options.sender,
                to=to,
                message_id=claim.message_id,
                at=claim.created_at,
            )
        except Exception as error:
            logger.exception("cannot render mail %s", claim.id)
            raise DeliveryFailed(
                f"cannot render the mail: {error}", undelivered=all_recipients, permanent=True
            ) from error
        try:
            await options.transport.send(mail, sender=options.sender, to=to)
        except DeliveryFailed:
            raise
        except Exception as error:
            logger.exception("unexpected error while sending mail %s", claim.id)
            raise DeliveryFailed(repr(error), undelivered=all_recipients, permanent=False) from error

    async def _record_failure(self, claim: Claim, failure: DeliveryFailed) -> None:
        undelivered = [claim.outstanding[index] for index in failure.undelivered]
        now = self._clock()
        waited = now - claim.waiting_since
        if failure.permanent or waited >= RETRY_FOR:
            logger.warning("mail %s (%s) failed: %s", claim.id, claim.kind.name, failure.error)
            async with self._database.write() as connection:
                await outbox.mark_failed(connection, claim, outstanding=undelivered, error=failure.error)
            return
        due_at = now + retry_delay(waited, base=self._options.retry_after, jitter=random.random())  # noqa: S311 - no secret
        logger.warning("mail %s (%s) will be retried: %s", claim.id, claim.kind.name, failure.error)
        async with self._database.write() as connection:
            await outbox.reschedule(connection, claim, outstanding=undelivered, error=failure.error, due_at=due_at)
