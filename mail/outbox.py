"""Posting: a mail goes into the outbox inside the transaction of what it tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from db.core.database import DatabaseConnection
from db.mail import outbox
from db.mail.outbox import NewMail
from mail.messages import Facts, dump, one_line


class OutgoingMail(NamedTuple):
    """A mail and whom it goes to; `organization_id` is whose administrators see it among their deliveries.

    `user_id` is given with an invitation: when its mail is refused for good, the user is INVITATION_FAILED.
    """

    facts: Facts
    to: Sequence[str]
    organization_id: int
    user_id: int | None = None


def _new(letter: OutgoingMail) -> NewMail:
    facts = letter.facts
    return NewMail(
        kind=facts.kind,
        organization_id=letter.organization_id,
        recipients=letter.to,
        subject=one_line(facts.subject),
        facts=dump(facts),
        user_id=letter.user_id,
    )


async def post(connection: DatabaseConnection, mails: Iterable[OutgoingMail], *, now: datetime) -> None:
    """Post any number of mails."""
    await outbox.post(connection, map(_new, mails), now=now)


async def post_one(connection: DatabaseConnection, letter: OutgoingMail, *, now: datetime) -> int:
    """Post one mail; its id."""
    return await outbox.post_one(connection, _new(letter), now=now)
