"""The outbox worker: any number of workers, in any number of processes, deliver the mail of one database.

A mail whose worker dies is delivered by another one (see `db.core.worker`). So every mail is delivered at least once,
with the same Message-ID each time.
"""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from typing import Any

from db.core.database import Database, DatabaseConnection, TransactionAborted
from db.core.worker import Worker
from db.mail import outbox
from db.mail.outbox import Claim
from domain.errors import RequestFailed
from domain.mail import RETRY_FOR, retry_delay
from mail.envelope import address, compose
from mail.links import Links
from mail.messages import load, render
from mail.transports import DeliveryFailed, MailTransport

logger = logging.getLogger("dialtree.mail")

CONCURRENT_DELIVERIES = 4
"""Deliveries that one worker runs at once, so that a slow server or a large mail does not hold up the others."""

GRACE_SECONDS = 5.0
"""Time that running deliveries have to finish when a worker stops."""

SETTLE_SECONDS = 600.0
"""How long a worker tries to record what became of a mail while it cannot write to the database."""

SETTLE_PAUSE_SECONDS = 0.2


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


class OutboxWorker(Worker[Claim]):
    """Delivers mail from a database's outbox."""

    def __init__(self, database: Database, clock: Callable[[], datetime], options: DeliveryOptions) -> None:
        super().__init__(
            database,
            clock,
            outbox.LEASES,
            wake=options.mail_queued,
            concurrency=CONCURRENT_DELIVERIES,
            grace_seconds=GRACE_SECONDS,
            logger=logger,
        )
        self._options = options

    async def deliver_waiting(self) -> None:
        """Attempt every waiting mail once, including those whose next attempt is not due yet."""
        async with self._database.write() as connection:
            await outbox.make_due(connection, now=self._clock())
        await self.work_once()

    async def _claim(
        self, connection: DatabaseConnection, *, now: datetime, until: datetime, **_parameters: Any
    ) -> Claim | None:
        message_id = f"{uuid.uuid4().hex}@{self._options.sender.domain}"
        return await outbox.claim(connection, now=now, until=until, message_id=message_id)

    async def _work(self, claim: Claim) -> None:
        try:
            await self._send(claim)
        except DeliveryFailed as failure:
            await self._record_failure(claim, failure)
            return
        await self._settle(lambda connection: outbox.mark_delivered(connection, claim, now=self._clock()))
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
            await self._settle(
                lambda connection: outbox.mark_failed(connection, claim, outstanding=undelivered, error=failure.error)
            )
            return
        due_at = now + retry_delay(waited, base=self._options.retry_after, jitter=random.random())  # noqa: S311 - no secret
        logger.warning("mail %s (%s) will be retried: %s", claim.id, claim.kind.name, failure.error)
        await self._settle(
            lambda connection: outbox.reschedule(
                connection, claim, outstanding=undelivered, error=failure.error, due_at=due_at
            )
        )

    async def _settle(self, settle: Callable[[DatabaseConnection], Awaitable[None]]) -> None:
        """Record what became of a mail, again and again until it succeeds: otherwise the mail would be sent twice."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while True:
                try:
                    async with self._database.write() as connection:
                        await settle(connection)
                except (TransactionAborted, RequestFailed, OSError) as error:
                    logger.info("cannot record the delivery of a mail yet: %s", error)
                    await asyncio.sleep(SETTLE_PAUSE_SECONDS)
                else:
                    return
