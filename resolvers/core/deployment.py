"""Settings and signals of the whole deployment that use cases need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from domain.invitations import INVITATION_DAYS
from domain.numbers import DEFAULT_REGION
from mail.links import Links


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The deployment: links in mails, lifetime of invitations, default supplier of numbers, signal to the mail worker.

    The supplier's email address and telephone number are empty if none is set.
    """

    links: Links
    invitation_lifetime: timedelta = timedelta(days=INVITATION_DAYS)
    supplier_email: str = ""
    supplier_telephone: str = ""
    region: str = DEFAULT_REGION
    """The region in which organizations write national numbers unless they set another one."""

    mail_queued: asyncio.Event = field(default_factory=asyncio.Event)
    """Set after the commit of a transaction that queued mail."""

    counters_changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set after the commit of a transaction that appended changes to counters."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set after the commit of a transaction that subscribers may have to be told about."""

    jobs_queued: asyncio.Event = field(default_factory=asyncio.Event)
    """Set after the commit of a transaction that queued a job."""

    job_listeners: list[Callable[[int], None]] = field(default_factory=list)
    """Called with the id of a job after it has changed: its row, its progress, or a request to cancel it."""

    def wake_workers(self) -> None:
        """Tell the workers of this process that there may be work for them."""
        for event in (self.mail_queued, self.counters_changed, self.changed):
            event.set()

    def job_changed(self, job_id: int) -> None:
        """Tell the listeners of this process that a job has changed."""
        for listener in self.job_listeners:
            listener(job_id)

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """The keys of signed links, the same in all processes of the deployment: the first signs, all verify."""
        return (self.links.secret, *self.links.older_secrets)
