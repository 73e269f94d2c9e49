"""Queue mail: it goes into the outbox in the same transaction as the change that it reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from db.core.database import DatabaseConnection
from db.mail import outbox
from db.mail.outbox import NewMail
from mail.messages import Facts, dump, one_line


class OutgoingMail(NamedTuple):
    """A mail and its recipients; the delivery is listed for administrators of `organization_id`.

    `user_id` is set for an invitation: if its mail fails permanently, the user becomes INVITATION_FAILED.
    """

    facts: Facts
    to: Sequence[str]
    organization_id: int
    user_id: int | None = None


def _row(mail: OutgoingMail) -> NewMail:
    facts = mail.facts
    return NewMail(
        kind=facts.kind,
        organization_id=mail.organization_id,
        recipients=mail.to,
        subject=one_line(facts.subject),
        facts=dump(facts),
        user_id=mail.user_id,
    )


async def enqueue(connection: DatabaseConnection, mails: Iterable[OutgoingMail], *, now: datetime) -> None:
    """Queue any number of mails."""
    await outbox.enqueue(connection, map(_row, mails), now=now)


async def enqueue_one(connection: DatabaseConnection, mail: OutgoingMail, *, now: datetime) -> int:
    """Queue one mail and return its id."""
    return await outbox.enqueue_one(connection, _row(mail), now=now)
