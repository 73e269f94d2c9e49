"""How much mail waits to be delivered, in the whole deployment."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from db.core.database import Database
from db.mail import outbox


class MailBacklog(NamedTuple):
    """The number of waiting mails and the age of the oldest, 0 if there are none."""

    waiting: int
    oldest_seconds: float


async def mail_backlog(database: Database, *, now: datetime) -> MailBacklog:
    """Count the waiting mails."""
    async with database.read() as connection:
        waiting, since = await outbox.backlog(connection)
    return MailBacklog(waiting, (now - since).total_seconds() if since else 0.0)
