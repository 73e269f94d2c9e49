"""The outbox: a transaction inserts its mails, and a worker claims, delivers and settles them.

For claims see `db.core.leases`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import Text, and_, bindparam, func, insert, select, update

from db.core.database import DatabaseConnection
from db.core.leases import NOW, Leases
from db.core.statements import Row, Statement
from db.core.tables import MAIL_WAITS, OutboxRow, UserRow, columns, table
from db.core.types import Identifier, Instant
from domain.mail import MailKind, MailState
from domain.users import UserStatus


class NewMail(NamedTuple):
    """A mail to deliver. `user_id` is the invited user, whose status follows the delivery."""

    kind: MailKind
    organization_id: int
    recipients: Sequence[str]
    subject: str
    facts: str
    user_id: int | None = None


class Claim(NamedTuple):
    """A mail that one worker may deliver now; `attempts` distinguishes this claim from earlier and later ones."""

    id: int
    kind: MailKind
    user_id: int | None
    outstanding: list[str]
    facts: str
    message_id: str
    attempts: int
    created_at: datetime
    waiting_since: datetime


_M, _U = columns(OutboxRow), columns(UserRow)
_ID = bindparam("id", type_=Identifier)
_ERROR = bindparam("error", type_=Text())
KINDS = tuple(MailKind)

_INSERT = (
    insert(table(OutboxRow))
    .values(
        {
            name: bindparam(name, type_=_M[name].type)
            for name in ("kind", "organization_id", "user_id", "recipients", "subject", "facts")
        }
    )
    .values(
        state=int(MailState.WAITING),
        outstanding=bindparam("recipients", type_=Text()),
        attempts=0,
        created_at=NOW,
        waiting_since=NOW,
        due_at=NOW,
    )
)
_INSERT_MAIL = Statement(_INSERT)
_INSERT_RETURNING_ID = Statement(_INSERT.returning(_M.id))


def _parameters(mail: NewMail, now: datetime) -> dict[str, object]:
    return mail._asdict() | {"recipients": orjson.dumps(list(mail.recipients)).decode(), "now": now}


async def enqueue(connection: DatabaseConnection, mails: Iterable[NewMail], *, now: datetime) -> None:
    """Insert mails, to be delivered once the transaction is committed."""
    await connection.execute_many(_INSERT_MAIL, (_parameters(mail, now) for mail in mails))


async def enqueue_one(connection: DatabaseConnection, mail: NewMail, *, now: datetime) -> int:
    """Insert a mail and return its id."""
    mail_id: int = await connection.value(_INSERT_RETURNING_ID, **_parameters(mail, now))
    return mail_id


LEASES = Leases(OutboxRow, is_open=MAIL_WAITS)
_CLAIM = LEASES.claiming(
    *(_M[name] for name in Claim._fields),
    message_id=func.coalesce(_M.message_id, bindparam("message_id", type_=Text())),
)
_BACKLOG = Statement(select(func.count(), func.min(_M.waiting_since)).where(MAIL_WAITS))


class Backlog(NamedTuple):
    """The number of waiting mails, and since when the oldest has waited."""

    waiting: int
    oldest_since: datetime | None


async def backlog(connection: DatabaseConnection) -> Backlog:
    """Count the waiting mails."""
    rows = await connection.fetch(_BACKLOG)
    return Backlog(*rows[0])


async def claim(connection: DatabaseConnection, *, now: datetime, until: datetime, message_id: str) -> Claim | None:
    """Claim the mail that has been due the longest, until a moment. On the first attempt it gets the message id."""
    row = await connection.fetch_one(_CLAIM, now=now, until=until, message_id=message_id)
    return _claim(row) if row else None


def _claim(row: Row) -> Claim:
    values = Claim._make(row)
    return values._replace(kind=KINDS[row[1]], outstanding=orjson.loads(row[3]))


_DELIVERED = Statement(
    update(table(OutboxRow))
    .where(LEASES.is_held)
    .values(
        state=int(MailState.SENT),
        outstanding="[]",
        facts=None,
        error=None,
        sent_at=NOW,
        claimed_until=None,
    )
)
_OUTSTANDING = bindparam("outstanding", type_=Text())
_RESCHEDULE = Statement(
    update(table(OutboxRow))
    .where(LEASES.is_held)
    .values(outstanding=_OUTSTANDING, error=_ERROR, due_at=bindparam("due_at", type_=Instant()), claimed_until=None)
)
_FAILED = Statement(
    update(table(OutboxRow))
    .where(LEASES.is_held)
    .values(state=int(MailState.FAILED), outstanding=_OUTSTANDING, error=_ERROR, claimed_until=None)
)


async def mark_delivered(connection: DatabaseConnection, claim: Claim, *, now: datetime) -> None:
    """Settle a mail that was delivered to all recipients, and delete its facts."""
    if await connection.execute(_DELIVERED, id=claim.id, attempt=claim.attempts, now=now) and claim.user_id is not None:
        await connection.execute(_INVITED_AGAIN, id=claim.id, user_id=claim.user_id)


async def reschedule(
    connection: DatabaseConnection, claim: Claim, *, outstanding: Sequence[str], error: str, due_at: datetime
) -> None:
    """Schedule the next attempt of a mail after a temporary failure."""
    await connection.execute(
        _RESCHEDULE,
        id=claim.id,
        attempt=claim.attempts,
        outstanding=orjson.dumps(list(outstanding)).decode(),
        error=error,
        due_at=due_at,
    )


async def mark_failed(connection: DatabaseConnection, claim: Claim, *, outstanding: Sequence[str], error: str) -> None:
    """Settle a mail after a permanent failure. A user whom it invites becomes INVITATION_FAILED."""
    changed = await connection.execute(
        _FAILED,
        id=claim.id,
        attempt=claim.attempts,
        outstanding=orjson.dumps(list(outstanding)).decode(),
        error=error,
    )
    if changed and claim.user_id is not None:
        await connection.execute(_INVITATION_FAILED, id=claim.id, user_id=claim.user_id, error=error)


_later = table(OutboxRow).alias()
_is_latest = ~select(_later.c.id).where(_later.c.user_id == _U.id, _later.c.id > _ID).exists()
"""Excludes mails that a newer invitation of the same user has replaced."""

_OF_USER = and_(_U.id == bindparam("user_id", type_=Identifier), _is_latest)
_INVITATION_FAILED = Statement(
    update(table(UserRow))
    .where(_OF_USER, _U.status == int(UserStatus.INVITED))
    .values(status=int(UserStatus.INVITATION_FAILED), invitation_error=_ERROR)
)
_INVITED_AGAIN = Statement(
    update(table(UserRow))
    # A user whose email address was changed since has no valid link.
    .where(_OF_USER, _U.status == int(UserStatus.INVITATION_FAILED), _U.invitation_digest.is_not(None))
    .values(status=int(UserStatus.INVITED), invitation_error=None)
)

_MAKE_DUE = Statement(update(table(OutboxRow)).where(MAIL_WAITS, _M.due_at > NOW).values(due_at=NOW))
_RETRY = Statement(
    update(table(OutboxRow))
    .where(_M.id == _ID, _M.state == int(MailState.FAILED))
    .values(state=int(MailState.WAITING), error=None, waiting_since=NOW, due_at=NOW)
)


async def make_due(connection: DatabaseConnection, *, now: datetime) -> None:
    """Make every waiting mail due now, regardless of when its next attempt was scheduled."""
    await connection.execute(_MAKE_DUE, now=now)


async def retry(connection: DatabaseConnection, mail_id: int, *, now: datetime) -> bool:
    """Set a failed mail to waiting; return False if it was not failed."""
    return await connection.execute(_RETRY, id=mail_id, now=now) == 1
