"""Read a server's outbox from the database."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from sqlalchemy import select

from db.core.statements import Statement
from db.core.tables import OutboxRow, columns
from db.mail.outbox import KINDS
from domain.mail import MailKind, MailState
from mail.links import Links
from mail.messages import Facts, load
from resolvers.access.operators import shared_secret
from tests.support.server import Server

_M = columns(OutboxRow)
_ALL = Statement(
    select(
        _M.id,
        _M.kind,
        _M.state,
        _M.recipients,
        _M.outstanding,
        _M.subject,
        _M.facts,
        _M.message_id,
        _M.attempts,
        _M.error,
        _M.due_at,
    ).order_by(_M.id)
)


class Mail(NamedTuple):
    id: int
    kind: MailKind
    state: MailState
    to: list[str]
    outstanding: list[str]
    subject: str
    facts: Facts | None
    message_id: str | None
    attempts: int
    error: str | None
    seconds_until_due: float


def mails(server: Server, *, after: int = 0) -> list[Mail]:
    """The mails in the order in which they were posted, those after an id."""
    server.fold()
    found = []
    for row in server.run(server.database.fetch(_ALL)):
        if row[0] > after:
            kind = KINDS[row[1]]
            found.append(
                Mail(
                    row[0],
                    kind,
                    MailState(row[2]),
                    orjson.loads(row[3]),
                    orjson.loads(row[4]),
                    row[5],
                    load(kind, row[6]) if row[6] else None,
                    row[7],
                    row[8],
                    row[9],
                    (row[10] - server.clock()).total_seconds(),
                )
            )
    return found


def facts_of(mail: Mail) -> Any:
    """Return the facts of a waiting mail."""
    assert mail.facts is not None
    return mail.facts


def token_of(server: Server, address: str) -> str:
    """The token of the last link that went to an address."""
    links = Links(server.run(shared_secret(server.database)).encode(), "", "")
    seeds = [facts_of(mail).seed for mail in mails(server) if mail.to == [address] and hasattr(mail.facts, "seed")]
    return links.token(seeds[-1])
