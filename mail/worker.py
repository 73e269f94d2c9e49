"""Delivering what is in the outbox: any number of workers, in any number of processes, on one database.

A mail is claimed for a few seconds, and the claim is renewed for as long as its delivery takes; when a worker dies,
another one finds the claim run out. So every mail is delivered at least once, with the same Message-ID each time.
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
from mail.transports import MailTransport, NotDelivered

logger = logging.getLogger("dialtree.mail")

LANES = 4
"""How many mails one worker delivers at once, so that a slow server or a slow mail does not hold up the others."""

LEASE = timedelta(seconds=15)
POLL_SECONDS = 1.0
"""How soon a worker sees what another process has posted."""

GRACE_SECONDS = 5.0
"""How long a worker that stops lets its deliveries end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """How mail leaves: who takes it, what the links are, who it comes from, and how long the first pause is."""

    carrier: MailTransport
    links: Links
    sender: Address
    retry_after: timedelta
    posted: asyncio.Event = field(default_factory=asyncio.Event)


class OutboxWorker:
    """Delivers mail from a database's outbox."""

    def __init__(self, database: Database, clock: Callable[[], datetime], dispatch: Dispatch) -> None:
        self._database = database
        self._clock = clock
        self._dispatch = dispatch
        self._stopping = False
        self._lanes: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Deliver from now on, beside whatever else runs."""
        self._lanes = [asyncio.create_task(self._follow()) for _ in range(LANES)]

    async def stop(self) -> None:
        """Deliver nothing more; what is on its way may arrive within a few seconds."""
        self._stopping = True
        self._dispatch.posted.set()
        if self._lanes:
            await asyncio.wait(self._lanes, timeout=GRACE_SECONDS)
        for lane in self._lanes:
            lane.cancel()
        await asyncio.gather(*self._lanes, return_exceptions=True)

    async def deliver_waiting(self) -> None:
        """Try everything that waits once, whatever pause it has before it."""
        async with self._database.write() as connection:
            await outbox.make_due(connection, now=self._clock())
        await self.deliver_due()

    async def deliver_due(self) -> None:
        """Try everything that is due once."""
        now = self._clock()
        await asyncio.gather(*(self._drain(now) for _ in range(LANES)))

    async def _drain(self, now: datetime) -> None:
        while await self._deliver_next(now):
            pass

    async def _follow(self) -> None:
        posted = self._dispatch.posted
        while not self._stopping:
            posted.clear()
            try:
                while await self._deliver_next(self._clock()):
                    pass
            except Exception:
                logger.exception("the outbox can't be read; it is tried again in a moment")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(posted.wait(), POLL_SECONDS)

    async def _deliver_next(self, now: datetime) -> bool:
        """Deliver a mail that is due; whether there was one to claim."""
        if self._stopping:
            return False
        async with self._database.read() as connection:
            if not await outbox.is_due(connection, now=now):
                return False
        until = self._clock() + LEASE
        message_id = f"{uuid.uuid4().hex}@{self._dispatch.sender.domain}"
        async with self._database.write() as connection:
            held = await outbox.claim(connection, now=now, until=until, message_id=message_id)
        if held is None:
            return False
        renewing = asyncio.create_task(self._renew(held))
        try:
            await self._deliver(held)
        finally:
            renewing.cancel()
        return True

    async def _renew(self, held: Claim) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                async with self._database.write() as connection:
                    await outbox.renew_claim(connection, held, until=self._clock() + LEASE)
            except Exception:
                logger.exception("the claim of mail %s can't be renewed; it is tried again in a moment", held.id)

    async def _deliver(self, held: Claim) -> None:
        try:
            await self._carry(held)
        except NotDelivered as failure:
            outstanding = [held.outstanding[index] for index in failure.outstanding]
            await self._settle_failure(held, failure, outstanding)
            return
        async with self._database.write() as connection:
            await outbox.mark_delivered(connection, held, now=self._clock())
        logger.info("mail %s (%s) is sent", held.id, held.kind.name)

    async def _carry(self, held: Claim) -> None:
        dispatch = self._dispatch
        everybody = range(len(held.outstanding))
        try:
            to = [address(email) for email in held.outstanding]
            mail = compose(
                render(load(held.kind, held.facts), dispatch.links),
                sender=dispatch.sender,
                to=to,
                message_id=held.message_id,
                at=held.created_at,
            )
        except Exception as error:
            logger.exception("mail %s can't be written", held.id)
            raise NotDelivered(f"the mail can't be written: {error}", outstanding=everybody, for_good=True) from error
        try:
            await dispatch.carrier.send(mail, sender=dispatch.sender, to=to)
        except NotDelivered:
            raise
        except Exception as error:
            logger.exception("mail %s met an unforeseen fault", held.id)
            raise NotDelivered(repr(error), outstanding=everybody, for_good=False) from error

    async def _settle_failure(self, held: Claim, failure: NotDelivered, outstanding: list[str]) -> None:
        now = self._clock()
        waited = now - held.waiting_since
        if failure.for_good or waited >= RETRY_FOR:
            logger.warning("mail %s (%s) has failed: %s", held.id, held.kind.name, failure.error)
            async with self._database.write() as connection:
                await outbox.mark_failed(connection, held, outstanding=outstanding, error=failure.error)
            return
        again = now + retry_delay(waited, base=self._dispatch.retry_after, jitter=random.random())  # noqa: S311 - no secret
        logger.warning("mail %s (%s) is tried again: %s", held.id, held.kind.name, failure.error)
        async with self._database.write() as connection:
            await outbox.reschedule(connection, held, outstanding=outstanding, error=failure.error, due_at=again)
